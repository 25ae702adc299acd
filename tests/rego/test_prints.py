"""What rules print, and what they may use of the language."""

from __future__ import annotations

import pytest

from graven.errors import Malformed
from graven.rego import PolicyErrors, compile_modules, load

TEXT = """package p

r if { x := 1; print("a", x, [1, "b"], input.nope, {"k": null}) }

s contains x if { some x in [1, 2]; print("x is", x) }

f(x) if { print(x) }

u if { f("seven"); print(); print(concat(",", ["a", "b"])) }
"""
COUNT = {"builtins": [{"name": "count"}, {"name": "internal.member_2"}], "features": ["rego_v1"]}


def test_prints_are_told_with_their_place_and_what_is_undefined_is_named() -> None:
    prints = compile_modules({"p.rego": TEXT}, prints=True).evaluate("data.p", {}).prints
    assert [(each.row, each.text) for each in prints] == [
        (3, 'a 1 [1, "b"] <undefined> {"k": null}'),
        (5, "x is 1"),
        (5, "x is 2"),
        (7, "seven"),
        (9, ""),
        (9, "a,b"),
    ]
    assert {each.file for each in prints} == {"p.rego"}


def test_prints_are_erased_unless_they_are_asked_for() -> None:
    policy = compile_modules({"p.rego": TEXT})
    answer = policy.evaluate("data.p", {})
    assert answer.prints == ()
    assert answer.json() == {"r": True, "s": [1, 2], "u": True}


def test_a_compiled_policy_that_was_kept_still_prints() -> None:
    kept = load(compile_modules({"p.rego": TEXT}, prints=True).dump())
    assert [each.text for each in kept.evaluate("data.p.s", {}).prints] == ["x is 1", "x is 2"]


def test_a_variable_that_nothing_binds_cannot_be_printed() -> None:
    with pytest.raises(PolicyErrors, match="var y is unsafe"):
        compile_modules({"p.rego": "package p\nr if { print(y) }"})


def test_a_builtin_that_the_capabilities_lack_is_undefined() -> None:
    compile_modules({"p.rego": "package p\nx := count([1])"}, capabilities=COUNT)
    with pytest.raises(PolicyErrors, match="rego_type_error: undefined function upper"):
        compile_modules({"p.rego": 'package p\nx := upper("a")'}, capabilities=COUNT)


def test_a_query_is_held_to_the_capabilities_too() -> None:
    policy = compile_modules({}, capabilities=COUNT)
    with pytest.raises(PolicyErrors, match="undefined function lower"):
        policy.evaluate('lower("A")')


@pytest.mark.parametrize("path", ["future.keywords.not", "future.keywords.or"])
def test_a_keyword_that_the_capabilities_lack_cannot_be_imported(path: str) -> None:
    text = f"package p\nimport {path}"
    with pytest.raises(PolicyErrors, match=r"unexpected keyword, must be one of \[contains every if in\]"):
        compile_modules({"p.rego": text}, capabilities=COUNT)
    compile_modules({"p.rego": text}, capabilities={**COUNT, "future_keywords": ["not", "or"]})


@pytest.mark.parametrize("wrong", [{"builtins": {"count": 1}}, {"builtins": [1]}, {"features": "rego_v1"}])
def test_capabilities_of_another_form_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        compile_modules({}, capabilities=wrong)
