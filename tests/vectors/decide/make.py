"""Writes the golden questions and verdicts: ``.venv/bin/python tests/vectors/decide/make.py``."""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent.parent))

from decide.scene import SCENES, ask, policy  # noqa: E402 - the path is set above
from graven.decide import question as questions  # noqa: E402
from graven.decide.verdict import decide  # noqa: E402


def contents() -> dict[str, bytes]:
    """Give the bytes of each file."""
    found = {}
    for name, inputs in SCENES.items():
        question = ask(inputs)
        found[f"{name}.question.json"] = questions.encode(question)
        found[f"{name}.verdict.json"] = decide(question, policy()).encode()
    return found


if __name__ == "__main__":
    for file, data in contents().items():
        (FOLDER / file).write_bytes(data)
