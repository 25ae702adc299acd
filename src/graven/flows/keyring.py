"""Keyring: the public halves of graven's own keys stand in the journal, so that what they signed can be verified later.

A key that is retired signs no longer; what it signed while it did stands, until the key is revoked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from graven.evidence.keys import PublicKey
from graven.ports import Journal, Signer, Tables
from graven.projection import Absent, Row
from graven.values import SYSTEM, Caller
from graven.values.events import Event, KeyCreated, KeyRetired

__all__ = ["Keyring", "OwnKeys"]

Purpose = Literal["log", "vsa"]


class OwnKeys(Protocol):
    """The keys of this server, asked anew each time, so that a rotation takes effect."""

    @property
    def log(self) -> Signer:
        """Signs checkpoints."""

    @property
    def vsa(self) -> Signer:
        """Signs verification summaries."""

    def rotate_vsa(self) -> str:
        """Make a new key for summaries; give the fingerprint of the old one."""


@dataclass(frozen=True, kw_only=True)
class Keyring:
    """Journals which keys sign."""

    journal: Journal
    tables: Tables
    keys: OwnKeys
    vkey: Callable[[], str]
    """The log's key as verifiers take it."""

    async def announce(self) -> None:
        """Journal the keys that sign and are not known yet: at first start, and after a crash in a rotation."""
        for purpose, fingerprint, public in self._signing():
            if await self.tables.get("keys", (purpose, fingerprint)) is None:
                body = KeyCreated(purpose, fingerprint, public)
                await self.journal.append(
                    Event(body, SYSTEM.principal), expects=[Absent("keys", (purpose, fingerprint))]
                )

    async def rotate(self, caller: Caller) -> str:
        """Let a new key sign summaries from now on; give its fingerprint."""
        before = self.keys.rotate_vsa()
        after = PublicKey.parse(self.keys.vsa.public_pem)
        bodies = (KeyCreated("vsa", after.fingerprint, after.pem.decode()), KeyRetired("vsa", before))
        await self.journal.append(*(Event(body, caller.principal, caller.origin) for body in bodies))
        return after.fingerprint

    async def listed(self) -> list[tuple[str, str, Row]]:
        """List the keys that sign or have signed: purpose, fingerprint, and since when until when."""
        return [(str(key[0]), str(key[1]), row) for key, row in await self.tables.scan("keys")]

    def _signing(self) -> Iterator[tuple[Purpose, str, str]]:
        yield "vsa", PublicKey.parse(self.keys.vsa.public_pem).fingerprint, self.keys.vsa.public_pem.decode()
        yield "log", PublicKey.parse(self.keys.log.public_pem).fingerprint, self.vkey()
