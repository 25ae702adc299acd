#!/usr/bin/env python3
"""Runs the official OCI conformance suite against a server as it starts, after ``prepare``; first 1.1, then dev.

Prints how many passed, failed and were skipped; exits 1 if anything failed, or if the suite gave no result.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from served import Served  # noqa: E402  the folder of tests is no package

PEERS = Path(os.environ.get("GRAVEN_PEERS", Path.home() / ".cache" / "graven" / "peers"))


def main() -> int:
    suite = PEERS / "bin" / "conformance"
    if not suite.exists():
        print(f"no conformance suite at {suite}: make peers installs it", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder)).start()
        try:
            subprocess.run([HERE / "prepare"], env=served.env, check=True, stdout=subprocess.DEVNULL)
            return max(run(suite, served, version) for version in ("1.1", "dev"))
        finally:
            code = served.stop()
            if code:
                print(f"the server ended with {code}:\n{served.log}", file=sys.stderr)


def run(suite: Path, served: Served, version: str) -> int:
    results = served.folder / f"results-{version}"
    environ = {
        "OCI_REGISTRY": served.host,
        "OCI_TLS": "disabled",
        "OCI_REPO1": f"conformance/{version}/first",
        "OCI_REPO2": f"conformance/{version}/second",
        "OCI_VERSION": version,
        "OCI_USERNAME": "conformance",
        "OCI_PASSWORD": served.token,
        "OCI_RESULTS_DIR": str(results),
    }
    done = subprocess.run(
        [suite], env=served.env | environ, capture_output=True, text=True, check=False, cwd=served.folder
    )
    if not (results / "results.yaml").exists() or not (results / "junit.xml").exists():
        print(f"{version}: the suite gave no result\n{done.stdout}{done.stderr}", file=sys.stderr)
        return 1
    passed, failed, skipped = figures(results / "junit.xml")
    print(f"OCI distribution {version}: {passed} passed, {failed} failed, {skipped} skipped")
    for line in done.stdout.splitlines() if failed else []:
        if "FAIL" in line or line.strip().startswith("- "):
            print(line[:2000])
    return 1 if failed or done.returncode or not passed else 0


def figures(report: Path) -> tuple[int, int, int]:
    """Read the sums of the suite's own report."""
    suite = next(ET.parse(report).iter("testsuite"))  # noqa: S314  the suite that we started wrote it
    total, *others = (int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped"))
    return total - sum(others), others[0] + others[1], others[2]


if __name__ == "__main__":
    sys.exit(main())
