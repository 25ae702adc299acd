"""The real programs that interop tests run: found where ``make peers`` put them, or on the PATH."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

PEERS = Path(os.environ.get("GRAVEN_PEERS", Path.home() / ".cache" / "graven" / "peers"))

Peer = Callable[[str], str]


@pytest.fixture
def peer() -> Peer:
    """Give the path of a program; a missing one skips the test, and fails it in CI."""

    def find(name: str) -> str:
        found = shutil.which(name, path=f"{PEERS / 'bin'}{os.pathsep}{os.environ['PATH']}")
        if found:
            return found
        reason = f"{name} is not installed: 'make peers' installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)

    return find
