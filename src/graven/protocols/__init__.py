"""HTTP in and out. One protocol is one module with ``routes(…)``; no protocol knows another."""

from __future__ import annotations

__all__: list[str] = []
