"""The texts of ``tests/vectors/rego/rewriting`` are what OPA 1.21.1's compiler leaves of the modules beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graven.rego.parse.modules import parse_module, parse_query
from graven.rego.trace.rewriting.compilation import Rewriting, rewritten, rewritten_query
from graven.rego.trace.rewriting.notation import expr_text, head_text, path_text
from graven.rego.trace.rewriting.walking import Node, bodies, closures
from graven.rego.tree import Expr, Module, Rule, Source
from graven.rego.treetext import lines

VECTORS = Path(__file__).parents[2] / "vectors" / "rego" / "rewriting"
MODULES = sorted(path.name for path in VECTORS.glob("*.rego"))
QUERIES = json.loads((VECTORS / "queries.json").read_text())


def module(name: str) -> Module:
    return parse_module(name, (VECTORS / name).read_text(), "v0" if ".v0." in name else "v1")


def body_lines(body: list[Expr], source: Source, pad: str) -> Iterator[str]:
    for expr in body:
        place = "-" if expr.at < 0 else "{}:{}".format(*source.position(expr.at))
        yield f"{pad}{place} {expr_text(expr)}"
        yield from inner_lines(expr, source, pad + "  ")


def inner_lines(node: Node, source: Source, pad: str) -> Iterator[str]:
    for closure in closures(node):
        for body in bodies(closure):
            yield from body_lines(body, source, pad)


def rule_lines(rule: Rule, source: Source) -> Iterator[str]:
    pad = ""
    for arm in [rule, *rule.orelse]:
        default = "default " if arm.default else ""
        yield "{}{}:{} {}{}".format(pad, *source.position(arm.at), default, head_text(arm))
        yield from body_lines(arm.body, source, pad + "  ")
        pad += "else "


def module_lines(found: Module) -> list[str]:
    made = [f"package {path_text(['data', *found.package])}"]
    for rule in found.rules:
        made += rule_lines(rule, found.source)
    return made


def name_lines(rewriting: Rewriting) -> list[str]:
    numbered = sorted(rewriting.names.items(), key=lambda pair: int(pair[0][len("__local") : -2]))
    return [f"{made} is {name}" for made, name in numbered]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_left_as_opa_leaves_it(name: str) -> None:
    rewriting = rewritten([module(name)], tests=name == "modifiers.rego")
    found = [*module_lines(rewriting.modules[0]), "", *name_lines(rewriting)]
    assert found == (VECTORS / f"{Path(name).stem}.txt").read_text().splitlines()


@pytest.mark.parametrize("case", QUERIES, ids=lambda case: case["query"])
def test_a_query_is_left_as_opa_leaves_it(case: dict[str, Any]) -> None:
    body, source = parse_query(case["query"])
    query = rewritten_query(body, source, rewritten(map(module, case["modules"])))
    assert list(body_lines(query.body, source, "")) == case["rewritten"]
    assert query.names == case["names"]


def test_each_value_of_a_query_has_a_variable_that_the_query_tells() -> None:
    body, source = parse_query("input.a; x := 1; not input.b; count(input.c)")
    query = rewritten_query(body, source, rewritten([]))
    assert query.captures == {0: "$term1", 3: "$term2"}


def test_the_given_modules_stay_as_they_were() -> None:
    given = [module(name) for name in MODULES]
    before = [list(lines(each)) for each in given]
    rewritten(given)
    assert [list(lines(each)) for each in given] == before


def test_variables_are_numbered_over_all_modules_by_their_names_in_whatever_order_they_come() -> None:
    first = parse_module("a.rego", "package a\np := x if x := 1", "v1")
    second = parse_module("b.rego", "package b\np := x if x := 1", "v1")
    rewriting = rewritten([second, first])
    assert [each.source.file for each in rewriting.modules] == ["a.rego", "b.rego"]
    assert [head_text(each.rules[0]) for each in rewriting.modules] == ["p := __local0__", "p := __local1__"]


def test_a_name_that_somebody_wrote_is_made_for_nothing_else() -> None:
    found = rewritten([parse_module("a.rego", "package a\np := x if { x := 1; __local0__ = 2 }", "v1")])
    assert head_text(found.modules[0].rules[0]) == "p := __local1__"


def test_prints_are_left_out_where_nobody_hears_them() -> None:
    given = parse_module("a.rego", "package a\np if print(1)\nq if { print(2); input.x }", "v1")
    found = rewritten([given], prints=False).modules[0]
    assert [[expr_text(expr) for expr in rule.body] for rule in found.rules] == [["true"], ["input.x"]]


def test_a_rule_of_another_module_of_the_package_is_known_by_its_name() -> None:
    given = [parse_module(f"{name}.rego", f"package a\n{name} if input[{name}]", "v1") for name in ("p", "q")]
    given[0] = parse_module("p.rego", "package a\np if q", "v1")
    found = rewritten(given).modules[0]
    assert expr_text(found.rules[0].body[0]) == "data.a.q"


def test_what_a_package_and_imports_name_is_known_to_a_query() -> None:
    rewriting = rewritten([parse_module("a.rego", "package a\nimport data.far as near\np := near", "v1")])
    body, source = parse_query("p == near")
    imports = rewriting.modules[0].imports
    query = rewritten_query(body, source, rewriting, package=("a",), imports=imports, capture=False)
    assert [expr_text(expr) for expr in query.body] == [
        "__localq0__ = data.a.p",
        "__localq1__ = data.far",
        "equal(__localq0__, __localq1__)",
    ]
