"""A definition that raises takes nothing from the others: what they say is told, and the one that raised is named."""

from __future__ import annotations

from typing import Any

import pytest

from graven.rego import UNDEFINED, Builtin, EvaluationError, Limits, Policy, World, compile_modules, declare, to_json
from graven.rego.salvage import Question, Salvaged, salvage

THREE = """\
package p

deny contains "one" if input.x == "no"

deny contains msg if {
\tsome n in [1, to_number(input.x)]
\tmsg := sprintf("%d", [n])
}

deny contains "three"
"""


def told(module: str, query: str = "data.p.deny", document: Any = None, *, changes: Any = (), **given: Any) -> Salvaged:
    policy = compile_modules({"p.rego": module})
    question = Question(query, dict(changes))
    return salvage(policy, question, {"x": "no"} if document is None else document, strict_builtin_errors=True, **given)


def value(found: Salvaged) -> Any:
    return None if found.answer.value is UNDEFINED else to_json(found.answer.value)


def test_the_other_definitions_of_a_set_still_say_what_they_say() -> None:
    found = told(THREE)
    assert value(found) == ["one", "three"]
    (error,) = found.errors
    assert (error.rule, error.code, error.file, error.row, error.col) == (
        "data.p.deny", "eval_builtin_error", "p.rego", 6, 16,
    )  # fmt: skip
    assert error.at == ("p.rego", 5)
    assert "strconv" in error.message or "to_number" in error.message


def test_a_clean_evaluation_is_the_answer_as_it_is() -> None:
    policy = compile_modules({"p.rego": THREE})
    found = salvage(policy, Question("data.p.deny"), {"x": "7"}, strict_builtin_errors=True)
    assert found.errors == ()
    assert found.answer == policy.evaluate("data.p.deny", {"x": "7"}, strict_builtin_errors=True)


def test_what_a_definition_said_before_it_raised_is_told() -> None:
    found = told('package p\ndeny contains x if { some y in ["1", input.x]; x := to_number(y) }')
    assert value(found) == [1]
    assert [error.at for error in found.errors] == [("p.rego", 2)]


def test_the_other_rules_of_a_package_still_report() -> None:
    module = 'package p\na := 1\nb := to_number(input.x)\nc contains "m"\nd := b + 1\nf(x) := x\n'
    found = told(module, "data.p")
    assert value(found) == {"a": 1, "c": ["m"]}
    assert [(error.rule, error.row, error.at[1]) for error in found.errors] == [("data.p.b", 3, 3), ("data.p.d", 3, 5)]


def test_packages_below_and_base_documents_are_part_of_what_is_told() -> None:
    modules = {"a.rego": "package p.a\nx := to_number(input.x)", "b.rego": "package p.b\ny := 2"}
    policy = compile_modules(modules, data={"p": {"base": 3}})
    found = salvage(policy, Question("data.p"), {"x": "no"}, strict_builtin_errors=True)
    assert value(found) == {"a": {}, "b": {"y": 2}, "base": 3}
    assert [error.rule for error in found.errors] == ["data.p.a.x"]


def test_a_conflict_of_complete_rules_names_the_second() -> None:
    found = told("package p\nr := 1\nr := 2 if input.x\nq := 3", "data.p")
    assert value(found) == {"q": 3}
    assert [(error.code, error.rule, error.row) for error in found.errors] == [("eval_conflict_error", "data.p.r", 3)]


def test_a_default_stands_for_no_rule_that_raised() -> None:
    found = told("package p\ndefault allow := false\nallow if to_number(input.x) == 1", "data.p.allow")
    assert value(found) is None
    assert [error.at for error in found.errors] == [("p.rego", 3)]


def test_a_refusal_of_one_body_is_told_though_another_raised() -> None:
    found = told("package p\ndeny if to_number(input.x) == 1\ndeny if input.x", "data.p.deny")
    assert value(found) is True
    assert len(found.errors) == 1


def test_of_an_object_the_entries_that_could_be_told_are_told() -> None:
    module = 'package p\nviolation[k] := v if { k := "a"; v := 1 }\nviolation["b"] := to_number(input.x)\n'
    found = told(module, "data.p.violation")
    assert value(found) == {"a": 1}
    assert [error.row for error in found.errors] == [3]
    clashing = told('package p\no[k] := 1 if k := "a"\no[k] := 2 if { input.x; k := "a" }\no["b"] := 3', "data.p.o")
    assert value(clashing) == {"a": 1, "b": 3}
    assert [(error.code, error.row) for error in clashing.errors] == [("eval_conflict_error", 3)]


