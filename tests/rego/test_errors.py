"""Errors: what is wrong is refused with its code and place, all of it at once, and never passes in silence."""

from __future__ import annotations

from typing import Any

import pytest

from graven.errors import Malformed
from graven.rego import UNDEFINED, PolicyErrors, compile_modules

CASES: list[tuple[str, str, int, str]] = [
    ("p if x > 1", "rego_unsafe_var_error", 2, "var x is unsafe"),
    ("p if not input.xs[_] == 1", "rego_unsafe_var_error", 2, "var _ is unsafe"),
    ("p := x", "rego_unsafe_var_error", 2, "var x is unsafe"),
    ("f(x) := y", "rego_unsafe_var_error", 2, "var y is unsafe"),
    ("p if nosuch(1)", "rego_type_error", 2, "undefined function nosuch"),
    ("p := print(1)", "rego_type_error", 2, "undefined function print"),
    ("p if count()", "rego_type_error", 2, "count: arity mismatch"),
    ("f(x) := x\np if f(1, 2, 3)", "rego_type_error", 3, "function data.p.f has arity 1, got 3 arguments"),
    ("f(x, y) := x\np if f(1)", "rego_type_error", 3, "function data.p.f has arity 2, got 1 argument"),
    ("p if count(1) == 1", "rego_type_error", 2, "count: invalid argument(s)"),
    ('p if 1 == "a"', "rego_type_error", 2, "match error"),
    ('p if "x" in [1, 2]', "rego_type_error", 2, "match error"),
    ('q := {"a": 1}\np := q.b', "rego_type_error", 3, "undefined ref: data.p.q.b"),
    ("p if p", "rego_recursion_error", 2, "rule data.p.p is recursive: data.p.p -> data.p.p"),
    ("p if q\nq if p", "rego_recursion_error", 2, "rule data.p.p is recursive: data.p.p -> data.p.q -> data.p.p"),
    ("p := 1\np contains 2", "rego_type_error", 2, "conflicting rules data.p.p found"),
    ("f(x) := 1\nf(x, y) := 2", "rego_type_error", 2, "conflicting rules data.p.f found"),
    ("default p := 1\ndefault p := 2", "rego_type_error", 1,
     "multiple default rules data.p.p found at p.rego:2, p.rego:3"),
    ("p.q.r := 1\np.q := 2", "rego_type_error", 3,
     "rule data.p.p.q conflicts with:\n  rule data.p.p.q.r at p.rego:2"),
    ("default p := input.x", "rego_parse_error", 2, "illegal default rule (value cannot contain ref)"),
    ("default p := [x]", "rego_parse_error", 2, "illegal default rule (value cannot contain var)"),
    ("default p := {1: count([])}", "rego_parse_error", 2, "illegal default rule (value cannot contain call)"),
    ("default f(1) := 1", "rego_parse_error", 2, "illegal default rule (arguments cannot contain number)"),
    ("default f(x, x) := 1", "rego_parse_error", 2, "illegal default rule (arguments cannot be repeated x)"),
    ("f(count(x)) := 1", "rego_compile_error", 2, "rule arguments cannot contain calls"),
    ("p if { not x := 1 }", "rego_compile_error", 2, "cannot assign vars inside negated expression"),
    ("q if count([])\np if q with count as startswith", "rego_type_error", 3, "count: arity mismatch"),
    ("f(x) := x\ng(x, y) := x\np if f(1) == 1 with f as g", "rego_type_error", 4, "data.p.f: arity mismatch"),
    ("p := data", "rego_recursion_error", 2, "rule data.p.p is recursive: data.p.p -> data.p.p"),
    ("p := [data]", "rego_recursion_error", 2, "rule data.p.p is recursive: data.p.p -> data.p.p"),
    ("in := 1", "rego_parse_error", 2, "in keyword cannot be used for rule name"),
    ("import rego.v3", "rego_parse_error", 2, "invalid import `rego.v3`, must be one of: `rego.v1`, `rego.v2`"),
    ("p := 1 if { false } else := 2 if { }", "rego_parse_error", 2, "found empty body"),
    ("p if { x := 1; x := 2 }", "rego_compile_error", 2, "var x assigned above"),
    ("p if { x == 1; x := 2 }", "rego_compile_error", 2, "var x referenced above"),
    ("p if { some x; true }", "rego_compile_error", 2, "declared var x unused"),
    ("f(x) := 1 if x := 2", "rego_compile_error", 2, "arg x redeclared"),
    ("p if { input := 1; input == 1 }", "rego_compile_error", 2, "variables must not shadow input"),
    ("import data.a.x\nimport data.b.x\np := x", "rego_compile_error", 3, "import must not shadow import"),
    ("p if any([true])", "rego_type_error", 2, "deprecated built-in function calls in expression: any"),
    ("p if true with nosuch as 1", "rego_type_error", 2, "with keyword target must reference existing"),
    ("q := {}\np if q with data.p.q.a as 1", "rego_compile_error", 3, "cannot partially replace virtual document"),
    ("p := 01", "rego_parse_error", 2, "illegal number format"),
    ('p := "abc', "rego_parse_error", 2, "non-terminated string"),
    ("p := $", "rego_parse_error", 2, "illegal token: '$'"),
    ("p { }", "rego_parse_error", 2, "found empty body"),
    ("p := {1, 2", "rego_parse_error", 2, "expected ',' or '}'"),
    ("import nosuch.x", "rego_parse_error", 2, "unexpected import path"),
    ("p if not some x in [1]", "rego_parse_error", 2, "illegal negation of 'some'"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "code", "row", "message"), CASES, ids=[module for module, *_ in CASES])
