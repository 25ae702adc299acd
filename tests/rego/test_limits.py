"""Budgets and the world: steps and sizes end an evaluation, and nothing is known that was not handed in."""

from __future__ import annotations

from typing import Any

import pytest

from graven.errors import TooLarge
from graven.rego import (
    UNDEFINED,
    BudgetExhausted,
    Builtin,
    BuiltinError,
    Context,
    EvaluationError,
    Limits,
    PolicyErrors,
    World,
    compile_modules,
    declare,
    load,
)
from graven.rego.faults import OutOfTime, RuleExhausted
from graven.rego.salvage import Question, salvage

LOOPS = "package a\np if { some a in input; some b in input; some c in input; a + b + c == -1 }"


def test_a_budget_of_steps_ends_the_evaluation() -> None:
    policy = compile_modules({"a.rego": LOOPS})
    with pytest.raises(BudgetExhausted) as caught:
        policy.evaluate("data.a.p", list(range(1000)), limits=Limits(steps=10_000))
    assert isinstance(caught.value, TooLarge)


def test_the_same_question_takes_the_same_steps() -> None:
    policy = compile_modules({"a.rego": LOOPS})
    steps = {policy.evaluate("data.a.p", list(range(20))).steps for _ in range(3)}
    assert len(steps) == 1
    assert steps.pop() > 20**2


def test_a_large_result_ends_the_evaluation() -> None:
    policy = compile_modules({"a.rego": "package a\np := numbers.range(1, 100000000)"})
    with pytest.raises(EvaluationError, match="too large"):
        policy.evaluate("data.a.p")


@pytest.mark.parametrize(
    "step",
    ['concat("", [X, X])', "array.concat(X, X)", "X * X", 'replace("aaaaaaaaaa", "a", X)', 'sprintf("%v%v", [X, X])'],
)
def test_what_doubles_at_each_step_ends(step: str) -> None:
    start = "[1]" if "array" in step else "12345678901" if "*" in step else '"ab"'
    steps = "; ".join(f"x{at + 1} := {step.replace('X', f'x{at}')}" for at in range(60))
    policy = compile_modules({"a.rego": f"package a\np if {{ x0 := {start}; {steps} }}"})
    with pytest.raises((BudgetExhausted, EvaluationError), match=r"too large|made a value of"):
        policy.evaluate("data.a.p", limits=Limits(size=100_000))


def test_recursion_in_the_data_ends_cleanly() -> None:
    document: Any = 1
    for _ in range(100_000):
        document = [document]
    policy = compile_modules({"a.rego": "package a\np := input"})
    with pytest.raises(BudgetExhausted):
        policy.evaluate("data.a.p", document)


def test_a_failing_builtin_is_undefined_and_told() -> None:
    policy = compile_modules({"a.rego": "package a\ndeny contains x if x := to_number(input.x)"})
    found = policy.evaluate("data.a.deny", {"x": "no"})
    assert found.json() == []
    assert [(each.code, each.file, each.row) for each in found.failures] == [("eval_builtin_error", "a.rego", 2)]


def test_a_failing_builtin_is_an_error_under_strict_errors() -> None:
    policy = compile_modules({"a.rego": "package a\np := count(input.x)"})
    with pytest.raises(EvaluationError) as caught:
        policy.evaluate("data.a.p", {"x": 1}, strict_builtin_errors=True)
    assert (caught.value.code, caught.value.file, caught.value.row, caught.value.col) == (
        "eval_type_error",
        "a.rego",
        2,
        6,
    )
    assert policy.evaluate("data.a.p", {"x": 1}).value is UNDEFINED


def _policy(calls: list[str]) -> Any:
    def ask(context: Context, name: str) -> Any:
        calls.append(name)
        if context.entropy is None:
            raise BuiltinError("no entropy was given")
        return context.entropy(1).hex()

    own = Builtin(declare("own.ask: string -> string !nondeterministic"), ask, contextual=True)
    return compile_modules({"a.rego": 'package a\np := [own.ask("x"), own.ask("x"), own.ask("y")]'}, builtins=[own])


