"""Which rules OPA's index would leave out: never one that could hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.rego import compile_modules
from graven.rego.candidates import Candidates
from graven.rego.evaluation import Limits, World, begin_run
from graven.rego.machine import Run, State, U
from graven.rego.results import Asked
from graven.rego.unnesting import unnested

BODIES = (
    'input.k == "A"',
    'input.k = "A"',
    'x := input.k; x == "A"',
    "input.k",
    "input.k == input.m",
    "count(input.k) > 0",
    'startswith(input.k, "A")',
    'endswith(input.k, "B")',
    'input.k in {"A", 1}',
    'input.k[_] == "A"',
    "data.b.c == 3",
    "not input.k",
    'input.k == "A" with input.k as "A"',
    "f(input.k)",
    "input.k == [1]",
    "input.k == null",
)
RULES = "package p\n" + "".join(f"r{at} if {{ {body} }}\n" for at, body in enumerate(BODIES))
RULES += 'f(x) if { x == "A" }\nf(x) if { startswith(x, "B") }\n'
POLICY = compile_modules({"p.rego": RULES}, data={"b": {"c": 3}})


class Watching:
    """Notes the rules that are left out, and those that gave something."""

    def __init__(self, program: Any) -> None:
        self.candidates = Candidates(program.unit)
        self.out: set[str] = set()
        self.held: set[str] = set()
        self.stack: list[tuple[str, bool]] = []

    def enter(self, rule: Any, state: Any, operands: Any) -> object:
        self.stack.append((f"{rule.name}:{rule.at}", self.candidates.left_out(rule, state, operands)))
        return rule

    def leave(self, _frame: object) -> None:
        name, out = self.stack.pop()
        self.out |= {name.partition(":")[0]} if out else set()

    def gave(self, _values: object) -> None:
        name, out = self.stack[-1]
        assert not out, name
        self.held.add(name.partition(":")[0])

    def solved(self, _number: int, _values: object) -> None: ...


def seen(document: Any) -> Watching:
    made: list[Watching] = []

    def watch(program: Any, run: Run) -> None:
        made.append(Watching(program))
        run.frames = made[0]

    POLICY.results(Asked("data.p"), document, watch=watch)
    return made[0]


@pytest.mark.parametrize(
    ("document", "out"),
    [
        ({"k": "A", "m": "A"}, {7, 9, 14, 15}),
        ({"k": "B"}, {0, 1, 2, 6, 8, 9, 14, 15}),
        ({}, {0, 1, 2, 3, 5, 6, 7, 8, 9, 13, 14, 15}),
        ({"k": None}, {0, 1, 2, 6, 7, 8, 9, 14}),
    ],
)
def test_what_an_index_tells_is_left_out(document: Any, out: set[int]) -> None:
    assert {int(name[1:]) for name in seen(document).out if name != "f"} == out


VALUES = st.sampled_from(["A", "AB", "B", "", 1, None, True, ["A"], {"x": "A"}, [1]])


@given(st.dictionaries(st.sampled_from(["k", "m"]), VALUES))
def test_no_rule_that_gives_something_is_left_out(document: Any) -> None:
    seen(document)  # asserts at each rule that gives


def test_a_rule_whose_first_expression_is_of_a_rule_is_tried() -> None:
    program = unnested(compile_modules({"p.rego": "package p\na if b == 1\nb := 2"}).traced)
    rule = next(each.rule for group in program.unit.tree.groups for each in group.definitions if each.rule.name == "a")
    run = begin_run(program, None, World(), Limits(), strict=False)
    assert not Candidates(program.unit).left_out(rule, State(run, U), ())
