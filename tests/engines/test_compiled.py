"""Policies come from texts, through the cache or not, with the same answers."""

from __future__ import annotations

from graven.engines.compiled import compiled

ALLOW = "package a\n\nallow if input.x == 1\n"


def test_a_policy_is_made_of_texts() -> None:
    policy = compiled({"a.rego": ALLOW})
    assert policy.evaluate("data.a.allow", {"x": 1}).json() is True