def test_a_fault_is_told_with_its_place(errors_of: Any, module: str, code: str, row: int, message: str) -> None:
    found = errors_of(module)
    assert (code, row) in [(each[0], each[1]) for each in found]
    assert any(message in each[3] for each in found), found


def test_an_old_deny_in_a_v1_module_is_two_errors_and_never_a_rule(errors_of: Any) -> None:
    found = errors_of('deny[msg] {\n  msg := "x"\n}')
    assert [(code, row) for code, row, _, _ in found] == [("rego_parse_error", 2)] * 2
    assert {message for *_, message in found} == {
        "`if` keyword is required before rule body",
        "`contains` keyword is required for partial set rules",
    }


def test_all_errors_of_all_modules_come_at_once() -> None:
    modules = {"a.rego": "package a\np if x\nq if y", "b.rego": "package b\nr if z"}
    with pytest.raises(PolicyErrors) as caught:
        compile_modules(modules)
    assert [(error.file, error.row) for error in caught.value.errors] == [("a.rego", 2), ("a.rego", 3), ("b.rego", 2)]


def test_syntax_errors_of_several_rules_come_at_once(errors_of: Any) -> None:
    assert [row for _, row, _, _ in errors_of("a := [\nb := 1\nc := }\nd := 2\ne if {")] != []


def test_the_text_has_the_line_and_a_caret() -> None:
    with pytest.raises(Malformed) as caught:
        compile_modules({"dir/a.rego": "package a\n\np if {\n\tx > 1\n}"})
    assert str(caught.value).splitlines()[:3] == [
        "1 error occurred: dir/a.rego:4: rego_unsafe_var_error: var x is unsafe",
        "\t\tx > 1",
        "\t\t^",
    ]


def test_an_undefined_function_suggests_what_was_meant(errors_of: Any) -> None:
    with pytest.raises(PolicyErrors, match="did you mean startswith"):
        compile_modules({"a.rego": 'package a\np if startwith("a", "b")'})


def test_base_data_at_the_path_of_a_rule_is_refused() -> None:
    with pytest.raises(PolicyErrors, match="conflicting rule for data path a/p found"):
        compile_modules({"a.rego": "package a\np := 1"}, data={"a": {"p": 2}})


STRICT: list[tuple[str, str]] = [
    ("p if { x := 1; true }", "assigned var x unused"),
    ("p := [1 | x := 2]", "assigned var x unused"),
    ("f(x) := 1", "unused argument x. (hint: use _ (wildcard variable) instead)"),
]


@pytest.mark.parametrize(("module", "message"), STRICT)
def test_strict_refuses_what_is_never_read(errors_of: Any, module: str, message: str) -> None:
    assert [each[3] for each in errors_of(module, strict=True)] == [message]


def test_strict_lets_an_argument_be_read_behind_else() -> None:
    module = "package p\nf(x, _) := 1 if input.a else := x\np := y if { y := f(1, 2) }\nq if { some z in [1]; true }"
    assert compile_modules({"p.rego": module}, version="v1", strict=True).evaluate("data.p.p").json() == 1


def test_strict_refuses_an_unused_import(errors_of: Any) -> None:
    assert errors_of("import data.x\np := 1", strict=True)[0][3] == "import data.x unused"


@pytest.mark.parametrize("text", ["1 ==", "x", "data.a.p[", "", "nosuch(1)"])
def test_a_query_that_cannot_be_is_refused(text: str) -> None:
    policy = compile_modules({"a.rego": "package a\np := 1"})
    with pytest.raises(PolicyErrors):
        policy.evaluate(text)


def test_a_builtin_that_is_not_offered_is_refused_and_never_undefined() -> None:
    with pytest.raises(PolicyErrors, match="this builtin is not offered here"):
        compile_modules({"a.rego": "package a\ndeny contains 1 if providers.aws.sign_req({}, {}, 1)"})


