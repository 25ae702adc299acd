"""Owns waivers: time-limited exceptions from single reasons of a refusal; never from what could not be decided.

    {"v": 1, "reason": …, "owner": …, "approver": …, "expires": RFC 3339,
     "scope": {"rule": …, "repository"?: pattern, "digest"?: …, "stage"?: …, "term"?: …, "component"?: purl}}

All that a scope names must agree; it must name a rule, and a repository or a digest. A waiver whose expiry cannot be
read waives nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Literal

from graven.errors import Malformed
from graven.values import Digest, canonical, parse_moment

__all__ = ["Scope", "Standing", "Waiver"]

Standing = Literal["holds", "expired", "unreadable"]

_VERSION = 1
_KEYS = {"v", "reason", "owner", "approver", "expires", "scope"}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a waiver is about; an empty field says nothing."""

    rule: str
    repository: str = ""
    """A name, or a pattern with ``*``."""
    digest: str = ""
    stage: str = ""
    term: str = ""
    """What the rule names: an advisory, a path."""
    component: str = ""
    """A package URL."""

    def covers(self, facts: Mapping[str, str]) -> bool:
        """Tell whether everything that this scope names agrees with the facts."""
        if not self.rule or not (self.repository or self.digest):
            return False
        named = {name: wanted for name, wanted in asdict(self).items() if wanted and name != "repository"}
        if self.repository and not fnmatchcase(facts.get("repository", ""), self.repository):
            return False
        return all(facts.get(name) == wanted for name, wanted in named.items())


@dataclass(frozen=True, slots=True)
class Waiver:
    """An exception: who wants it, who approved it, why, from what, until when."""

    reason: str
    owner: str
    approver: str
    scope: Scope
    expires: str
    """As written; ``standing`` reads it."""

    def standing(self, now: datetime) -> Standing:
        """Say whether it holds at a moment."""
        try:
            return "holds" if now < parse_moment(self.expires) else "expired"
        except Malformed:
            return "unreadable"

    def check(self, now: datetime) -> None:
        """Hold it against what a waiver must be, before it is granted.

        Raises:
            Malformed: it lacks a reason, an owner or an approver, both are one, its scope is too wide, or its expiry
                cannot be read or has passed.
        """
        if not all(text.strip() for text in (self.reason, self.owner, self.approver)):
            raise Malformed("got a waiver without reason, owner or approver, expected all three", where="waiver")
        if self.owner == self.approver:
            raise Malformed("got one owner and approver, expected two people", where="waiver.approver")
        if not self.scope.rule or not (self.scope.repository or self.scope.digest):
            raise Malformed("got a scope without a rule, or without repository or digest", where="waiver.scope")
        standing = self.standing(now)
        if standing != "holds":
            told = f"got the expiry {self.expires!r}, which is {standing}"
            raise Malformed(told, where="waiver.expires", hint="give a date and time to come, as RFC 3339 writes it")

    def encode(self) -> bytes:
        """Write the canonical document."""
        scope = {name: text for name, text in asdict(self.scope).items() if text}
        parts = {"reason": self.reason, "owner": self.owner, "approver": self.approver, "expires": self.expires}
        return canonical.dumps({"v": _VERSION, **parts, "scope": scope})

    @property
    def digest(self) -> Digest:
        """The name of the canonical document."""
        return Digest.of(self.encode())

    @classmethod
    def parse(cls, found: Any) -> Waiver:
        """Read the value of the document.

        Raises:
            Malformed: it is none.
        """
        if not isinstance(found, dict) or found.get("v") != _VERSION or set(found) - _KEYS:
            raise Malformed(f"got no waiver of version {_VERSION} with {', '.join(sorted(_KEYS))}", where="waiver")
        scope = found.get("scope")
        names = set(Scope.__dataclass_fields__)
        if not isinstance(scope, dict) or set(scope) - names or "rule" not in scope:
            raise Malformed(f"got no scope with a rule and some of {', '.join(sorted(names))}", where="waiver.scope")
        texts = {name: found.get(name, "") for name in _KEYS - {"v", "scope"}}
        if not all(isinstance(text, str) for text in (*texts.values(), *scope.values())):
            raise Malformed("got something else than text in a waiver", where="waiver")
        return cls(scope=Scope(**scope), **texts)