def test_a_caller_adds_builtins_and_a_nondeterministic_one_is_asked_once() -> None:
    calls: list[str] = []
    found = _policy(calls).evaluate("data.a.p", world=World(entropy=lambda _: b"\x07"))
    assert found.json() == ["07", "07", "07"]
    assert calls == ["x", "y"]


def test_what_was_answered_is_recorded_and_can_be_given_again() -> None:
    calls: list[str] = []
    policy = _policy(calls)
    first = policy.evaluate("data.a.p", world=World(entropy=lambda _: b"\x07"))
    calls.clear()
    again = policy.evaluate("data.a.p", world=World(recorded=first.recorded))
    assert again.json() == first.json()
    assert calls == []


def test_a_policy_is_asked_from_several_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    policy = compile_modules({"a.rego": "package a\np contains x if { some x in input; x > 1 }"})
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda at: policy.evaluate("data.a.p", [1, 2, at]).json(), range(50)))
    assert found == [sorted({x for x in (1, 2, at) if x > 1}) for at in range(50)]


def test_threads_that_ask_first_at_once_get_one_answer_with_its_place() -> None:
    from concurrent.futures import ThreadPoolExecutor

    rules = "\n".join(f"r{at} := to_number(input.x) if input.n == {at}" for at in range(40))
    policy = compile_modules({"a.rego": f"package a\n{rules}"})
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda at: policy.evaluate(f"data.a.r{at % 40}", {"x": "no", "n": at % 40}), range(160)))
    assert [[failure.row for failure in each.failures] for each in found] == [[at % 40 + 2] for at in range(160)]


def test_no_text_of_a_policy_becomes_code() -> None:
    hostile = "__import__('os')"
    policy = compile_modules({"a.rego": f'package a\np := ["{hostile}", {{"{hostile}": 1}}]'})
    assert policy.evaluate("data.a.p").json() == [hostile, {hostile: 1}]
    space = policy._program.space
    assert space["__builtins__"] == {}


TRIPLE = "some a in input.n; some b in input.n; some c in input.n; a + b + c == -1"
BUDGETED = f"""\
package p

# METADATA
# custom:
#   steps: 1000
deny contains "slow" if {{ {TRIPLE} }}

deny contains "quick" if input.n

# METADATA
# custom: {{steps: 500}}
helper if {{ {TRIPLE} }}

deny contains "asks" if helper
"""
MANY = {"n": list(range(30))}


def test_a_rule_ends_at_its_own_budget_and_is_named_with_its_line() -> None:
    policy = compile_modules({"p.rego": BUDGETED})
    with pytest.raises(RuleExhausted, match=r"p\.rego:6: eval_budget_error: data\.p\.deny .* budget of 1000") as caught:
        policy.evaluate("data.p.deny", MANY)
    assert isinstance(caught.value, BudgetExhausted)
    assert (caught.value.file, caught.value.row) == ("p.rego", 6)
    assert "custom.steps" in caught.value.hint
    with pytest.raises(RuleExhausted, match=r"p\.rego:12: .* data\.p\.helper .* budget of 500"):
        policy.evaluate("data.p.helper", MANY)
    assert policy.evaluate("data.p.deny", {"n": [1, 2]}).json() == ["quick"]


def test_a_budget_of_a_rule_leaves_the_others_theirs() -> None:
    policy = compile_modules({"p.rego": BUDGETED})
    found = salvage(policy, Question("data.p.deny"), MANY)
    assert found.answer.json() == ["quick"]
    assert [(error.code, error.row, error.at[1]) for error in found.errors] == [
        ("eval_budget_error", 6, 6),
        ("eval_budget_error", 12, 14),
    ]
    read = load(policy.dump())
    assert salvage(read, Question("data.p.deny"), MANY) == found