def test_the_version_is_found_out_module_by_module() -> None:
    modules = {"old.rego": "package a\np[x] { x := 1 }", "new.rego": "package b\np contains x if x := 1"}
    policy = compile_modules(modules)
    assert policy.evaluate("data.a.p").json() == policy.evaluate("data.b.p").json() == [1]
    with pytest.raises(PolicyErrors):
        compile_modules(modules, version="v1")
    with pytest.raises(PolicyErrors):
        compile_modules({"new.rego": modules["new.rego"]}, version="v0")
    mixed = compile_modules(modules, version={"old.rego": "v0", "new.rego": "v1"})
    assert mixed.evaluate("data.nothing").value is UNDEFINED


def test_import_rego_v1_makes_a_module_strict() -> None:
    with pytest.raises(PolicyErrors, match="`if` keyword is required"):
        compile_modules({"a.rego": "package a\nimport rego.v1\np { true }"}, version="v0")


def test_a_module_nested_beyond_reason_is_an_error_and_no_crash() -> None:
    with pytest.raises(PolicyErrors, match="nested too deeply"):
        compile_modules({"a.rego": "package a\np := " + "[" * 5000 + "]" * 5000})


def test_an_empty_object_after_if_holds_as_opa_reads_it() -> None:
    assert compile_modules({"p.rego": "package p\np if {}\n"}).evaluate("data.p.p").json() is True


def test_the_second_version_has_its_operators_and_blocks() -> None:
    text = "package p\nimport rego.v2\n\np if { input.x == 1 or input.y == 1; not { input.z == 1; input.w == 1 } }\n"
    policy = compile_modules({"p.rego": text})
    assert policy.evaluate("data.p.p", {"y": 1, "z": 1}).json() is True
    assert policy.evaluate("data.p.p", {"y": 1, "z": 1, "w": 1}).value is UNDEFINED
    with pytest.raises(PolicyErrors, match="`if` keyword is required"):
        compile_modules({"p.rego": "package p\nimport rego.v2\np { true }\n"}, version="v0")


def test_functions_may_be_replaced_by_what_takes_as_many_arguments_or_by_a_value() -> None:
    text = "package p\nf(x) := x\ng(x) := 7\nr := 9\na := x if x := f(1) with f as g\nb := x if x := f(1) with f as r\nc := x if x := f([1]) with f as count\n"
    found = compile_modules({"p.rego": text}).evaluate("data.p", {}).json()
    assert [found[name] for name in "abc"] == [7, 9, 1]


@pytest.mark.parametrize(
    ("module", "places"),
    [
        ("p if { not z == 1 }", {("z", 8)}),
        ("p if { true; count(x) == 1 }", {("x", 14)}),
        ("p if { x := y; z := x; z == 1 }", {("y", 8)}),
        ("p if { x = y; y = z }", {("x", 8), ("y", 8), ("z", 15)}),
        ("p if { some x, y in z; x == w }", {("x", 8), ("y", 8), ("z", 8), ("w", 24)}),
        ("p if { some i; input[i] == j }", {("j", 16)}),
        ("p if { every x in y { x } }", {("y", 19)}),
        ("p := [x | y := 1]", {("x", 6)}),
        ("p if { a := [y | z := 1]; a }", {("y", 8)}),
        ("p := [1 | not y]", {("y", 11)}),
        ("f(x) := x\np := [f(f(a)), b]", {("a", 9), ("b", 16)}),
        ('p := $"{x}"', {("x", 6)}),
    ],
)
def test_what_is_unsafe_is_told_where_opa_tells_it(errors_of: Any, module: str, places: set[tuple[str, int]]) -> None:
    found = errors_of(module)
    assert {each[0] for each in found} == {"rego_unsafe_var_error"}
    assert {(each[3].split()[1], each[2]) for each in found} == places


@pytest.mark.parametrize(
    "module",
    ["q := ports[x] if some x", "q := [ports[x] | some x]", "q := 1 if false else := ports[y] if some y"],
)
def test_what_a_head_alone_reads_is_declared_for_it(module: str) -> None:
    compile_modules({"p.rego": f"package p\nports := [1]\n{module}\n"})


@pytest.mark.parametrize("module", ["a := 1; b := 2", "a := 1;", "a if { true };\nb := 2", "import data.q;\nb := 2"])
def test_rules_and_imports_end_with_their_line_and_with_no_semicolon(errors_of: Any, module: str) -> None:
    assert {each[0] for each in errors_of(module)} == {"rego_parse_error"}


@pytest.mark.parametrize("term", ["(input.z)[0]", "(input)[0]", "((data.p.b)).c"])
def test_a_reference_in_parentheses_is_followed_by_no_step(errors_of: Any, term: str) -> None:
    found = errors_of(f"a := {term}")
    assert [(each[0], each[3]) for each in found] == [("rego_parse_error", "illegal ref (head cannot be ref)")]


@pytest.mark.parametrize("term", ["([1])[0]", '({"b": 1}).b', "([x | x := 1])[0]"])
def test_another_value_in_parentheses_may_be_followed_by_a_step(term: str) -> None:
    assert compile_modules({"p.rego": f"package p\na := {term}\n"}).evaluate("data.p.a", {}).json() == 1
