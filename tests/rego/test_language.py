"""The language: each kind of rule and expression, by what it answers."""

from __future__ import annotations

from typing import Any

import pytest

from graven.rego import UNDEFINED, EvaluationError, PolicyErrors, compile_modules

INPUT = {
    "a": 1,
    "xs": [3, 1, 2],
    "o": {"x": 1, "y": {"z": [10, 20]}},
    "components": [{"name": "a", "tags": ["t"]}, {"name": "b", "tags": []}, {"name": "a", "tags": ["u", "t"]}],
}

CASES: list[tuple[str, Any]] = [
    ("p := 1", 1),
    ("p := x if x := input.a", 1),
    ("p if input.a == 1", True),
    ("p if input.a == 2", UNDEFINED),
    ("p if input.nothing", UNDEFINED),
    ("default p := false\np if input.a == 2", False),
    ("p := 1 if input.a == 2 else := 2 if input.a == 1 else := 3", 2),
    ("p contains x if some x in input.xs", [1, 2, 3]),
    ("p[k] := v if some k, v in input.xs", {"0": 3, "1": 1, "2": 2}),
    ("p[input.a].b.c := 5", {"1": {"b": {"c": 5}}}),
    ("p.a.b := 1\np.c := 2", {"a": {"b": 1}, "c": 2}),
    ("p.x contains 1\np.x contains 2", {"x": [1, 2]}),
    ("f(x) := x + 1\np := f(f(1))", 3),
    ("f([x, y]) := x + y\np := f([1, 2])", 3),
    ("f(1) := 10\nf(2) := 20\np := [f(1), f(2)]", [10, 20]),
    ("default f(_) := 0\nf(1) := 10\np := [f(1), f(7)]", [10, 0]),
    ("f(x) := 1 if x > 2 else := 2\np := [f(3), f(1)]", [1, 2]),
    ("p := [x | some x in input.xs; x > 1]", [3, 2]),
    ("p := {x | x := input.xs[_]}", [1, 2, 3]),
    ("p := {k: v | some k, v in input.o.y.z}", {"0": 10, "1": 20}),
    ("p := input.o.y.z[i] if i := 1", 20),
    ("p := [i | input.xs[i] > 1]", [0, 2]),
    ("p := [k | input.o[k]]", ["x", "y"]),
    ("p if every x in input.xs { x > 0 }", True),
    ("p if every i, x in input.xs { x > i }", UNDEFINED),
    ("p if every x in [] { x > 0 }", True),
    ("p if every x in input.a { x > 0 }", UNDEFINED),
    ("p if not input.nothing", True),
    ("p if not input.a", UNDEFINED),
    ("p if 3 in input.xs", True),
    ("p if 0, 3 in input.xs", True),
    ('p if "foo", "foo" in {"foo", "bar"}', True),
    ("p := [x, y] if { [x, y] = [y, 1] }", [1, 1]),
    ('p := x if {"x": x, "y": _} = input.o', 1),
    ("p := y if { y = x + 1; x = 1 }", 2),
    ('p := [name | some c in input.components; c.tags[_] == "t"; name := c.name]', ["a", "a"]),
    ("p := count(input.xs) - 1", 2),
    ("p := {1, 2, 3} - {2} | {9}", [1, 3, 9]),
    ("p := {1, 2, 3} & {2, 3, 4}", [2, 3]),
    ('p := [x | x := startswith(input.xs, "a")]', []),
    ("p := 7 / 2", 3.5),
    ("p := -7 % 3", -1),
    ("p := 10000000000000000000000000000 * 3", 30000000000000000000000000000),
    ("p := q with input.a as 5\nq := input.a", 5),
    ("p := q with data.p.r as 5\nq := r\nr := 1", 5),
    ("p := q with count as 7\nq := count(input.xs)", 7),
    ("p := q with f as g\nq := f(1)\nf(x) := x\ng(x) := x + 100", 101),
    ("p := q with input.o.x as 9\nq := input.o", {"x": 9, "y": {"z": [10, 20]}}),
    ('p := $"a {input.a} {input.nothing} \\{b}"', "a 1 <undefined> {b}"),
    ("p := $`{input.xs}\n{1 + 1}`", "[3, 1, 2]\n2"),
    ("if.x := 1\np := data.p.if.x", 1),
    ("p := {1, 1.0, true}", [True, 1]),
    ("p if 1 == 1.0", True),
    ("p := x if { some x in [1, null]; x == null }", None),
    ("p := `a\\n`", "a\\n"),
    ('p := "\\u00e9"', "é"),
    ("import future.keywords.or\np if input.nothing or input.a == 1", True),
    ("import future.keywords.and\np if input.nothing and input.a == 1", UNDEFINED),
    ("import future.keywords.not\np if not { some x in input.xs; x > 5 }", True),
]  # fmt: skip


