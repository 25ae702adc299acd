"""Fixtures for all tests: the event loop, and a real server in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from served import Served

Serve = Callable[..., Served]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start servers; they end with the test."""
    started: list[Served] = []

    def start(*flags: str, folder: Path | None = None, **environ: str) -> Served:
        served = Served(folder or tmp_path_factory.mktemp("served"), flags, environ)
        started.append(served)
        return served.start()

    yield start
    for served in started:
        if served.process is not None:
            served.stop()
