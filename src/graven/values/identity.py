"""Who asks, and what a token lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, get_args

from graven.errors import Malformed

__all__ = ["ACTIONS", "ANONYMOUS", "SYSTEM", "Action", "Caller", "Scope"]

Action = Literal["pull", "push", "sign", "promote", "approve", "audit", "admin", "trust"]
ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """An action on a pattern of repositories or stages: ``pull:app/*``; ``*`` matches slashes too.

    >>> Scope.parse("push:team/*").allows("push", "team/web")
    True
    """

    action: Action
    pattern: str

    @classmethod
    def parse(cls, text: str) -> Scope:
        """Read ``ACTION:PATTERN``, or ``ACTION`` alone for everything.

        Raises:
            Malformed: the action is not known.
        """
        action, _, pattern = text.partition(":")
        known = next((name for name in ACTIONS if name == action), None)
        if known is None:
            raise Malformed(f"got the scope {text[:80]!r}, expected ACTION:PATTERN with one of {', '.join(ACTIONS)}")
        return cls(known, pattern or "*")

    def allows(self, action: Action, resource: str) -> bool:
        """Tell whether this scope covers the action on the resource; ``admin:*`` covers every action."""
        covers = self.action in (action, "admin")
        return covers and (self.pattern == "*" or fnmatchcase(resource, self.pattern))

    def __str__(self) -> str:
        return f"{self.action}:{self.pattern}"


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal in one request, as far as the journal knows it."""

    principal: str
    """Opaque id; ``system`` for graven itself, ``anonymous`` for nobody known."""
    scopes: tuple[Scope, ...] = ()
    origin: str = ""
    """Keyed hash of the address that asked."""
    token: str = ""
    """Public id of the token that was shown."""

    def may(self, action: Action, resource: str) -> bool:
        """Tell whether any of the caller's scopes covers the action on the resource."""
        return any(scope.allows(action, resource) for scope in self.scopes)


ANONYMOUS = Caller("anonymous")
SYSTEM = Caller("system", (Scope("admin", "*"),))
