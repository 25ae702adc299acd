"""The shipped rules answer the same by OPA itself: the engine and the rules held against a second opinion."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from decide.scene import SCENES, policy
from graven.decide.evaluation import ask

if TYPE_CHECKING:
    from interop.conftest import Peer

pytestmark = pytest.mark.interop

RULES = Path(__file__).parent.parent.parent / "src" / "graven" / "library"
QUESTIONS = Path(__file__).parent.parent / "vectors" / "decide"


def plain(value: Any) -> Any:
    """Sets come as lists, in whatever order."""
    return sorted(json.dumps(one, sort_keys=True) for one in value)


@pytest.mark.parametrize("name", SCENES)
def test_opa_says_what_graven_says(name: str, peer: Peer, tmp_path: Path) -> None:
    data = tmp_path / "data.json"
    data.write_text(json.dumps(policy().values))
    question = QUESTIONS / f"{name}.question.json"
    for rule in policy().rules:
        for entry in rule.entries:
            words = ["eval", "-f", "json", "-d", str(RULES), "-d", str(data), "-i", str(question), f"data.{entry}"]
            done = subprocess.run([peer("opa"), *words], capture_output=True, text=True, check=True, timeout=60)
            said = json.loads(done.stdout)["result"][0]["expressions"][0]["value"]
            ours = ask(policy(), entry, json.loads(question.read_text()), places=False)
            assert plain(said) == plain(ours.value), entry


def test_opa_passes_the_tests_of_the_rules(peer: Peer) -> None:
    done = subprocess.run([peer("opa"), "test", str(RULES)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout
    subprocess.run([peer("opa"), "check", "--strict", str(RULES)], check=True, timeout=60)
