"""Runs the Rego tests of the shipped rules on graven's own engine."""

from __future__ import annotations

import re

import pytest

from graven import library
from graven.decide import shipped, stages
from graven.decide.evaluation import compiled
from graven.decide.policy import PolicySet
from graven.documents import config
from graven.rego import compile_modules
from graven.rego.values import TRUE

MODULES = library.modules(tests=True)
TESTS = sorted(
    f"{package[1]}.{name}"
    for source in MODULES.values()
    if (package := re.search(r"^package (\S+)$", source, re.MULTILINE))
    for name in re.findall(r"^(test_\w+) if", source, re.MULTILINE)
)
ENGINE = compile_modules(MODULES, version="v1")


@pytest.mark.parametrize("name", TESTS)
def test_a_shipped_rule_keeps_its_promise(name: str) -> None:
    assert ENGINE.evaluate(f"data.{name}", strict_builtin_errors=True).value is TRUE


def test_each_rule_has_tests() -> None:
    assert len(TESTS) > 30
    ruled = {entry.split(".")[1] for rule in shipped.RULES for entry in rule.entries}
    assert {name.split(".")[1].removesuffix("_test") for name in TESTS} == ruled


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
