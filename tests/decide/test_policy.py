from __future__ import annotations

from typing import Any

import pytest

from graven.decide.policy import PolicySet, Rule, entry_path
from graven.errors import Malformed
from graven.values import canonical

RULES = [Rule("signed", ("a.deny", "a.warn"), "warn", (("test", "off"),)), Rule("other", ("b.allow",))]
GOOD = PolicySet.make({"b.rego": "package b", "a.rego": "package a"}, RULES, data={"parameters": {"default": {"n": 1}}})


def test_a_policy_set_is_read_back_as_it_was_written() -> None:
    assert PolicySet.decode(GOOD.encode()) == GOOD
    assert PolicySet.decode(GOOD.encode()).digest == GOOD.digest


def test_the_order_of_modules_does_not_change_the_digest_and_their_text_does() -> None:
    turned = PolicySet.make({"a.rego": "package a", "b.rego": "package b"}, RULES, data=GOOD.values)
    assert turned.digest == GOOD.digest
    changed = PolicySet.make({"a.rego": "package a\n", "b.rego": "package b"}, RULES, data=GOOD.values)
    assert changed.digest != GOOD.digest


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"v": 2}, "v"),
        ({"language": "v2"}, "language"),
        ({"extra": 1}, "policy set"),
        ({"modules": {"a": 1}}, "modules"),
        ({"modules": []}, "modules"),
        ({"data": []}, "data"),
        ({"rules": None}, "rules"),
        ({"rules": [{"name": "x", "entries": []}]}, "rules[0].entries"),
        ({"rules": [{"name": "x", "entries": ["a.other"]}]}, "rules[0].entries"),
        ({"rules": [{"name": "X", "entries": ["a.deny"]}]}, "rules[0]"),
        ({"rules": [{"name": "x", "entries": ["a.deny"], "default": "on"}]}, "rules[0].default"),
        ({"rules": [{"name": "x", "entries": ["a.deny"], "modes": {"test": "on"}}]}, "rules[0].modes.test"),
        ({"rules": [{"name": "x", "entries": ["a.deny"], "mode": {}}]}, "rules[0]"),
        ({"rules": [{"name": "x", "entries": ["a.deny"]}] * 2}, "rules"),
    ],
)
def test_what_is_no_policy_set_is_refused_with_its_place(change: dict[str, Any], where: str) -> None:
    with pytest.raises(Malformed) as caught:
        PolicySet.parse(canonical.loads(GOOD.encode()) | change)
    assert caught.value.where == where


def test_an_entry_point_must_end_in_a_word_that_says_how_it_counts() -> None:
    assert entry_path("data.a.b.allow") == "a.b.allow"
    for text in ("allow", "a.b.c", "a b.deny", "a..deny", None, "data.deny"):
        with pytest.raises(Malformed):
            entry_path(text)


def test_gates_set_modes_and_parameters_by_stage() -> None:
    governed = GOOD.with_gates({"dev": {"signed": "enforce"}}, {"dev": {"n": 2}})
    assert [governed.rules[0].mode(stage) for stage in ("dev", "test")] == ["enforce", "warn"]
    assert governed.values["parameters"]["stages"] == {"dev": {"n": 2}}
    with pytest.raises(Malformed, match="nobody"):
        GOOD.with_gates({"dev": {"nobody": "off"}}, {})
    with pytest.raises(Malformed, match="'m'"):
        GOOD.with_gates({}, {"dev": {"m": 2}})
