"""``make demo`` as a new user runs it, but for the set-up, which has been done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "demo" / "run.py"

pytestmark = pytest.mark.interop  # pip and npm fetch what fills the image


def test_the_demo_walks_the_whole_loop_and_leaves_nothing_behind(tmp_path: Path) -> None:
    environ = os.environ | {"TMPDIR": str(tmp_path), "KEEP": ""}
    done = subprocess.run(
        [sys.executable, str(DEMO)], capture_output=True, text=True, env=environ, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    for step in range(1, 8):
        assert f"\n{step}. " in done.stdout
    for words in ("nobody trusted has signed", "CVE-2022-34265", "lib/apk/db/installed", "promoted to production"):
        assert words in done.stdout
    for words in ("was revoked", "verified", "the same bytes", "OTHER BYTES", "every stage points to what"):
        assert words in done.stdout
    assert "\x1b[" not in done.stdout, "colours are for terminals"
    assert list(tmp_path.glob("graven-demo-*")) == []
