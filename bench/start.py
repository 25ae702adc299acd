"""Measure how long ``graven --help`` takes, beside conftest, opa and cosign where they are here."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

PEERS = Path(os.environ.get("GRAVEN_PEERS", Path.home() / ".cache" / "graven" / "peers")) / "bin"
PLACES = os.pathsep.join([str(Path(sys.executable).parent), str(PEERS), os.environ["PATH"]])
TIMES = 15


def measure(program: str) -> float:
    """Give the median of a start, in milliseconds; the first warms the caches and does not count."""
    taken = []
    for _ in range(TIMES + 1):
        begun = time.perf_counter()
        subprocess.run([program, "--help"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken[1:])


def main() -> None:
    own = 0.0
    for name in ("graven", "conftest", "opa", "cosign"):
        program = shutil.which(name, path=PLACES)
        if program is None:
            print(f"{name:<10} not here")
            continue
        taken = measure(program)
        own = own or taken
        print(f"{name:<10} --help {taken:6.1f} ms  graven takes {own / taken:.2f} times as long")


if __name__ == "__main__":
    main()
