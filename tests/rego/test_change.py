"""Changes: what turns a result is irreducible, and was evaluated."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graven.errors import NotFound
from graven.rego import UNDEFINED, World, compile_modules, from_json, to_json
from graven.rego.change import Budget, Search, becomes, holds, search, without
from graven.rego.edits import applied
from graven.rego.values import FALSE, TRUE

HEAD = "package p\nimport rego.v1\n"
ALLOW = """
default allow := false
allow if { input.signed; input.level > 3; input.user in data.users; every t in input.tags { t != "bad" } }
"""


def found(rules: str, document: Any, member: Any = "x", **given: Any) -> list[dict[str, Any]]:
    """Give the edits that a search finds, as JSON."""
    done = search(compile_modules({"p.rego": HEAD + rules}), "data.p.deny", document, without(member), **given)
    return [edit.value() for edit in done.edits or ()]


def replaced(*path: Any, before: Any, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": list(path), "before": before, "value": value}


def added(*path: Any, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": list(path), "value": value}


def removed(*path: Any, before: Any) -> dict[str, Any]:
    return {"op": "remove", "path": list(path), "before": before}


SHAPES: dict[str, tuple[str, Any, list[dict[str, Any]]]] = {
    "the nearest number at a bound": ('deny contains "x" if input.n < 5', {"n": 1}, [replaced("n", before=1, value=5)]),
    "a truth": ('deny contains "x" if input.cs[_].priv', {"cs": [{"priv": False}, {"priv": True}]},
                [replaced("cs", 1, "priv", before=True, value=False)]),
    "a truth that is missing": ('deny contains "x" if not input.a.b.c', {"a": {}}, [added("a", "b", "c", value=True)]),
    "a constant of a set": ('deny contains "x" if not input.r in {"eu", "us"}', {"r": "cn"},
                            [replaced("r", before="cn", value="eu")]),
    "a constant that another rule makes": ('deny contains "x" if not input.r in regions\nregions := ["eu"]', {"r": "cn"},
                                           [replaced("r", before="cn", value="eu")]),
    "a beginning": ('deny contains "x" if not startswith(input.image, "ghcr.io/")', {"image": "docker.io/a"},
                    [replaced("image", before="docker.io/a", value="ghcr.io/a")]),
    "an end": ('deny contains "x" if endswith(input.image, ":latest")', {"image": "a:latest"},
               [replaced("image", before="a:latest", value="a")]),
    "an element that is named": ('deny contains "x" if not "ALL" in input.drop', {"drop": ["NET"]},
                                 [added("drop", 1, value="ALL")]),
    "a list that is missing": (
        'deny contains "x" if { some c in input.cs; not dropping(c) }\ndropping(c) if "ALL" in c.context.drop',
        {"cs": [{}]}, [added("cs", 0, "context", "drop", value=["ALL"])]),
    "a key that object.get names": (
        'deny contains "x" if { some c in input.cs; object.get(c, ["context", "root"], true) != false }',
        {"cs": [{}]}, [added("cs", 0, "context", "root", value=False)]),
    "an element too many": ('deny contains "x" if "NET" in input.add', {"add": ["A", "NET"]},
                            [removed("add", 1, before="NET")]),
    "what others have": ('deny contains "x" if { some c in input.cs; not regex.match("^v[0-9]$", c.v) }',
                         {"cs": [{"v": "v1"}, {"v": "?"}]}, [replaced("cs", 1, "v", before="?", value="v1")]),
    "two numbers": ('deny contains "x" if input.min > input.max', {"min": 5, "max": 3},
                    [replaced("max", before=3, value=5)]),
    "two bodies": ('deny contains "x" if input.a\ndeny contains "x" if input.b > 3', {"a": True, "b": 5},
                   [replaced("a", before=True, value=False), replaced("b", before=5, value=3)]),
    "two elements": ('deny contains "x" if { some c in input.cs; c.priv }', {"cs": [{"priv": True}] * 2},
                     [replaced("cs", at, "priv", before=True, value=False) for at in (0, 1)]),
    "elements that move": ('deny contains "x" if { some t in input.ts; t in ["a", "b"] }', {"ts": ["a", "c", "b"]},
                           [removed("ts", 0, before="a"), removed("ts", 2, before="b")]),
    "a message that names what is left": (
        'deny contains sprintf("%v", [left]) if { left := {"a", "b"} - object.keys(input.l); count(left) > 0 }',
        {"l": {"z": "y"}}, [added("l", "a", value="y"), added("l", "b", value="y")]),
    "one of two ways, the one that repairs": (
        'deny contains "x" if { input.kind == "D"; some l in ["a", "b"]; not input.m.labels[l] }', {"kind": "D", "m": {}},
        [added("m", "labels", "a", value=True), added("m", "labels", "b", value=True)]),
    "what is only refused": ('deny contains "x" if { input.kind == "S"; input.spec.type == "LB" }',
                             {"kind": "S", "spec": {"type": "LB"}}, [removed("spec", "type", before="LB")]),
    "an object that must not be there": ('deny contains "x" if input.secret', {"secret": {"a": 1}},
                                         [removed("secret", before={"a": 1})]),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_a_change_is_found_for(name: str) -> None:
    rules, document, edits = SHAPES[name]
    member = '{"a", "b"}' if "sprintf" in rules else "x"
    assert found(rules, document, member) == edits


def test_a_rule_becomes_true_by_all_that_it_asks_for_and_nothing_else() -> None:
    policy = compile_modules({"p.rego": HEAD + ALLOW}, data={"users": ["ann", "bob"]})
    document = {"level": 1, "tags": ["bad", "ok", "bad"], "user": "eve"}
    done = search(policy, "data.p.allow", document, becomes(TRUE))
    assert [edit.value() for edit in done.edits or ()] == [
        replaced("level", before=1, value=4),
        added("signed", value=True),
        removed("tags", 0, before="bad"),
        removed("tags", 2, before="bad"),
        replaced("user", before="eve", value="ann"),
    ]


def test_a_rule_becomes_undefined() -> None:
    policy = compile_modules({"p.rego": HEAD + "deny if input.n > 3"})
    done = search(policy, "data.p.deny", {"n": 9}, becomes(UNDEFINED))
    assert [edit.value() for edit in done.edits or ()] == [replaced("n", before=9, value=3)]


def test_a_rule_holds_by_whatever_value_it_then_has() -> None:
    policy = compile_modules({"p.rego": HEAD + "grade := 3 if input.n > 3"})
    done = search(policy, "data.p.grade", {"n": 1}, holds())
    assert [edit.value() for edit in done.edits or ()] == [replaced("n", before=1, value=4)]
    assert search(policy, "data.p.grade", {"n": 9}, holds()).edits is None


def test_a_change_that_only_says_the_same_in_other_words_is_none() -> None:
    rules = 'deny contains sprintf("%d is too few", [input.n]) if input.n < 3'
    assert found(rules, {"n": 1}, "1 is too few") == [replaced("n", before=1, value=3)]


def test_a_change_that_another_body_refuses_is_none() -> None:
    rules = 'deny contains "few" if input.n < 3\ndeny contains "odd" if input.n == 3'
    assert found(rules, {"n": 1}, "few") == [replaced("n", before=1, value=4)]


def test_a_rule_is_not_silenced_by_taking_its_message_away() -> None:
    assert found('deny contains sprintf("%v", [input.name])', {"name": "a"}, "a") == []
    assert found("deny contains msg if msg := input.name", {"name": "a"}, "a") == []


def test_a_rule_is_not_silenced_by_making_a_builtin_fail() -> None:
    rules = 'deny contains "x" if { not semver.compare(input.v, "2.0.0") >= 0; input.w == 1 }'
    for edit in found(rules, {"v": "1.0.0", "w": 1}):
        assert edit["value"] == "2.0.0"


def test_the_world_is_asked_nothing_new() -> None:
    asked: list[str] = []

    def fetch(request: Any) -> Any:
        asked.append(request["url"])
        return {"status_code": 500}

    rules = 'deny contains "x" if { input.url; http.send({"method": "get", "url": "http://a"}).status_code != 200 }'
    world = World(host={"http.send": fetch})
    assert found(rules, {"url": "u"}, world=world) == [removed("url", before="u")]
    assert found(rules.replace("input.url; ", "").replace('"http://a"', "input.url"), {"url": "u"}, world=world) == [
        removed("url", before="u")
    ]
    assert asked == ["http://a", "u"]


def test_a_budget_ends_the_search_and_says_so() -> None:
    policy = compile_modules({"p.rego": HEAD + SHAPES["two elements"][0]})
    document = {"cs": [{"priv": True}] * 2}
    done = [search(policy, "data.p.deny", document, without("x"), budget=Budget(most)) for most in range(40)]
    found = [len(each.edits or ()) for each in done]
    assert all(each.evaluations <= most for most, each in enumerate(done))
    assert [each.exhausted for each in done] == [length < 2 for length in found]
    assert found == sorted(found)
    assert (found[0], found[-1]) == (0, 2)
    steps = search(policy, "data.p.deny", document, without("x"), budget=Budget(steps=5))
    assert (steps.edits, steps.exhausted) == (None, True)
    assert search(policy, "data.p.deny", document, without("x")).steps > 5


def test_a_result_that_is_as_wanted_needs_no_search() -> None:
    policy = compile_modules({"p.rego": HEAD + 'deny contains "x" if input.n < 3'})
    done = search(policy, "data.p.deny", {"n": 9}, without("x"))
    assert done == Search(None, 1, done.steps, exhausted=False)
    assert done.steps < 5


def test_a_document_that_no_rule_makes_cannot_be_turned() -> None:
    with pytest.raises(NotFound, match=r"data\.p\.nosuch"):
        search(compile_modules({"p.rego": HEAD + "p := 1"}), "data.p.nosuch", {}, becomes(TRUE))


CONDITIONS = (
    "input.a", "not input.a", "input.n < 2", "input.n >= 2", "input.n != 1", 'input.s == "u"', 'input.s != "v"',
    "count(input.l) > 1", "count(input.l) == 0", '"u" in input.l', 'not "w" in input.l', "not input.o.k",
    "input.o.k > input.n", 'startswith(input.s, "u")', "some e in input.l; e == input.s", "bad", "not bad",
    'every e in input.l { e != "w" }', "input.missing",
)  # fmt: skip
BODIES = st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=3, unique=True).map("; ".join)
HEADS = st.sampled_from(['"x"', '"y"', 'sprintf("%v", [object.get(input, "n", 0)])'])
TEXTS = st.sampled_from(["u", "v", "w", "uv"])
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "a": st.booleans(),
        "n": st.integers(0, 3),
        "s": TEXTS,
        "l": st.lists(TEXTS, max_size=3),
        "o": st.fixed_dictionaries({}, optional={"k": st.integers(0, 3)}),
    },
)


@settings(deadline=None)
@given(st.lists(st.tuples(HEADS, BODIES), min_size=1, max_size=3), BODIES, DOCUMENTS)
def test_what_is_found_turns_the_member_adds_none_and_has_no_part_to_spare(
    rules: list[tuple[str, str]], bad: str, document: Any
) -> None:
    bad = bad.replace("bad", "input.a")
    text = HEAD + f"bad if {{ {bad} }}\n" + "".join(f"deny contains {head} if {{ {body} }}\n" for head, body in rules)
    policy = compile_modules({"p.rego": text})
    before = policy.evaluate("data.p.deny", document).value
    for member in sorted(before):
        goal = without(member)
        done = search(policy, "data.p.deny", document, goal)
        assert done == search(policy, "data.p.deny", document, goal)
        if done.edits is None:
            continue
        edits = {edit.path: edit.after for edit in done.edits}

        def said(part: Any) -> Any:
            return policy.evaluate("data.p.deny", to_json(applied(from_json(document), part))).value

        assert said(edits) <= before - {member}
        for size in range(len(edits)):
            for part in combinations(edits.items(), size):
                assert not said(dict(part)) <= before - {member}
        assert search(policy, "data.p.deny", to_json(applied(from_json(document), edits)), goal).edits is None


ODD = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, 1.5, 10**400, Decimal("1e400"), Decimal("0.1"), "u", "", "k"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("anslok"), inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None)
@given(BODIES, ODD | st.dictionaries(st.sampled_from("anslo"), ODD))
def test_whatever_the_document_is_a_search_ends(body: str, document: Any) -> None:
    text = f'bad if input.a\ndeny contains "x" if {{ {body} }}\ndeny contains "y" if not ok\nok if {{ {body} }}\n'
    policy = compile_modules({"p.rego": HEAD + text})
    for member in ("x", "y"):
        done = search(policy, "data.p.deny", document, without(member))
        if done.edits is not None:
            after = applied(from_json(document), {edit.path: edit.after for edit in done.edits})
            assert member not in policy.evaluate("data.p.deny", after).value


@settings(deadline=None)
@given(BODIES, BODIES, DOCUMENTS)
def test_what_is_found_makes_a_rule_true_and_has_no_part_to_spare(one: str, other: str, document: Any) -> None:
    rules = "bad if input.a\ndefault allow := false\n" + "".join(f"allow if {{ {body} }}\n" for body in (one, other))
    policy = compile_modules({"p.rego": HEAD + rules})
    done = search(policy, "data.p.allow", document, becomes(TRUE))
    edits = {edit.path: edit.after for edit in done.edits or ()}
    parts = [dict(part) for size in range(len(edits)) for part in combinations(edits.items(), size)]
    for part in parts:
        assert policy.evaluate("data.p.allow", applied(from_json(document), part)).value is FALSE
    if edits:
        assert policy.evaluate("data.p.allow", applied(from_json(document), edits)).value is TRUE
