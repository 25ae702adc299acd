"""What a valid release is, one file for each format, and what lists of releases look like. Knows nothing of HTTP."""

from __future__ import annotations

__all__: list[str] = []
