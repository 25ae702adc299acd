"""Ask conftest again what each text of the files here means, and write its answers beside the texts.

Run it as ``python tests/vectors/syntax/make.py CONFTEST``. A text is kept as Latin-1, since some are no UTF-8.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def said(conftest: str, parser: str, text: bytes) -> dict[str, Any]:
    """Give the value that conftest reads, or that it refuses the text."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        words = [conftest, "parse", "--parser", parser, file.name]
        done = subprocess.run(words, capture_output=True, check=False, timeout=60)
    return {"value": json.loads(done.stdout)} if done.returncode == 0 else {"refused": True}


def main() -> None:
    for file in sorted(HERE.glob("*.json")):
        rows = json.loads(file.read_text("utf-8"))
        made = [{"text": row["text"], **said(sys.argv[1], file.stem, row["text"].encode("latin-1"))} for row in rows]
        file.write_text("[\n" + ",\n".join(json.dumps(row) for row in made) + "\n]\n", "utf-8")


if __name__ == "__main__":
    main()
