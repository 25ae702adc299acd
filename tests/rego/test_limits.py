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
    World,
    compile_modules,
    declare,
)

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
