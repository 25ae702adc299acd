"""The API of graven: one file for each noun, joined here. JSON in and out, below ``/api/v1``."""

from __future__ import annotations

__all__: list[str] = []
