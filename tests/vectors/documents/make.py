"""Write what conftest makes of each case: ``python tests/vectors/documents/make.py [CONFTEST]``.

A case is what stands between lines of ``=====`` in ``PARSER.txt`` or ``PARSER-WHAT.txt``. ``PARSER….json`` gets a list: the value
of each case under ``value``, or null where conftest refuses it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SEPARATOR = b"=====\n"


def answer(conftest: str, parser: str, data: bytes) -> dict[str, object] | None:
    """Give what conftest makes of a text."""
    env = {**os.environ, "CONFTEST_PROTO_FILE_DIRS": str(HERE / "protos")}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case"
        path.write_bytes(data)
        command = [conftest, "parse", "--parser", parser, str(path)]
        done = subprocess.run(command, capture_output=True, check=False, env=env)
    return {"value": json.loads(done.stdout)} if done.returncode == 0 else None


if __name__ == "__main__":
    for source in sorted(HERE.glob("*.txt")):
        name = source.stem.partition("-")[0]
        found = [answer((sys.argv[1:] or ["conftest"])[0], name, case) for case in source.read_bytes().split(SEPARATOR)]
        source.with_suffix(".json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
