"""A log in memory with its seal, that can die anywhere and be started again on what was durable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from graven.engines.keystore import LogSigner
from graven.flows.prove import Ledger
from graven.flows.seal import Seal
from graven.ledger.audit import Finding, audit
from graven.ledger.note import VerifierKey
from graven.stores.memory import Disk, MemoryHead, MemoryLogFiles, MemoryStore
from graven.values.events import AccessDenied, Event

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = LogSigner(PRIVATE)
KEY = VerifierKey.of("graven.example/log", SIGNER.public_raw)


def ticking() -> datetime:
    """Give a moment, each a second behind the one before."""
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(_TICKS))


_TICKS = count()


@dataclass
class Sealed:
    """Journal, head, files and seal over one disk."""

    disk: Disk = field(default_factory=Disk)
    leaves: Sequence[bytes] = ()
    note: bytes | None = None
    kept: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        entropy = Random(len(self.leaves) + 1).randbytes  # noqa: S311 - the same each time
        self.store = MemoryStore(clock=ticking, entropy=entropy, disk=self.disk, leaves=self.leaves)
        self.head = MemoryHead(self.disk, self.note)
        self.files = MemoryLogFiles(self.disk, dict(self.kept))
        self.seal = Seal(entries=self.store, head=self.head, files=self.files, signer=SIGNER, key=KEY)
        self.ledger = Ledger(journal=self.store, entries=self.store, files=self.files)

    def restarted(self, disk: Disk | None = None) -> Sealed:
        """Give what a new process finds: only what was durable."""
        return Sealed(disk or Disk(), list(self.store.leaves), self.head.note, self.files.files)

    async def tell(self, *words: str) -> None:
        """Append an event for each word, in one append."""
        await self.store.append(*(event(word) for word in words))

    def verify(self, last: bytes | None = None) -> Finding:
        """Verify the published log as anyone can."""
        return audit(self.files.files.get, keys=(KEY,), last=last)


def event(word: str) -> Event:
    """Make an event that a test knows again by a word."""
    return Event(AccessDenied("push", word), "somebody")
