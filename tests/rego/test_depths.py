"""Depth: how far rules, terms and values may nest is the engine's own word, whatever stack the caller had left."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graven.rego import BudgetExhausted, PolicyErrors, World, compile_modules, depths, load
from graven.rego.builtins import Builtin, Context, declare
from graven.rego.depths import afresh
from graven.rego.salvage import Question, salvage

RULES = "\n".join(f"r{at} := r{at + 1} + 1" for at in range(120)) + "\nr120 := input.x"
FUNCTIONS = "\n".join(f"f{at}(x) := f{at + 1}(x) + 1" for at in range(120)) + "\nf120(x) := x\np := f0(input.x)"
SETS = "\n".join(f"s{at} contains x if some x in s{at + 1}" for at in range(120)) + "\ns120 := {input.x}"
NEGATED = "\n".join(f"n{at} if not n{at + 1}" for at in range(121)) + "\nn121 if input.x == 0"
COMPREHENDED = "\n".join(f"c{at} := [x | some x in c{at + 1}]" for at in range(120)) + "\nc120 := [input.x]"


@pytest.fixture(autouse=True)
def python_as_it_starts() -> Iterator[None]:
    """Python's own limit, and not the higher one of the commands."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(700)
    yield
    sys.setrecursionlimit(limit)


def below(frames: int, call: Callable[[], Any]) -> Any:
    """Call from deep in the stack."""
    return call() if not frames else below(frames - 1, call)


@pytest.mark.parametrize(
    ("module", "path", "wanted"),
    [
        (RULES, "data.a.r0", 127),
        (FUNCTIONS, "data.a.p", 127),
        (SETS, "data.a.s0", [7]),
        (NEGATED, "data.a.n0", True),
        (COMPREHENDED, "data.a.c0", [7]),
    ],
    ids=["rules", "functions", "sets", "negated", "comprehended"],
)
def test_a_long_chain_has_its_answer_from_wherever_it_is_asked(module: str, path: str, wanted: object) -> None:
    policy = compile_modules({"a.rego": f"package a\n{module}"})
    found = policy.evaluate(path, {"x": 7})
    assert found.json() == wanted
    assert below(400, lambda: policy.evaluate(path, {"x": 7})) == found
    read = load(policy.dump())
    assert below(400, lambda: read.evaluate(path, {"x": 7})) == found
    assert salvage(read, Question(path), {"x": 7}).answer == found


def test_a_chain_compiles_from_wherever_it_is_compiled() -> None:
    text = {"a.rego": f"package a\n{RULES}"}
    assert below(400, lambda: compile_modules(text)).evaluate("data.a.r0", {"x": 1}).json() == 121


def test_a_type_error_at_the_end_of_a_long_chain_is_found() -> None:
    module = RULES.replace("r120 := input.x", 'r120 := "text"')
    with pytest.raises(PolicyErrors) as caught:
        compile_modules({"a.rego": f"package a\n{module}"})
    assert [(each.row, each.code) for each in caught.value.errors] == [(121, "rego_type_error")]


def test_what_the_world_answered_is_not_asked_again() -> None:
    calls: list[str] = []

    def ask(_: Context, name: str) -> str:
        calls.append(name)
        return name

    own = Builtin(declare("own.ask: string -> string !nondeterministic"), ask, contextual=True)
    module = f'package a\np := [own.ask("x"), r0]\n{RULES}'
    found = compile_modules({"a.rego": module}, builtins=[own]).evaluate("data.a.p", {"x": 0}, world=World())
    assert (found.json(), calls) == (["x", 120], ["x"])


def test_an_error_of_a_rule_far_down_is_told_with_its_place() -> None:
    module = RULES.replace("r120 := input.x", "r120 := 1\nr120 := input.x")
    policy = compile_modules({"a.rego": f"package a\n{module}\nq := 1"})
    found = salvage(policy, Question("data.a.r0"), {"x": 7})
    assert [(each.code, each.row) for each in found.errors] == [("eval_conflict_error", 123)]


def test_a_chain_beyond_the_budget_of_depth_ends_cleanly(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = compile_modules({"a.rego": f"package a\n{RULES}"})
    policy.program.deepen()
    monkeypatch.setattr(depths, "DEEPEST", 100)
    with pytest.raises(BudgetExhausted, match="nested too deeply"):
        policy.evaluate("data.a.r0", {"x": 1})
    assert policy.evaluate("data.a.r60", {"x": 1}).json() == 61
    with pytest.raises(PolicyErrors, match="nested too deeply"):
        compile_modules({"a.rego": f"package a\n{RULES}"})


@pytest.mark.parametrize("frames", [0, 400])
def test_a_value_that_is_nested_too_deeply_is_so_for_every_caller(frames: int) -> None:
    policy = compile_modules({"a.rego": "package a\np := count(input) if not input == 7"})

    def nested(depth: int) -> object:
        document: object = 1
        for _ in range(depth):
            document = [document]
        return document

    assert below(frames, lambda: policy.evaluate("data.a.p", nested(100))).json() == 1
    with pytest.raises(BudgetExhausted, match="nested too deeply"):
        below(frames, lambda: policy.evaluate("data.a.p", nested(100_000)))


@pytest.mark.parametrize("frames", [0, 500])
def test_a_term_that_is_nested_is_read_the_same_for_every_caller(frames: int) -> None:
    def read(depth: int) -> Any:
        return compile_modules({"a.rego": f"package a\np := {'[' * depth}1{']' * depth}"})

    assert below(frames, lambda: read(40)).evaluate("count(data.a.p, x)").bindings[0]["x"] == 1
    with pytest.raises(PolicyErrors, match="nested too deeply"):
        below(frames, lambda: read(1_000))


def test_what_is_done_afresh_gives_and_raises_as_if_done_here() -> None:
    assert afresh(threading.get_ident) != threading.get_ident()
    with pytest.raises(ZeroDivisionError):
        afresh(lambda: 1 // 0)
