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
    ("f(x) := x\np if f(1, 2, 3)", "rego_type_error", 3, "data.p.f: arity mismatch"),
    ("p if count(1) == 1", "rego_type_error", 2, "count: invalid argument(s)"),
    ('p if 1 == "a"', "rego_type_error", 2, "match error"),
    ('p if "x" in [1, 2]', "rego_type_error", 2, "match error"),
    ('q := {"a": 1}\np := q.b', "rego_type_error", 3, "undefined ref: data.p.q.b"),
    ("p if p", "rego_recursion_error", 2, "rule data.p.p is recursive: data.p.p -> data.p.p"),
    ("p if q\nq if p", "rego_recursion_error", 2, "rule data.p.p is recursive: data.p.p -> data.p.q -> data.p.p"),
    ("p := 1\np contains 2", "rego_type_error", 3, "conflicting rules data.p.p found"),
    ("f(x) := 1\nf(x, y) := 2", "rego_type_error", 3, "conflicting rules data.p.f found"),
    ("default p := 1\ndefault p := 2", "rego_type_error", 3, "multiple default rules"),
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
    ("p if { }", "rego_parse_error", 2, "found empty body"),
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
