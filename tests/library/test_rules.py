"""Runs the Rego tests of the shipped rules on graven's own engine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from graven import library
from graven.decide import shipped, stages
from graven.decide.evaluation import compiled
from graven.decide.policy import PolicySet
from graven.documents import config
from graven.errors import NotFound
from graven.rego import compile_modules, to_json

MODULES = library.modules(tests=True)
CONFIGURATION = library.rules(tests=True)
CASES = re.compile(r'^\t\t"[^"]+": \{', re.MULTILINE)


def _tests(sources: Iterable[str]) -> list[tuple[str, int]]:
    """Name the Rego tests, each with the number of its cases; 0 where it has none."""
    found = []
    for source in sources:
        package = re.search(r"^package (\S+)$", source, re.MULTILINE)
        for test in re.finditer(r"^(test_\w+)(\[name\])? if .*?^(?:\}|$)", source, re.MULTILINE | re.DOTALL):
            assert package is not None
            found.append((f"{package[1]}.{test[1]}", len(CASES.findall(test[0])) if test[2] else 0))
    return sorted(found)


TESTS = _tests(MODULES.values())
ENGINE = compile_modules(MODULES | CONFIGURATION, version="v1")


@pytest.mark.parametrize(("name", "cases"), TESTS + _tests(CONFIGURATION.values()))
def test_a_shipped_rule_keeps_its_promise(name: str, cases: int) -> None:
    found = ENGINE.evaluate(f"data.{name}", strict_builtin_errors=True).json()
    if cases:
        assert list(found.values()) == [True] * cases
    else:
        assert found is True


def test_each_rule_has_tests() -> None:
    assert sum(cases or 1 for _, cases in TESTS) > 80
    ruled = {entry.split(".")[1] for rule in shipped.RULES for entry in rule.entries}
    assert {name.split(".")[1].removesuffix("_test") for name, _ in TESTS} == ruled


def test_each_rule_says_what_it_is_and_what_to_do() -> None:
    for rule in shipped.RULES:
        source = MODULES[f"{rule.name}.rego"]
        assert source.startswith("# METADATA\n# title: ")
        for key in ("description", "severity", "remediation"):
            assert re.search(rf"^#\s+{key}:|^# {key}:", source, re.MULTILINE), (rule.name, key)


def test_the_policy_set_of_a_new_server_compiles_and_fits_its_stages() -> None:
    policy = shipped.policy_set(library.modules())
    found = stages.parse(config.parse(library.stages(), file="stages.yaml"), policy)
    assert found.names == ("dev", "test", "production")
    governed = found.govern(policy)
    compiled(governed)
    assert PolicySet.decode(governed.encode()) == governed


def test_at_production_every_shipped_rule_is_enforced() -> None:
    policy = shipped.policy_set(library.modules())
    governed = stages.parse(config.parse(library.stages()), policy).govern(policy)
    assert {rule.mode("production") for rule in governed.rules} == {"enforce"}


def test_each_rule_about_configuration_says_what_it_is_and_what_to_do() -> None:
    ids = set()
    for info in compile_modules(CONFIGURATION, version="v1").rules():
        if info.name in ("deny", "warn") and not info.package.endswith("_test"):
            assert info.annotations, info  # each has an id of its own, by which it is waived
            custom = to_json(info.annotations["custom"])
            assert custom.keys() >= {"id", "severity", "remediation"}, info
            assert custom["severity"] in ("critical", "high", "medium", "low")
            assert custom["id"] not in ids
            ids.add(custom["id"])
    assert len(ids) >= 35
    page = (Path(__file__).parents[2] / "docs" / "reference" / "shipped-rules.md").read_text()
    assert ids == set(re.findall(r"^\| `(graven-[a-z0-9-]+)` \|", page, re.MULTILINE))


def test_a_set_that_there_is_not_is_named_with_those_that_there_are() -> None:
    with pytest.raises(NotFound, match="dockerfile, kubernetes"):
        library.rules("aws")
    assert sorted({path.partition("/")[0] for path in library.rules()}) == sorted(library.SETS)
