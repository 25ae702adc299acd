"""No mutant of the shipped rules about configuration survives their tests."""

from __future__ import annotations

import pytest

from graven import library
from graven.rego.mutation import survey

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", library.SETS)
def test_no_mutant_survives(name: str) -> None:
    found = survey(library.rules(name, tests=True), version="v1")
    assert len(found.of("killed")) > 100
    assert [verdict.mutant.id for verdict in found.survivors] == []
