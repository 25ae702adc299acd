"""Clocks, entropy, keys, feeds, and what stands beside the journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Protocol

__all__ = ["Cache", "Clock", "Entropy", "Feed", "Names", "Signer"]

Clock = Callable[[], datetime]
"""Gives the moment, in UTC."""

Entropy = Callable[[int], bytes]
"""Gives so many random bytes."""


class Signer(Protocol):
    """A private key that never leaves its adapter."""

    @property
    def public_pem(self) -> bytes:
        """The public half, as PKIX PEM."""

    async def sign(self, message: bytes) -> bytes:
        """Sign a message (for P-256: ASN.1 DER of ECDSA over SHA-256; for Ed25519: 64 bytes)."""


class Feed(Protocol):
    """Where advisories come from: a folder, a zip, JSON lines or a URL."""

    def documents(self) -> AsyncIterator[tuple[str, bytes]]:
        """Give the name and the bytes of each record."""


class Cache(Protocol):
    """Results that could be computed again; losing one costs time and nothing else."""

    async def get(self, key: str) -> bytes | None:
        """Give what was put, if it is still there and unharmed."""

    async def put(self, key: str, data: bytes) -> None:
        """Keep it, if there is room."""


class Names(Protocol):
    """Names and addresses of principals, beside the journal so that they can be erased."""

    async def put(self, principal: str, name: str) -> None:
        """Note or change a name."""

    async def get(self, principal: str) -> str | None:
        """Give the name, unless it was erased."""

    async def find(self, name: str) -> str | None:
        """Give the principal of a name."""

    async def erase(self, principal: str) -> None:
        """Forget the name; the journal keeps the opaque id."""
