"""The composition root: the only place that names adapters, reads the clock and starts the HTTP server."""

from __future__ import annotations

__all__: list[str] = []
