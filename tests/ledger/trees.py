"""The tree of RFC 6962 as its definition says it, recursive and slow: the oracle for what is quick."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

LEAVES = [b"%d" % n for n in range(1100)]


def split(size: int) -> int:
    """Give "the largest power of two smaller than n"."""
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def mth(entries: Sequence[bytes]) -> bytes:
    """Compute MTH(D[n])."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return hashlib.sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(index: int, entries: Sequence[bytes]) -> list[bytes]:
    """Compute PATH(m, D[n])."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if index < k:
        return [*path(index, entries[:k]), mth(entries[k:])]
    return [*path(index - k, entries[k:]), mth(entries[:k])]


def subproof(old: int, entries: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """Compute SUBPROOF(m, D[n], b)."""
    if old == len(entries):
        return [] if whole else [mth(entries)]
    k = split(len(entries))
    if old <= k:
        return [*subproof(old, entries[:k], whole=whole), mth(entries[k:])]
    return [*subproof(old - k, entries[k:], whole=False), mth(entries[:k])]
