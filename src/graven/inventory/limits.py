"""How much of a layer is read before it is refused, or before a part of it is told as not seen."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one layer; bytes unless said otherwise."""

    total: int = 16 << 30
    """Decompressed size. Beyond it the layer is ``TooLarge``."""
    ratio: int = 200
    """Decompressed to compressed, looked at from ``ratio_from`` on. Beyond it the layer is ``TooLarge``."""
    ratio_from: int = 64 << 20
    """Decompressed bytes before the ratio is looked at: small files of zeros are common and harmless."""
    window: int = 64 << 20
    """Memory that a zstd frame may ask for. Beyond it the layer is ``TooLarge``."""
    entries: int = 1_000_000
    """Members of the archive, a number. Beyond it the layer is ``TooLarge``."""
    name: int = 4096
    """Length of a name (PATH_MAX). Beyond it the layer is ``TooLarge``."""
    depth: int = 256
    """Folders in a name, a number. Beyond it the layer is ``TooLarge``."""
    header: int = 1 << 20
    """Extended header or long name. Beyond it the layer is ``TooLarge``."""
    member: int = 16 << 20
    """A list that is read by lines (dpkg status, RECORD). Beyond it the file is told as not seen."""
    document: int = 2 << 20
    """A document that is parsed whole (package.json). Beyond it the file is told as not seen."""
    facts: int = 48 << 20
    """All that is kept of a layer. What is beyond is counted and told as not seen."""
