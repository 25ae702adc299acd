"""No mutant of a shipped rule survives its tests, and none had to be called equivalent."""

from __future__ import annotations

import pytest

from graven import library
from graven.rego.mutation import survey

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", library.SETS)
def test_no_mutant_of_a_rule_about_configuration_survives(name: str) -> None:
    found = survey(library.rules(name, tests=True), version="v1")
    assert len(found.of("killed")) > 100
    assert [verdict.mutant.id for verdict in found.survivors] == []


def test_no_mutant_of_a_rule_about_artifacts_survives() -> None:
    found = survey(library.modules(tests=True), version="v1", files=library.modules())
    assert {verdict.mutant.file for verdict in found.of("killed")} == set(library.modules())
    assert len(found.of("killed")) > 400
    assert [verdict.mutant.id for verdict in found.survivors] == []
