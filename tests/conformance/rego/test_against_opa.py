"""Random modules, evaluated by real OPA and by graven.rego: the same document, or an error in both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conformance.rego.generator import DATA, INPUT, module
from graven.rego import EvaluationError, PolicyErrors, compile_modules, from_json
from graven.rego.notation import json_text
from graven.rego.numerals import parse_number

pytestmark = pytest.mark.interop

SEEDS = range(int(os.environ.get("GRAVEN_REGO_SEED", "1")), int(os.environ.get("GRAVEN_REGO_SEED", "1")) + 300)
Result = tuple[str, Any]


@pytest.fixture(scope="module")
def opa() -> str:
    peer = Path.home() / ".cache" / "graven" / "peers" / "bin" / "opa"
    found = str(peer) if peer.is_file() else shutil.which("opa")
    if found is None:
        pytest.skip("no opa on PATH or among the peers")
    return found


def _opa(program: str, folder: Path, text: str) -> Result:
    (folder / "fz.rego").write_text(text)
    (folder / "data.json").write_text(json.dumps(DATA))
    (folder / "input.json").write_text(json.dumps(INPUT))
    command = [program, "eval", "-f", "json", "-d", "fz.rego", "-d", "data.json", "-i", "input.json", "data.fz"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    found = json.loads(done.stdout, parse_float=parse_number)
    if "errors" in found:
        return "error", {error["code"].startswith("rego_") for error in found["errors"]}
    return "value", json_text(from_json(found["result"][0]["expressions"][0]["value"]))


def _own(text: str) -> Result:
    try:
        policy = compile_modules({"fz.rego": text}, data=DATA, version="v1")
        return "value", json_text(from_json(policy.evaluate("data.fz", INPUT).json()))
    except PolicyErrors:
        return "error", {True}
    except EvaluationError:
        return "error", {False}


def _normal(text: str) -> str:
    found = json.loads(text, parse_float=lambda number: int(float(number)) if float(number).is_integer() else number)
    return json.dumps(found, sort_keys=True)


def test_no_value_differs(opa: str, tmp_path: Path) -> None:
    differing = []
    for seed in SEEDS:
        text = module(seed)
        theirs, ours = _opa(opa, tmp_path, text), _own(text)
        same = theirs[0] == ours[0] and (theirs[0] == "error" or _normal(theirs[1]) == _normal(ours[1]))
        if not same and theirs[0] == "value":
            differing.append((seed, text, theirs, ours))
        if not same and ours[0] == "value" and theirs[1] == {False}:
            differing.append((seed, text, theirs, ours))
    assert differing == []


def test_most_modules_that_opa_refuses_are_refused(opa: str, tmp_path: Path) -> None:
    """OPA's inference of types goes deeper in places; what it refuses and we do not has the value of no rule changed."""
    outcomes = [(_opa(opa, tmp_path, module(seed)), _own(module(seed))) for seed in SEEDS]
    refused = [ours for theirs, ours in outcomes if theirs == ("error", {True})]
    assert refused
    assert sum(ours[0] == "error" for ours in refused) >= 0.9 * len(refused)