def test_an_evaluation_gives_a_budget_to_each_rule() -> None:
    module = f'package p\ndeny contains "slow" if {{ {TRIPLE} }}\ndeny contains "quick" if input.n\nr if {{ {TRIPLE} }}'
    policy = compile_modules({"p.rego": module})
    limits = Limits(rule_steps=2000)
    with pytest.raises(RuleExhausted, match=r"p\.rego:2: .*budget of 2000"):
        policy.evaluate("data.p.deny", MANY, limits=limits)
    found = salvage(policy, Question("data.p"), MANY, limits=limits)
    assert found.answer.json() == {"deny": ["quick"]}
    assert [(error.rule, error.row) for error in found.errors] == [("data.p.deny", 2), ("data.p.r", 4)]
    assert policy.evaluate("data.p.deny", {"n": [1]}, limits=limits).json() == ["quick"]


def test_the_metadata_of_a_rule_says_more_or_less_than_the_budget_of_each() -> None:
    module = BUDGETED.replace("steps: 1000", "steps: 1000000").replace(" if helper", " if not helper")
    policy = compile_modules({"p.rego": module.replace("500", "600")})
    found = salvage(policy, Question("data.p.deny"), MANY, limits=Limits(rule_steps=20_000))
    assert found.answer.json() == ["quick"]
    assert ["budget of 600" in error.message for error in found.errors] == [True]


@pytest.mark.parametrize(
    ("said", "got"),
    [("many", '"many"'), ("0", "0"), ("-5", "-5"), ("1.5", "1.5"), ("true", "true"), ("null", "null"), ("[1]", "[1]")],
)
def test_a_budget_that_is_no_number_of_steps_is_an_error_of_the_policy(said: str, got: str) -> None:
    with pytest.raises(PolicyErrors) as caught:
        compile_modules({"p.rego": BUDGETED.replace("1000", said)})
    (error,) = caught.value.errors
    assert (error.file, error.row, error.code) == ("p.rego", 3, "rego_parse_error")
    assert error.message == f"custom.steps: got {got}, expected a positive integer"


def test_a_budget_of_a_rule_does_not_widen_that_of_the_whole() -> None:
    policy = compile_modules({"p.rego": BUDGETED.replace("1000", "1000000000")})
    with pytest.raises(BudgetExhausted) as caught:
        policy.evaluate("data.p.deny", MANY, limits=Limits(steps=700))
    assert not isinstance(caught.value, RuleExhausted)


def test_budgets_of_rules_change_no_count() -> None:
    plain = compile_modules({"p.rego": BUDGETED.replace("METADATA", "no metadata")})
    document = {"n": [1, 2, 3]}
    wanted = plain.evaluate("data.p", document).steps
    budgeted = compile_modules({"p.rego": BUDGETED})
    assert budgeted.evaluate("data.p", document).steps == wanted
    assert budgeted.evaluate("data.p", document, limits=Limits(rule_steps=400)).steps == wanted
    assert budgeted.evaluate("data.p", document, deadline=lambda: False).steps == wanted


def test_a_budget_of_a_rule_holds_under_a_clock_too() -> None:
    policy = compile_modules({"p.rego": BUDGETED})
    with pytest.raises(RuleExhausted):
        policy.evaluate("data.p.deny", {"n": list(range(100))}, deadline=lambda: False)


def test_the_callers_clock_is_looked_at_now_and_then_and_ends_the_evaluation() -> None:
    policy = compile_modules({"a.rego": LOOPS})
    looks: list[int] = []

    def over() -> bool:
        looks.append(1)
        return len(looks) == 3

    with pytest.raises(OutOfTime, match="time of the command is over"):
        policy.evaluate("data.a.p", list(range(200)), deadline=over)
    assert len(looks) == 3
    assert policy.evaluate("data.a.p", list(range(10)), deadline=over).value is UNDEFINED
    assert len(looks) == 3  # what is quick never looks


def test_a_clock_that_does_not_end_it_changes_no_answer() -> None:
    policy = compile_modules({"a.rego": LOOPS})
    document = list(range(80))
    with_clock = policy.evaluate("data.a.p", document, deadline=lambda: False)
    assert with_clock == policy.evaluate("data.a.p", document)
    limits = Limits(steps=with_clock.steps - 1)
    with pytest.raises(BudgetExhausted) as caught:
        policy.evaluate("data.a.p", document, limits=limits, deadline=lambda: False)
    assert not isinstance(caught.value, OutOfTime)
