"""The verbs: frozen dataclasses that hold ports, and async methods that take a ``Caller``. No HTTP, no storage."""

from __future__ import annotations

__all__: list[str] = []
