"""Executables by their first bytes: ELF (gABI, "ELF header") and PE (Microsoft, "PE format")."""

from __future__ import annotations

__all__ = ["ELF", "GO_BUILD_INFO", "HEAD", "kind"]

HEAD = 1024
"""Bytes that must be seen."""
ELF = b"\x7fELF"
GO_BUILD_INFO = b"\xff Go buildinf:"
"""Stands in every program that the Go linker wrote since Go 1.13; its modules are a package database."""
_LINKED = (2, 3)
"""ET_EXEC and ET_DYN: programs and shared libraries; objects and core files do not run."""


def kind(head: bytes) -> str:
    """Tell ``elf`` or ``pe``, or give the empty string."""
    if head.startswith(ELF) and len(head) >= 20:
        order = "big" if head[5] == 2 else "little"
        return "elf" if int.from_bytes(head[16:18], order) in _LINKED else ""  # type: ignore[arg-type]
    if head.startswith(b"MZ") and len(head) >= 64:
        at = int.from_bytes(head[60:64], "little")
        # A header beyond what was seen is taken for one: rather an executable too many than one too few.
        return "pe" if at + 4 > len(head) or head[at : at + 4] == b"PE\0\0" else ""
    return ""