@pytest.mark.parametrize(("module", "wanted"), CASES, ids=[module for module, _ in CASES])
def test_a_rule_answers(answer: Any, module: str, wanted: Any) -> None:
    body = module.replace("p := q with", "p := y if y := q with")
    assert answer(body, "p", INPUT) == wanted


def test_deep_iteration_goes_on_in_a_function_of_its_own(answer: Any) -> None:
    loops = "; ".join(f"x{at} := input.xs[_]; x{at} == 1" for at in range(30))
    assert answer(f"p := [x0, x29] if {{ {loops} }}", "p", INPUT) == [1, 1]
    assert answer(f"p contains x29 if {{ {loops} }}", "p", INPUT) == [1]
    assert answer(f"p if {{ not false; {loops}; some y in input.xs; y == 2 }}", "p", INPUT) is True


def test_an_index_changes_no_answer(answer: Any) -> None:
    many = {"cs": [{"n": f"c{at % 7}", "v": at} for at in range(100)] + ["odd", {"n": ["c1"]}, {"n": 1.0}]}
    module = 'p := [c.v | some c in input.cs; c.n == "c3"]\nq := [c | c := input.cs[_]; c.n == 1]\n'
    assert answer(module, "p", many) == [at for at in range(100) if at % 7 == 3]
    assert answer(module, "q", many) == [{"n": 1.0}]


def test_modules_and_base_documents_make_one_tree() -> None:
    modules = {"a.rego": "package a\nx := 1", "b.rego": "package a.b\nimport data.a\ny := a.x + data.k.v"}
    policy = compile_modules(modules, data={"k": {"v": 41}})
    assert policy.evaluate("data.a").json() == {"x": 1, "b": {"y": 42}}
    assert policy.evaluate("data.k.v").json() == 41
    assert policy.evaluate("data.nothing").value is UNDEFINED


def test_a_query_gives_its_variables() -> None:
    policy = compile_modules({"a.rego": "package a\nq[x] := y if some x, y in input"})
    found = policy.evaluate("data.a.q[i] = v; v > 1", [1, 2, 3])
    assert [dict(row) for row in found.bindings] == [{"i": 1, "v": 2}, {"i": 2, "v": 3}]
    assert policy.evaluate("1 == 2").bindings == ()


@pytest.mark.parametrize(
    "module",
    [
        "p := 1\np := 2",
        "p := x if some x in [1, 2]",
        "f(x) := 1\nf(x) := 2\np := f(1)",
        "p[x] := y if { some y in [1, 2]; x := 1 }",
        "p := {x: y | some y in [1, 2]; x := 1}",
        'p[q].r := 1 if q := "a"\np.a.r := 2',
    ],
)
def test_two_values_where_one_may_be_are_a_conflict(answer: Any, module: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        answer(module)
    assert caught.value.code == "eval_conflict_error"
    assert caught.value.file == "p.rego"
    assert caught.value.row > 1


def test_the_printed_rules_of_v0_run_as_they_are() -> None:
    module = """package terraform.aws
deny[msg] {
  input.type == "aws_s3_bucket"
  not input.values.versioning[0].enabled
  msg := "S3 buckets must have versioning enabled for immutable storage"
}
"""
    policy = compile_modules({"s3.rego": module})
    assert policy.evaluate("data.terraform.aws.deny", {"type": "aws_s3_bucket", "values": {}}).json() == [
        "S3 buckets must have versioning enabled for immutable storage"
    ]
    enabled = {"type": "aws_s3_bucket", "values": {"versioning": [{"enabled": True}]}}
    assert policy.evaluate("data.terraform.aws.deny", enabled).json() == []


def test_not_has_its_old_meaning_for_calls(answer: Any) -> None:
    assert answer('p if not startswith(input.nothing, "x")', "p", INPUT) is UNDEFINED
    assert answer('p if not input.nothing == "x"', "p", INPUT) is True
    assert answer('import future.keywords.not\np if not startswith(input.nothing, "x")', "p", INPUT) is True


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r"\ud800", "\ufffd"),
        (r"\udc00x", "\ufffdx"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ud800\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\\ud800", r"\ud800"),
    ],
)
def test_half_of_a_surrogate_pair_is_read_as_a_replacement_as_go_does(text: str, read: str) -> None:
    policy = compile_modules({"p.rego": f'package p\n\nx := "{text}"\n\ny := json.unmarshal(input.text)\n'})
    assert policy.evaluate("data.p", {"text": f'"{text}"'}).json() == {"x": read, "y": read}


