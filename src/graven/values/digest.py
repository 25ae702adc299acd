"""Digests: the names of bytes (OCI image-spec, descriptor.md, "Digests")."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from graven.errors import Malformed, Mismatch

__all__ = ["Algorithm", "Digest", "Hasher"]

Algorithm = Literal["sha256", "sha512"]
"""The algorithms that graven stores by (distribution-spec: "MUST support sha256", "SHOULD support sha512")."""

_HEX_LENGTH = {"sha256": 64, "sha512": 128}
_HEX = re.compile(r"[0-9a-f]+")


class Hasher(Protocol):
    """What ``hashlib`` gives: takes bytes in pieces, gives the digest at the end."""

    def update(self, data: bytes, /) -> None:
        """Take the next piece."""

    def hexdigest(self) -> str:
        """Give the digest of all pieces so far, in lower-case hexadecimal."""


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """The digest of some bytes: ``algorithm:hex``.

    >>> d = Digest.of(b"")
    >>> str(d)[:20], Digest.parse(str(d)) == d
    ('sha256:e3b0c44298fc1', True)
    """

    algorithm: Algorithm
    hex: str

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read ``algorithm:hex``.

        Raises:
            Malformed: not of that form, or of an algorithm or length that is not known.
        """
        algorithm, colon, encoded = text.partition(":")
        length = _HEX_LENGTH.get(algorithm)
        if not colon or length is None or len(encoded) != length or not _HEX.fullmatch(encoded):
            raise Malformed(
                f"got {text[:160]!r}, expected a digest: sha256:<64 lower-case hex digits> or sha512:<128>",
                where="digest",
            )
        return cls("sha256" if algorithm == "sha256" else "sha512", encoded)

    @classmethod
    def of(cls, data: bytes, algorithm: Algorithm = "sha256") -> Digest:
        """Compute the digest of bytes."""
        return cls(algorithm, hashlib.new(algorithm, data).hexdigest())

    @staticmethod
    def hasher(algorithm: Algorithm = "sha256") -> Hasher:
        """Start a digest over bytes that come in pieces."""
        if algorithm not in get_args(Algorithm):
            raise Malformed(f"got the algorithm {algorithm!r}, expected sha256 or sha512")
        return hashlib.new(algorithm)

    def check(self, data: bytes) -> None:
        """Hold bytes against this digest.

        Raises:
            Mismatch: they hash to something else.
        """
        found = Digest.of(data, self.algorithm)
        if found != self:
            raise Mismatch(f"got bytes of digest {found}, expected {self}", where="digest")

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"
