"""Principals and their tokens: make, list, revoke; and the first administrator, without whom nobody could.

A secret is shown once, by who made the token; only its hash is kept. A name stands beside the journal, so that it can
be erased: the journal knows a principal by an opaque id.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from graven.errors import Conflict, Malformed, NotFound
from graven.flows.access import secret_hash
from graven.ports import Clock, Entropy, Journal, Names, Tables
from graven.projection import Equals, Expectation, Row
from graven.values import SYSTEM, Caller, Scope, events, format_moment, parse_moment, uuid7
from graven.values.events import Event

__all__ = ["Kind", "Token", "Tokens"]

Kind = Literal["person", "service"]
_MAX_NAME = 200
_MAX_SCOPES = 100


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it may be shown; ``secret`` is there only in the answer to its making."""

    token: str
    principal: str
    name: str | None
    """None: it was erased."""
    scopes: tuple[str, ...]
    expires: str | None
    created: str
    secret: str = ""


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Makes, lists and revokes tokens. The caller is authorised where the request came in."""

    journal: Journal
    tables: Tables
    names: Names
    clock: Clock
    entropy: Entropy
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Of two who bring the same new name one makes the principal."""

    async def create(
        self, caller: Caller, *, name: str, scopes: Sequence[str], expires: str = "", kind: Kind = "service"
    ) -> Token:
        """Make a token of the principal of that name, who is made too where there is none.

        Raises:
            Malformed: a name, scope or expiry that is none, or an expiry that is over.
            Conflict: the principal is of the other kind.
        """
        _check_name(name)
        wanted, until = _scopes(scopes), self._expiry(expires)
        async with self.turn:
            principal, made = await self._principal(caller, name, kind)
            return await self._make(caller, principal, made, name=name, scopes=wanted, expires=until)

    async def none_yet(self) -> bool:
        """Tell whether there is no principal at all."""
        return not await self.tables.scan("principals", limit=1)

    async def first(self, secret: str) -> Token:
        """Make the administrator and its token of this secret.

        Raises:
            Conflict: somebody has been made already.
        """
        if not await self.none_yet():
            raise Conflict(
                "there is an administrator already", hint="an administrator makes tokens: graven tokens create"
            )
        name, scopes = "administrator", (str(Scope("admin", "*")),)
        principal, made = await self._principal(SYSTEM, name, "person")
        return await self._make(SYSTEM, principal, made, name=name, scopes=scopes, expires="", secret=secret)

    def secret(self) -> str:
        """Make a secret of 256 random bits."""
        return "grv_" + base64.urlsafe_b64encode(self.entropy(32)).rstrip(b"=").decode()

    async def list(self, *, after: str = "", limit: int = 100) -> tuple[Token, ...]:
        """List the tokens that were not revoked, in the order of their making."""
        rows = await self.tables.scan("token_ids", after=(after,) if after else None, limit=limit)
        return tuple([await self._shown(str(key[0]), row) for key, row in rows])

    async def revoke(self, caller: Caller, token: str, *, reason: str = "") -> None:
        """End a token at once.

        Raises:
            NotFound: there is no such token.
        """
        row = await self.tables.get("token_ids", (token,))
        if row is None:
            raise NotFound(f"no token {token[:80]!r}", hint="graven tokens list shows the ids of those there are")
        body = events.TokenRevoked(token, str(row["secret_hash"]))
        try:
            await self.journal.append(replace(_event(body, caller), reason=reason))
        except Conflict as e:
            raise NotFound(f"no token {token[:80]!r} any more") from e

    async def erase(self, caller: Caller, principal: str) -> None:
        """Forget the name of a principal; the journal keeps the opaque id.

        Raises:
            NotFound: there is no such principal.
        """
        if await self.tables.get("principals", (principal,)) is None:
            raise NotFound(f"no principal {principal[:80]!r}", hint="graven tokens list shows the principals")
        there: Expectation = Equals("principals", (principal,))
        await self.journal.append(_event(events.NameErased(principal), caller), expects=(there,))
        await self.names.erase(principal)

    async def _shown(self, token: str, row: Row) -> Token:
        principal, expires = str(row["principal"]), row["expires"]
        scopes = tuple(str(row["scopes"] or "").split())
        name = await self.names.get(principal)
        return Token(token, principal, name, scopes, None if expires is None else str(expires), str(row["time"]))

    async def _principal(self, caller: Caller, name: str, kind: Kind) -> tuple[str, tuple[Event, ...]]:
        """Find the principal of a name, or else give its new id and the event that makes it."""
        found = await self.names.find(name)
        row = None if found is None else await self.tables.get("principals", (found,))
        if row is not None and row["kind"] != kind:
            raise Conflict(f"{name!r} is a {row['kind']}, got the kind {kind}", hint=f"give --kind {row['kind']}")
        if found is not None and row is not None:
            return found, ()
        principal = found or self._id()
        # The name goes first: were it lost, the journal would hold a principal whom nobody can tell.
        await self.names.put(principal, name)
        return principal, (_event(events.PrincipalCreated(principal, kind), caller),)

    async def _make(
        self,
        caller: Caller,
        principal: str,
        before: tuple[Event, ...],
        *,
        name: str,
        scopes: tuple[str, ...],
        expires: str,
        secret: str = "",
    ) -> Token:
        secret = secret or self.secret()
        body = events.TokenCreated(self._id(), principal, secret_hash(secret), scopes, expires)
        receipt = await self.journal.append(*before, _event(body, caller))
        return Token(body.token, principal, name, scopes, expires or None, receipt.entries[-1].time, secret)

    def _expiry(self, text: str) -> str:
        if not text:
            return ""
        moment = parse_moment(text)
        if moment <= self.clock():
            raise Malformed(f"got the expiry {text}, expected a moment that is to come", where="expires")
        return format_moment(moment)

    def _id(self) -> str:
        return uuid7(self.clock(), self.entropy(10))


def _event(body: events.Body, caller: Caller) -> Event:
    return Event(body, actor=caller.principal, origin=caller.origin)


def _check_name(name: str) -> None:
    if not 0 < len(name) <= _MAX_NAME or not name.isprintable() or name != name.strip():
        raise Malformed(f"got the name {name[:80]!r}, expected 1 to {_MAX_NAME} printable characters", where="name")


def _scopes(scopes: Sequence[str]) -> tuple[str, ...]:
    if not 0 < len(scopes) <= _MAX_SCOPES:
        raise Malformed(f"got {len(scopes)} scopes, expected 1 to {_MAX_SCOPES}", where="scopes")
    found = tuple(dict.fromkeys(str(Scope.parse(text)) for text in scopes))
    if any(not scope.isprintable() or " " in scope or len(scope) > 300 for scope in found):
        raise Malformed("got a scope with a space, or of more than 300 characters", where="scopes")
    return found