@pytest.mark.parametrize("number", [-1, 0xD800, 0xDFFF, 0x110000])
def test_a_number_that_is_no_character_is_written_as_a_replacement(number: int) -> None:
    policy = compile_modules({"p.rego": 'package p\n\nx := sprintf("%c%q", [input, input])\n'})
    assert policy.evaluate("data.p.x", number).json() == "\ufffd'\ufffd'"


def test_a_mark_of_encoding_before_a_module_is_no_part_of_it() -> None:
    assert compile_modules({"p.rego": "\ufeffpackage p\n\nx := 1\n"}).evaluate("data.p.x", None).json() == 1


def test_what_is_nested_too_deeply_to_compile_is_an_error_of_the_policy() -> None:
    with pytest.raises(PolicyErrors, match="nested too deeply") as found:
        compile_modules({"p.rego": f"package p\n\nx := {' + '.join(['1'] * 6_000)}\n"})
    assert found.value.errors[0].code == "rego_compile_error"


@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        ("[(n + 1) | some n in [1, 2]]", [2, 3]),
        ("{n + 1: n | some n in [1]}", {"2": 1}),
        ('{"a": (n - 1) | some n in [1]}', {"a": 0}),
        ("[{1} & {1, 2} | {3}]", [[1, 3]]),
        ("[{1} | {2}]", [[1]]),
        ("{1: {1} - {2} | {3}}", {"1": [1, 3]}),
        ("[(1) + (2) | {3}][_]", None),
        ("[n + 1 | some n in [1, 2]]", None),
        ("{n * 2 | some n in [1, 2]}", None),
        ('{"a": n + 1 | some n in [1]}', None),
        ("[n == 1 | n := 3]", None),
        ("[1 in [1] | true]", None),
    ],
)
def test_a_bar_behind_an_operator_without_parentheses_is_an_operator_as_in_opa(term: str, wanted: Any) -> None:
    module = {"p.rego": f"package p\n\nx := {term}\n"}
    if wanted is None:
        with pytest.raises(PolicyErrors):
            compile_modules(module)
        return
    assert compile_modules(module).evaluate("data.p.x").json() == wanted


@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        ("-input.a", -3),
        ("- input.a", -3),
        ("-input.a * 2", -6),
        ("2 * -input.a", -6),
        ("1 - -input.a", 4),
        ("-input.xs[0] - 1", -2),
        ("-count(input.xs)", -2),
        ("[-input.a, -1]", [-3, -1]),
    ],
)
def test_a_reference_or_a_call_has_its_negative(answer: Any, term: str, wanted: object) -> None:
    assert answer(f"p := {term}", "p", {"a": 3, "xs": [1, 2]}) == wanted


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("p if {x | input.none[x]}", True),
        ("p if {input.none | input.none}", True),
        ("p if {(input.none | input.none)}", UNDEFINED),
        ("p if {input.a} == {1}", True),
        ("p if {input.a} == {2}", UNDEFINED),
        ("p if {x: 1} == {2: 1}\nx := 2", True),
        ("p if { input.a == 2 } else := 3 if { input.a }", 3),
    ],
)
def test_braces_behind_if_that_make_a_term_are_no_body(answer: Any, rule: str, wanted: object) -> None:
    assert answer(rule, "p", {"a": 1}) == wanted


def test_values_of_two_kinds_may_be_compared_inside_a_term_and_not_as_an_expression(answer: Any) -> None:
    assert answer('p := (1 == "a")') is False
    with pytest.raises(PolicyErrors, match="match error"):
        answer('p if 1 == "a"')