def test_a_rule_that_uses_up_the_budget_leaves_it_to_the_others() -> None:
    loop = "deny contains 1 if { some a in input.n; some b in input.n; some c in input.n; a + b + c == -1 }"
    module = f'package p\ndeny contains "before"\n{loop}\ndeny contains "after"\n'
    document = {"n": list(range(100))}
    found = told(module, document=document, limits=Limits(steps=20_000))
    assert value(found) == ["after", "before"]
    (error,) = found.errors
    assert (error.code, error.rule, error.file, error.row) == ("eval_budget_error", "data.p.deny", "p.rego", 3)
    again = told(module, document=document, limits=Limits(steps=20_000))
    assert again == found


def test_rules_that_only_together_use_up_the_budget_are_an_error_all_the_same() -> None:
    loop = "deny contains {at} if {{ some a in input.n; some b in input.n; a + b + {at} == 9 }}\n"
    module = "package p\n" + "".join(loop.format(at=at) for at in range(6))
    found = told(module, document={"n": list(range(50))}, limits=Limits(steps=10_000))
    assert value(found) == list(range(6))
    assert [error.code for error in found.errors] == ["eval_budget_error"]


def test_what_ends_the_command_is_no_error_of_a_rule() -> None:
    def cancelled(_name: str) -> str:
        raise EvaluationError("eval_cancel_error", "caller cancelled query execution")

    own = Builtin(declare("own.ask: string -> string"), cancelled)
    policy = compile_modules({"p.rego": 'package p\ndeny contains own.ask("x")'}, builtins=[own])
    with pytest.raises(EvaluationError, match="cancelled"):
        salvage(policy, Question("data.p.deny"))


def test_what_the_world_answered_once_is_not_asked_again() -> None:
    calls: list[str] = []

    def ask(name: str) -> str:
        calls.append(name)
        return name

    own = Builtin(declare("own.ask: string -> string !nondeterministic"), ask)
    module = 'package p\ndeny contains own.ask("x")\ndeny contains to_number(input.x)'
    policy = compile_modules({"p.rego": module}, builtins=[own])
    found = salvage(policy, Question("data.p.deny"), {"x": "no"}, strict_builtin_errors=True, world=World())
    assert value(found) == ["x"]
    assert calls == ["x"]
    assert dict(found.answer.recorded)


def test_failures_and_prints_of_those_that_report_are_told_once() -> None:
    module = 'package p\na contains to_number("z")\nb := 1 if print("seen")\nc := 1\nc := 2 if input.x'
    policy = compile_modules({"p.rego": module}, prints=True)
    found = salvage(policy, Question("data.p"), {"x": "no"})
    assert value(found) == {"a": [], "b": 1}
    assert [each.row for each in found.answer.failures] == [2]
    assert [each.text for each in found.answer.prints] == ["seen"]


def test_a_document_may_be_given_beside_the_base_documents() -> None:
    module = "package p\ndeny contains data.extra.name\ndeny contains to_number(input.x)"
    found = told(module, changes={"data.extra": {"name": "n"}})
    assert value(found) == ["n"]
    assert len(found.errors) == 1


def test_a_policy_that_was_read_says_the_same() -> None:
    from graven.rego import load

    made: Policy = compile_modules({"p.rego": THREE})
    read = load(made.dump())
    assert salvage(read, Question("data.p.deny"), {"x": "no"}, strict_builtin_errors=True) == told(THREE)


def test_a_query_that_is_no_document_raises_as_evaluate_does() -> None:
    with pytest.raises(EvaluationError):
        told(THREE, "data.p.deny[x]")


@pytest.mark.parametrize("raising", range(16))
def test_what_the_others_say_is_what_they_say_without_the_one_that_raises(raising: int) -> None:
    said = [f'deny contains "m{at}" if input.l[_] == {at}' for at in range(4)]
    broken = [f"deny contains to_number(input.x) if input.l[_] == {at}" for at in range(4)]
    whole = [broken[at] if raising >> at & 1 else said[at] for at in range(4)]
    kept = [said[at] for at in range(4) if not raising >> at & 1]
    document = {"x": "no", "l": [0, 1, 2, 3]}
    found = told("package p\n" + "\n".join(whole), document=document)
    without = compile_modules({"p.rego": "package p\ndeny contains 0 if false\n" + "\n".join(kept)})
    assert value(found) == without.evaluate("data.p.deny", document).json()
    assert [error.row - 2 for error in found.errors] == [at for at in range(4) if raising >> at & 1]


@pytest.mark.parametrize("name", ['["b.c"]', '["b\\"c é\\\\"]', '["café"].plain', '["\\u00e9"]', '["a]b"]'])
def test_packages_of_any_name_are_salvaged(name: str) -> None:
    found = told(THREE.replace("package p", f"package p{name}"), f"data.p{name}.deny")
    assert value(found) == ["one", "three"]
    assert [(error.row, error.code) for error in found.errors] == [(6, "eval_builtin_error")]
