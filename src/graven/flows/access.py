"""Access: who is asking, may they, and the record of those who might not.

A token is ``grv_`` and 43 base64url characters, 256 random bits. Only the SHA-256 of it is kept. The look-up is by that
hash, of which a caller cannot choose a single bit, so that its timing tells nothing about any token.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import lru_cache

from graven.errors import Forbidden, Unauthenticated
from graven.flows.refusals import Refusals
from graven.ports import Clock, Journal, Tables
from graven.values import ANONYMOUS, Action, Caller, Scope, format_moment

__all__ = ["Access", "secret_hash"]

_PULL_ALL = (Scope("pull", "*"),)
_MINUTE = len("2026-01-02T03:04")


def secret_hash(secret: str) -> str:
    """Give the form in which a secret is kept."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Access:
    """Authenticates and authorises callers; each protocol asks it through ``protocols.credentials``."""

    journal: Journal
    tables: Tables
    clock: Clock
    origin_key: bytes
    """Keys the hash of addresses, so that the journal cannot be searched for one."""
    anonymous_pull: bool = False
    refusals: Refusals = field(default_factory=Refusals)

    async def authenticate(self, secret: str | None, address: str) -> Caller:
        """Say who shows this secret; nobody known where none is shown.

        Raises:
            Unauthenticated: the secret is of no token, or of one that has expired.
        """
        origin = _origin(self.origin_key, address)
        if secret is None:
            return replace(ANONYMOUS, origin=origin, scopes=_PULL_ALL if self.anonymous_pull else ())
        row = await self.tables.get("tokens", (secret_hash(secret),))
        if row is None:
            self.count_stranger()
            raise Unauthenticated(
                "got a token that is not known, or was revoked", hint="graven tokens create makes one"
            )
        if row["expires"] and str(row["expires"]) <= format_moment(self.clock()):
            self.count_stranger()
            raise Unauthenticated(f"the token expired at {row['expires']}", hint="graven tokens create makes another")
        return Caller(str(row["principal"]), _scopes(str(row["scopes"] or "")), origin, str(row["token"]))

    async def require(self, caller: Caller, action: Action, resource: str) -> None:
        """Return if the caller may.

        Raises:
            Unauthenticated: nobody known is asking; it was counted.
            Forbidden: somebody known may not; it stands in the journal.
        """
        if caller.may(action, resource):
            return
        self.demand_known(caller)
        event = self.refusals.denied(caller, action, resource, minute=self._minute())
        if event is not None:
            await self.journal.append(event)
        hint = f"ask an administrator for a token with the scope {action}:{resource}"
        raise Forbidden(f"the token's scopes do not allow {action}", where=resource, hint=hint)

    def demand_known(self, caller: Caller) -> None:
        """Return if somebody known is asking.

        Raises:
            Unauthenticated: nobody known is asking; it was counted.
        """
        if caller.token or caller.principal != ANONYMOUS.principal:
            return
        self.count_stranger()
        raise Unauthenticated(
            "got no token", hint="send one as 'Authorization: Bearer TOKEN', or as the password of HTTP Basic"
        )

    def count_stranger(self) -> None:
        """Count a refusal of nobody known."""
        self.refusals.stranger(self._minute())

    async def tell_refusals(self) -> None:
        """Journal what was counted in the minutes that are over."""
        told = self.refusals.ended_by(self._minute())
        if told:
            await self.journal.append(*told)
            self.refusals.forget(len(told))

    def _minute(self) -> str:
        return f"{format_moment(self.clock())[:_MINUTE]}:00Z"


@lru_cache(maxsize=4096)
def _scopes(text: str) -> tuple[Scope, ...]:
    return tuple(Scope.parse(scope) for scope in text.split())


@lru_cache(maxsize=4096)
def _origin(key: bytes, address: str) -> str:
    return hashlib.blake2b(address.encode(), key=key, digest_size=16).hexdigest() if address else ""
