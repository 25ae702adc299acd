"""Loops led by an index: the law is that nobody can tell, but for the time and the steps that it takes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graven.rego import BudgetExhausted, Limits, Policy, compile_modules

BODIES = {
    "equality": 'some c in input.cs; c.n == "ab"; msg := c.v',
    "equality with what was bound before": "some n in input.ns; some c in input.cs; n == c.n; msg := [n, c.v]",
    "start": 'some c in input.cs; startswith(c.n, "a"); msg := c.v',
    "end": 'some c in input.cs; endswith(c.n, "b"); msg := c.v',
    "part": 'some c in input.cs; contains(c.n, "b"); msg := c.v',
    "pattern": 'some c in input.cs; regex.match("^a+bab", c.n); msg := c.v',
    "assignment": 'c := input.cs[_]; startswith(c.n, "a"); msg := c.v',
    "order": 'msg := [c.v | some c in input.cs; endswith(c.n, "b")]',
    "zero": 'some c in input.cs; contains(c.n, "\\u0000"); msg := c.v',
    "zero within": 'some c in input.cs; startswith(c.n, "a\\u0000b"); msg := c.v',
    "loop in loop": 'some c in input.cs; some l in c.ls; l.i == "ab"; msg := [c.v, l]',
    "order of loop in loop": "msg := [[c.v, l] | some c in input.cs; some l in c.ls; l.i == 1]",
    "assignment in loop": 'some c in input.cs; l := c.ls[_]; "ab" == l.i; msg := [c.v, l.i]',
    "what is bound outside": "some n in input.ns; some c in input.cs; some l in c.ls; l.i == n; msg := [n, c.v]",
    "what the first loop binds": "some c in input.cs; some l in c.ls; l.i == c.v; msg := [c.v, l.i]",
    "not": "not none; msg := 1",
    "mock": "count(q) > 0 with startswith as mocked; msg := 1",
}  # fmt: skip
HELPERS = """
none if { some c in input.cs; some l in c.ls; l.i == "ab" }
q contains c.v if { some c in input.cs; startswith(c.n, "a") }
mocked(_, _) := true
"""

texts = st.text("ab\0", max_size=6)
values = st.one_of(texts, st.integers(0, 2), st.none(), st.just(1.0), st.just(["a"]))
inner = st.one_of(
    st.none(),
    st.lists(st.one_of(st.just({}), st.builds(lambda i: {"i": i}, values)), max_size=3),
    st.dictionaries(st.sampled_from("xyz"), st.builds(lambda i: {"i": i}, values), max_size=3),
)


def _member(names: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda n, v, ls, keys: {key: item for key, item in (("n", n), ("v", v), ("ls", ls)) if key in keys},
        names, st.integers(0, 2), inner, st.sampled_from(["n v ls", "n v", "v ls", "n ls"]),
    )  # fmt: skip


members = st.one_of(
    st.lists(_member(texts), min_size=16, max_size=24),
    st.lists(_member(values), min_size=12, max_size=20),
    st.dictionaries(st.text("xyz", max_size=4), _member(texts), min_size=16, max_size=24),
)
documents = st.builds(lambda ns, cs: {"ns": ns, "cs": cs}, st.lists(values, max_size=3), members)
policies = {
    name: compile_modules({"a.rego": f"package a\nimport rego.v1\np contains msg if {{ {body} }}\n{HELPERS}"})
    for name, body in BODIES.items()
}


def _ignored(_reached: object) -> None:
    """Take what a trace tells."""


def _told(policy: Policy, document: Any, **how: Any) -> Any:
    found = policy.evaluate("data.a.p", document, **how)
    return found.json(), sorted({(each.code, each.message, each.row) for each in found.failures})


@pytest.mark.parametrize("name", BODIES)
@settings(max_examples=15, deadline=None)
@given(document=documents)
def test_an_index_changes_neither_answer_nor_complaint(name: str, document: Any) -> None:
    policy = policies[name]
    assert _told(policy, document) == _told(policy, document, trace=_ignored)


@settings(max_examples=8, deadline=None)
@given(document=documents)
def test_the_same_question_takes_the_same_steps(document: Any) -> None:
    for policy in policies.values():
        assert policy.evaluate("data.a.p", document).steps == policy.evaluate("data.a.p", document).steps


@pytest.mark.parametrize("name", ["equality", "start", "pattern", "loop in loop"])
def test_making_an_index_counts_against_the_budget(name: str) -> None:
    document = {"cs": [{"n": f"a{at}", "v": at, "ls": [{"i": at}]} for at in range(1000)]}
    with pytest.raises(BudgetExhausted):
        policies[name].evaluate("data.a.p", document, limits=Limits(steps=999))


def test_a_second_rule_finds_what_the_first_has_made() -> None:
    rules = "".join(f'p contains {at} if {{ some c in input; some l in c.ls; l == "x{at}" }}\n' for at in range(9))
    twice = "".join(f'p contains {at} if {{ some c in input; some l in c.ls; l.i == "x{at}" }}\n' for at in range(9))
    document = [{"ls": [{"i": at}]} for at in range(500)]
    assert compile_modules({"a.rego": f"package a\n{rules}"}).evaluate("data.a.p", document).steps > 9 * 500
    assert compile_modules({"a.rego": f"package a\n{twice}"}).evaluate("data.a.p", document).steps < 3 * 500


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("[[:^alpha:]abc[xyz]", "a"),
        ("[[:alpha:][:^digit:]abc[x]", "-"),
        ("[^[:^alpha:]abc[xyz]", "d"),
        ("[[:alpha:]abc[xyz]", "["),
    ],
)
def test_letters_of_a_class_are_not_asked_for_together(pattern: str, text: str) -> None:
    source = f"package a\nimport rego.v1\np contains c.n if {{ some c in input.cs; regex.match(`{pattern}`, c.n) }}"
    policy = compile_modules({"a.rego": source})
    assert policy.evaluate("data.a.p", {"cs": [{"n": text}] * 20}).json() == [text]
