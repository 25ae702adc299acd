"""The ten families of error, split by what the caller can do about them.

    GravenError
    ├── NotFound         ask for something else: it is not here
    ├── Conflict         look again: the state is not what was expected
    ├── Malformed        mend the input: it cannot be read
    ├── Mismatch         send it again: the bytes are not what was announced
    ├── Unauthenticated  say who you are
    ├── Forbidden        ask somebody who may
    ├── Refused          bring the proof: a rule said no
    ├── TooLarge         send less
    ├── Unsupported      use another way: this one is not offered
    └── Unavailable      try again later, or mend what graven stands on

Every error that reaches a user is one of these. Its message says what was got and what was expected; ``where`` says
at which place of which input; ``hint`` says what to do. ``status`` and ``exit_code`` are the one table that maps a
family to HTTP and to the command line; a protocol adds only the shape of its body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

__all__ = [
    "EXIT_CODES",
    "HTTP_STATUS",
    "Conflict",
    "Forbidden",
    "GravenError",
    "Malformed",
    "Mismatch",
    "NotFound",
    "Refused",
    "TooLarge",
    "Unauthenticated",
    "Unavailable",
    "Unsupported",
    "exit_code",
    "family",
    "status",
]


class GravenError(Exception):
    """What went wrong, in a sentence that its reader can act upon.

    >>> str(NotFound("no tag 'v2' in app/web", where="app/web:v2", hint="graven ls app/web shows the tags"))
    "no tag 'v2' in app/web (at app/web:v2): graven ls app/web shows the tags"
    """

    def __init__(
        self, message: str, *, where: str = "", hint: str = "", detail: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        """The file, line, path or reference at which it happened."""
        self.hint = hint
        """What to do about it, as one imperative sentence."""
        self.detail: Mapping[str, object] = MappingProxyType(dict(detail or {}))
        """Facts for machines; never a secret."""

    def __str__(self) -> str:
        at = f" (at {self.where})" if self.where else ""
        return f"{self.message}{at}: {self.hint}" if self.hint else f"{self.message}{at}"


class NotFound(GravenError):
    """It is not here."""


class Conflict(GravenError):
    """The state is not what the caller expected, or would break what never changes."""


class Malformed(GravenError):
    """The input cannot be read."""


class Mismatch(GravenError):
    """The bytes are not what was announced: another digest, length, range or signature."""


class Unauthenticated(GravenError):
    """Nobody known is asking."""


class Forbidden(GravenError):
    """Somebody known is asking for what they may not do."""


class Refused(GravenError):
    """A rule said no; the reasons are in ``detail``."""


class TooLarge(GravenError):
    """More than a stated limit."""


class Unsupported(GravenError):
    """Not offered here."""


class Unavailable(GravenError):
    """Something that graven stands on does not answer."""


HTTP_STATUS: Mapping[type[GravenError], int] = MappingProxyType(
    {
        NotFound: 404,
        Conflict: 409,
        Malformed: 400,
        Mismatch: 400,
        Unauthenticated: 401,
        Forbidden: 403,
        Refused: 403,
        TooLarge: 413,
        Unsupported: 405,
        Unavailable: 503,
        GravenError: 500,
    }
)

EXIT_CODES: Mapping[type[GravenError], int] = MappingProxyType(
    {
        Refused: 1,
        Forbidden: 1,
        Mismatch: 1,
        Conflict: 1,
        GravenError: 3,
    }
)
"""0 yes, 1 refused, 2 usage, 3 could not decide. What is not named here could not be decided."""


def status(error: GravenError) -> int:
    """Give the HTTP status of an error, by the nearest family above it.

    >>> status(TooLarge("manifest of 5 MiB, at most 4 MiB"))
    413
    """
    return next(HTTP_STATUS[family] for family in type(error).__mro__ if family in HTTP_STATUS)


def family(error: GravenError) -> str:
    """Name the family of an error, as the bodies of errors and the journal do.

    >>> family(TooLarge("manifest of 5 MiB, at most 4 MiB"))
    'too_large'
    """
    named = next(kind for kind in type(error).__mro__ if kind.__module__ == __name__)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", named.__name__).lower()


def exit_code(error: GravenError) -> int:
    """Give the exit code of an error, by the nearest family above it.

    >>> exit_code(Refused("unsigned")), exit_code(Unavailable("no server"))
    (1, 3)
    """
    return next(EXIT_CODES[family] for family in type(error).__mro__ if family in EXIT_CODES)
