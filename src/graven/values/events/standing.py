"""Who may do what, which keys sign, and the life of the log itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "AccessDenied",
    "AuditRead",
    "KeyCreated",
    "KeyRetired",
    "LogStarted",
    "LogStopped",
    "NameErased",
    "PrincipalCreated",
    "StrangersRefused",
    "TokenCreated",
    "TokenRevoked",
]


@dataclass(frozen=True, slots=True)
class PrincipalCreated:
    """Somebody or something can hold tokens from now on; its name is kept beside the journal."""

    principal: str
    kind: Literal["person", "service"]


@dataclass(frozen=True, slots=True)
class NameErased:
    """The name of a principal, which stood beside the journal, is known no longer."""

    principal: str


@dataclass(frozen=True, slots=True)
class TokenCreated:
    """A token works from now on."""

    token: str
    """Public id of the token."""
    principal: str
    secret_hash: str
    """SHA-256 of 256 random bits: it lets the token be recognised and not be made."""
    scopes: tuple[str, ...]
    """``ACTION:PATTERN`` each."""
    expires: str
    """Empty: never."""


@dataclass(frozen=True, slots=True)
class TokenRevoked:
    """A token works no longer."""

    token: str
    secret_hash: str


@dataclass(frozen=True, slots=True)
class AccessDenied:
    """Somebody known asked for what they may not do."""

    action: str
    resource: str


@dataclass(frozen=True, slots=True)
class StrangersRefused:
    """Callers without credentials were refused; counted, so that a stranger cannot fill the disk."""

    count: int
    window: str
    """The start of the minute."""


@dataclass(frozen=True, slots=True)
class KeyCreated:
    """A key of graven's own signs from now on."""

    purpose: Literal["log", "vsa", "tls"]
    fingerprint: str
    public: str
    """PEM, or a vkey."""


@dataclass(frozen=True, slots=True)
class KeyRetired:
    """A key of graven's own signs no longer; what it signed stands."""

    purpose: Literal["log", "vsa", "tls"]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class AuditRead:
    """Somebody read entries of the log."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class LogStarted:
    """A server took the log over."""

    version: str


@dataclass(frozen=True, slots=True)
class LogStopped:
    """A server let the log go in good order."""

    version: str
