"""Gaps: what a rule leaves open because of what nobody knows, and only what it really read."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from graven.rego import Limits, World, compile_modules
from graven.rego.gaps import Gap, gaps_of
from graven.rego.places import Path
from graven.rego.unknown import Unknowns

HEAD = "package p\nimport rego.v1\n"
ACL: Path = ("changes", 1, "after", "acl")
CIDRS: Path = ("changes", 1, "after", "cidrs", 1)
ROLE: Path = ("changes", 2, "after", "acl")
NAME: Path = ("changes", 1, "after", "name")
SECRET: Path = ("changes", 1, "after", "token")
DOCUMENT: dict[str, Any] = {
    "changes": [
        {"type": "bucket", "after": {"acl": "private", "cidrs": ["10.0.0.0/8"], "tags": {"a": "b"}, "name": "x"}},
        {"type": "bucket", "after": {"cidrs": ["10.0.0.0/8", None], "tags": {}, "token": "(mask)", "on": True}},
        {"type": "role", "after": {}},
    ]
}
UNKNOWN = [ACL, CIDRS, ROLE, NAME]

OPEN: dict[str, tuple[str, Path]] = {
    "a step behind a choice": ('some c in input.changes; c.type == "bucket"; c.after.acl == "public"', ACL),
    "an index": ('input.changes[i].type == "bucket"; input.changes[i].after.acl == "public"', ACL),
    "an alias": ('some c in input.changes; c.type == "bucket"; a := c.after; a.acl == "public"', ACL),
    "an unknown member": ('some c in input.changes; c.type == "bucket"; some r in c.after.cidrs; r == "0.0.0.0/0"', CIDRS),
    "a wildcard": ('some c in input.changes; c.type == "bucket"; c.after.cidrs[_] == "0.0.0.0/0"', CIDRS),
    "any key": ('some c in input.changes; c.type == "bucket"; some k; c.after[k] == "public"', ACL),
    "a default": ('some c in input.changes; c.type == "bucket"; object.get(c.after, "acl", "private") == "public"', ACL),
    "a count": ('some c in input.changes; c.type == "bucket"; count(c.after) > 9', ACL),
    "a comparison of all": ('some c in input.changes; c.type == "bucket"; c.after == {"acl": "public"}', ACL),
    "all as text": ('some c in input.changes; c.type == "bucket"; contains(json.marshal(c.after), "public")', ACL),
    "a comprehension": (
        'found := [c | some c in input.changes; c.type == "bucket"; c.after.acl == "public"]; count(found) > 0', ACL),
    "a head of a comprehension": (
        'a := {c.after.acl | some c in input.changes; c.type == "bucket"}; "public" in a', ACL),
    "a function": ('some c in input.changes; c.type == "bucket"; public(c)', ACL),
    "a function of the part": ('some c in input.changes; c.type == "bucket"; open(c.after)', ACL),
    "a negated function": ('some c in input.changes; c.type == "bucket"; not unset(c)', ACL),
    "a rule": ("count(publics) > 0", ACL),
    "a rule that is asked twice": ("count(publics) >= 0; some c in publics; c.no", ACL),
    "a member of a rule": ('some b in buckets; b.after.acl == "public"', ACL),
    "a step behind a rule": ('buckets[_].after.acl == "public"', ACL),
    "a rule that passes for want of it": ("not none_public", ACL),
    "every": ('every c in input.changes { c.after.acl != "x" }', ACL),
    "a variable": ('some c in input.changes; c.type == "bucket"; n := count(c.after); n > 9', ACL),
    "a leaf of a walk": ('walk(input, [path, v]); path[count(path) - 1] == "acl"; v == "public"', ACL),
    "a leaf of a walk that is assigned": ('[path, v] := walk(input); path[count(path) - 1] == "acl"; v == "public"', ACL),
    "a part of a walk": ('walk(input, [_, v]); v.type == "bucket"; v.after.acl == "public"', ACL),
    "what a walk looks for in a leaf": ("walk(input.changes, [_, v]); v.grants[_] == 1", ACL),
    "a constant that a walk looks for": ('walk(input.changes, [_, "public"])', ACL),
    "a function that a walk asks": ('walk(input, [path, v]); path[count(path) - 1] == "acl"; is_public(v)', ACL),
    "a message": ('some c in input.changes; c.type == "bucket"; not c.after.no; m := c.after.name; m == "z"', NAME),
}  # fmt: skip
CLOSED = {
    "another type is chosen": 'some c in input.changes; c.type == "lock"; c.after.acl == "public"',
    "something known fails behind it": 'some c in input.changes; not c.after.acl; c.type == "lock"',
    "something known fails before it": 'some c in input.changes; c.after.tags.a == "c"; c.after.acl == "public"',
    "the part is only handed on": 'some c in input.changes; a := c.after; named(a); a.tags.a == "c"',
    "what holds it is counted": "count(input.changes) > 9",
    "what holds it is compared with a text": 'some c in input.changes; c.after == "x"',
    "its kind is asked": "some c in input.changes; is_string(c.after)",
    "a walk looks for something else": 'walk(input, [path, v]); path[count(path) - 1] == "policy"; v == "public"',
    "a walk looks for parts": 'walk(input, [_, v]); v.type == "lock"; v.after.acl == "public"',
    "a walk looks for objects": 'walk(input, [_, v]); is_object(v); v.type == "lock"; v.after.acl == "public"',
    "a rule gives known ones": 'some b in buckets; b.after.tags.a == "c"',
    "all refuse": "some c in input.changes; not c.after.no",
}
RULES = """
buckets contains c if { some c in input.changes; c.type == "bucket" }
publics contains c if { some c in buckets; c.after.acl == "public" }
none_public if not any_public
any_public if { some c in publics; c.type }
public(c) if c.after.acl == "public"
open(a) if a.acl == "public"
unset(c) if not c.after.acl
named(a) if is_object(a)
is_public(v) if v == "public"
"""


def gaps(body: str, hidden: tuple[Path, ...] = ()) -> list[Path]:
    policy = compile_modules({"p.rego": HEAD + f'deny contains "m" if {{ {body} }}\n' + RULES})
    look = partial(gaps_of, unknown=Unknowns(UNKNOWN), hidden=Unknowns(hidden))
    found: tuple[Gap, ...] = policy.looked("data.p.deny", DOCUMENT, (None, World(), Limits()), look)
    assert {(gap.file, gap.row) for gap in found} <= {("p.rego", 3)}
    return [gap.path for gap in found]


@pytest.mark.parametrize("shape", OPEN)
def test_a_rule_is_left_open_by(shape: str) -> None:
    body, path = OPEN[shape]
    assert path in gaps(body)


@pytest.mark.parametrize("shape", CLOSED)
def test_a_rule_is_decided_where(shape: str) -> None:
    assert gaps(CLOSED[shape]) == []


def test_a_head_that_is_not_made_leaves_it_open() -> None:
    policy = compile_modules({"p.rego": HEAD + "deny contains c.after.acl if { some c in input.changes }\n"})
    look = partial(gaps_of, unknown=Unknowns(UNKNOWN), hidden=Unknowns(()))
    found = policy.looked("data.p.deny", DOCUMENT, (None, World(), Limits()), look)
    assert [gap.path for gap in found] == [ACL, ROLE]


def test_a_mask_leaves_it_open_where_it_is_read_by_name_and_not_where_all_is_gone_through() -> None:
    assert gaps('some c in input.changes; c.after.on; c.after.token == "x"', (SECRET,)) == [SECRET]
    assert gaps('walk(input.changes[1].after.token, [_, v]); v == "x"', ()) == []
    assert SECRET not in gaps('walk(input, [_, v]); v == "x"', (SECRET,))
