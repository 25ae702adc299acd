"""Namespaces are chosen as conftest chooses them, but for the default."""

from __future__ import annotations

import pytest

from graven.checks.rules import Rules, chosen, rule_id
from graven.rego import compile_modules


def _rules(*packages: str) -> Rules:
    modules = {f"{at}.rego": f'package {name}\ndeny contains "x" if false\n' for at, name in enumerate(packages)}
    return Rules(compile_modules(modules).rules())


def test_without_a_name_main_is_taken_if_it_is_there_else_everything() -> None:
    assert chosen(_rules("main", "other"), ()) == ("main",)
    assert chosen(_rules("a.b", "other"), ()) == ("a.b", "other")


@pytest.mark.parametrize(("pattern", "found"), [("k8s.*", ["k8s.a", "k8s.a.b"]), ("k8s.?", ["k8s.a"]), ("x", ["x"])])
def test_a_star_matches_dots_and_a_plain_name_is_taken_as_it_is(pattern: str, found: list[str]) -> None:
    assert list(chosen(_rules("k8s.a", "k8s.a.b", "main"), (pattern,))) == found


def test_only_rules_with_the_names_that_are_asked_for_count() -> None:
    module = "package main\nallow if true\ndeny_ contains 1 if true\nwarning contains 1 if true\nwarn_a1 contains 1 if true\n"
    rules = Rules(compile_modules({"p.rego": module}).rules())
    assert [check.name for check in rules.checks("main")] == ["warn_a1"]


def test_functions_are_not_asked() -> None:
    rules = Rules(compile_modules({"p.rego": "package main\ndeny_x(v) if v\n"}).rules())
    assert rules.checks("main") == ()


def test_an_id_is_the_metadata_s_or_the_path_with_the_place_among_its_siblings() -> None:
    module = 'package a\ndeny contains "x" if false\n# METADATA\n# custom: {id: G2}\ndeny contains "y" if false\n'
    check = Rules(compile_modules({"p.rego": module}).rules()).checks("a")[0]
    assert [rule_id(check, info).id for info in check.definitions] == ["a.deny/1", "G2"]


def test_a_namespace_that_is_named_as_it_is_written_is_no_pattern() -> None:
    rules = Rules(compile_modules({"p.rego": 'package a["b-c"]\ndeny contains 1 if true'}).rules())
    assert chosen(rules, ['a["b-c"]']) == ('a["b-c"]',)
    assert chosen(rules, ["a*"]) == ('a["b-c"]',)
