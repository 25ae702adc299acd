"""The picture of a decision: what of the question led to each reason through which lines, and which rules held."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from decide.scene import GOOD, ask, policy
from graven.decide.picture import Picture, Seen, picture
from graven.decide.policy import PolicySet, Rule
from graven.decide.verdict import decide
from graven.rego import Policy

RULES = """package p

# METADATA
# title: Few layers
deny contains msg if {
	some layer in input.layers
	layer.size > 10
	msg := sprintf("%v is too large", [layer.name])
}

warn contains "odd" if not input.even

default allow := false

allow if {
	input.level >= 3
	input.signed
}
"""


def draw(question: dict[str, Any], text: str = RULES, **entries: str) -> Picture:
    rules = [Rule(name, (entry,)) for name, entry in entries.items()]
    set_ = PolicySet.make({"p.rego": text}, rules)
    question = {"now": "2026-11-24T12:00:00.000000Z", "target": {"stage": "dev"}} | question
    return picture(question, set_, decide(question, set_).value())


def test_a_reason_is_drawn_from_the_question_through_the_lines_of_its_rule() -> None:
    drawn = draw({"layers": [{"name": "a", "size": 5}, {"name": "b", "size": 50}], "even": True}, layers="p.deny")
    (way,) = drawn.ways
    assert (way.message, way.kind, way.rule, way.title, way.place) == (
        "b is too large", "refused", "layers", "Few layers", "p.rego:5"
    )  # fmt: skip
    assert way.seen[0] == Seen("layers[1].size", "50")
    saw = {line.number: dict(line.values) for line in way.lines}
    assert saw[7]["layer"] == '{"name": "b", "size": 50}'
    assert saw[8]["msg"] == '"b is too large"'
    assert way.lines[2].text.strip() == "layer.size > 10"
    assert drawn.held == ()


def test_each_member_has_a_way_of_its_own() -> None:
    drawn = draw({"layers": [{"name": name, "size": 20} for name in "abc"]}, layers="p.deny")
    assert [(way.message, way.seen[0].path) for way in drawn.ways] == [
        (f"{name} is too large", f"layers[{at}].size") for at, name in enumerate("abc")
    ]


def test_an_allow_that_is_false_tells_at_which_expression_it_failed() -> None:
    (way,) = draw({"level": 1}, allow="p.allow").ways
    assert way.seen[0] == Seen("level", "1")
    assert "p.rego:16" in way.notes[0]
    assert any("input.level >= 3" in line.text for line in way.lines)


def test_what_is_not_there_is_undefined() -> None:
    (way,) = draw({"level": 4}, allow="p.allow").ways
    assert way.seen[0] == Seen("signed", "undefined")


def test_a_warning_is_drawn_as_told() -> None:
    (way,) = draw({"even": False}, odd="p.warn").ways
    assert (way.kind, way.seen[0]) == ("told", Seen("even", "false"))


def test_rules_that_said_yes_are_named_with_what_they_looked_at() -> None:
    drawn = draw({"layers": [], "level": 5, "signed": True}, layers="p.deny", allow="p.allow")
    assert drawn.ways == ()
    assert [(held.rule, held.title, held.mode, held.entries) for held in drawn.held] == [
        ("layers", "Few layers", "enforce", ("p.deny",)), ("allow", "", "enforce", ("p.allow",))
    ]  # fmt: skip
    assert drawn.held[1].reads == ("level", "signed")


def test_the_shipped_rules_are_drawn() -> None:
    question = ask(replace(GOOD, verified=GOOD.verified[1:]))
    drawn = picture(question, policy(), decide(question, policy()).value())
    way = next(way for way in drawn.ways if way.rule == "signed")
    assert way.title == "Signed by a trusted identity"
    assert way.seen[0] == Seen("signature.verified", "false")
    assert {held.rule for held in drawn.held} | {way.rule for way in drawn.ways} == {
        outcome.rule for outcome in decide(question, policy()).rules
    }


def test_rules_that_do_not_compile_say_why_there_is_no_way() -> None:
    (way,) = draw({}, "package p\ndeny contains", broken="p.deny").ways
    assert way.kind == "undecided"
    assert (way.lines, way.seen) == ((), ())
    assert way.notes[0].startswith("the way is not known: ")


def test_an_entry_point_that_no_rule_makes_is_drawn_without_a_way() -> None:
    (way,) = draw({}, nothing="p.nosuch.deny").ways
    assert (way.kind, way.lines, way.seen) == ("undecided", (), ())
    assert way.notes


SLOW = """package p

deny contains "y" if {
	n := count([1 | some a in input.l; some b in input.l; a + b < 0])
	n == 0
	input.c
}

deny contains "z" if input.c
"""


def test_a_way_that_takes_too_many_steps_says_so_and_takes_no_other_for_it() -> None:
    slow, quick = draw({"l": list(range(1100)), "c": True}, SLOW, slow="p.deny").ways
    assert (slow.message, slow.seen) == ("y", ())
    assert any("more steps than its limit" in note for note in slow.notes)
    assert (quick.message, quick.seen, quick.notes) == ("z", (Seen("c", "true"),), ())


def test_a_document_is_evaluated_once_to_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    real = Policy.looked

    def counted(self: Policy, path: str, *more: Any) -> Any:
        looked.append(path)
        return real(self, path, *more)

    monkeypatch.setattr(Policy, "looked", counted)
    drawn = draw({"layers": [{"name": name, "size": 20} for name in "abc"]}, layers="p.deny")
    assert [way.message for way in drawn.ways if way.lines and way.seen] == [
        "a is too large",
        "b is too large",
        "c is too large",
    ]
    assert looked.count("data.p.deny") == 2  # once by the decision for the places, once to draw


def test_not_more_reasons_are_drawn_than_a_page_holds() -> None:
    drawn = draw({"layers": [{"name": str(at), "size": 20} for at in range(30)]}, layers="p.deny")
    assert (len(drawn.ways), drawn.more) == (12, 18)


def test_a_question_without_a_stage_that_asks_any_rule_has_a_reason_and_no_way() -> None:
    (way,) = draw({}).ways
    assert (way.kind, way.lines, way.notes) == ("undecided", (), ())
