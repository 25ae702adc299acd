"""The bytes of questions and verdicts are promises: a decision of today must come out the same tomorrow."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from decide.scene import SCENES
from graven.decide.verdict import decide
from graven.values import canonical

FOLDER = Path(__file__).parent.parent / "vectors" / "decide"
_SPEC = importlib.util.spec_from_file_location("make", FOLDER / "make.py")
assert _SPEC is not None
assert _SPEC.loader is not None
MAKE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(MAKE)


def test_the_golden_files_are_what_the_code_gives() -> None:
    kept = {path.name: path.read_bytes() for path in FOLDER.glob("*.json")}
    assert kept == MAKE.contents()


@pytest.mark.parametrize("name", SCENES)
def test_a_kept_question_is_answered_as_it_was(name: str) -> None:
    question = canonical.loads((FOLDER / f"{name}.question.json").read_bytes())
    assert decide(question, MAKE.policy()).encode() == (FOLDER / f"{name}.verdict.json").read_bytes()
