"""Every case of ``tests/vectors/documents`` through the conftest that is installed, and through us."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from graven.documents import parse
from graven.errors import GravenError
from parsing import PROTOS, VECTORS, Case, cases, same

pytestmark = pytest.mark.interop


@pytest.mark.parametrize("case", [case for case in cases() if not case.differs], ids=lambda case: case.name)
def test_both_make_the_same_of_a_file(case: Case, tmp_path: Path, peer: object) -> None:
    conftest = peer("conftest")  # type: ignore[operator]
    path = tmp_path / "case"
    path.write_bytes(case.data)
    env = {**os.environ, "CONFTEST_PROTO_FILE_DIRS": str(VECTORS / "protos")}
    command = [conftest, "parse", "--parser", case.parser, str(path)]
    done = subprocess.run(command, capture_output=True, check=False, env=env)
    try:
        found = [document.value for document in parse(case.data, file="case", parser=case.parser, protos=PROTOS)]
    except GravenError:
        assert done.returncode != 0
        return
    assert done.returncode == 0, done.stderr
    assert same(found[0] if len(found) == 1 else found, json.loads(done.stdout))
