from __future__ import annotations

from typing import Any

import pytest

from graven.decide.policy import Language, Mode, PolicySet, Rule
from graven.decide.verdict import Verdict, decide
from graven.decide.waivers import Scope, Waiver

NOW = "2026-11-24T12:00:00.000000Z"
QUESTION: dict[str, Any] = {
    "artifact": {"repository": "team/web", "digest": "sha256:1"},
    "signature": {"verified": False},
    "signatures": [{"evidence": "sha256:e"}],
    "target": {"stage": "test"},
    "now": NOW,
}
WHITE_PAPER = """\
package artifact.signing

default allow = false

allow {
    input.signature.verified == true
}
"""
TWO = """\
package p

deny contains {"msg": "one", "term": "CVE-1", "component": "pkg:pypi/a@1"} if true
deny contains "two"
"""

# Takes more steps than any decision has
LONG = "deny contains y if { some x in numbers.range(1, 5000); some z in numbers.range(1, 5000); y := x * z; y < 0 }"


def policy(source: str, *entries: str, mode: Mode = "enforce", language: Language = "v1") -> PolicySet:
    return PolicySet.make({"p.rego": source}, [Rule("r", entries, mode)], language=language)


def ask(source: str, *entries: str, mode: Mode = "enforce", waivers: tuple[Waiver, ...] = ()) -> Verdict:
    return decide(QUESTION, policy(source, *(entries or ("p.deny",)), mode=mode), waivers)


@pytest.mark.parametrize("language", ["v0", "auto"])
@pytest.mark.parametrize("verified", [True, False])
def test_the_signing_rule_in_the_old_syntax_decides_as_printed(language: Language, verified: bool) -> None:
    question = QUESTION | {"signature": {"verified": verified}}
    verdict = decide(question, policy(WHITE_PAPER, "artifact.signing.allow", language=language))
    assert verdict.outcome == ("allow" if verified else "deny")
    assert [reason.message for reason in verdict.reasons] == ([] if verified else ["artifact.signing.allow is false"])


def test_the_verdict_names_each_reason_and_the_evidence_in_the_question() -> None:
    verdict = ask(TWO)
    assert verdict.outcome == "deny"
    assert [(r.rule, r.entry, r.message, r.term) for r in verdict.reasons] == [
        ("r", "p.deny", "one", "CVE-1"),
        ("r", "p.deny", "two", ""),
    ]
    assert verdict.evidence == ("sha256:e",)


def test_no_entry_point_at_all_is_undecidable() -> None:
    verdict = ask(TWO, mode="off")
    assert verdict.outcome == "undecidable"
    assert "no rule is asked" in verdict.reasons[0].message


@pytest.mark.parametrize(
    ("source", "entry", "message"),
    [
        ("package p\nallow if input.nothing", "p.allow", "p.allow is undefined"),
        ("package p\nallow := 1", "p.allow", "p.allow is 1"),
        ("package p\nallow := null", "p.allow", "p.allow is null"),
        ("package p\nother := 1", "p.deny", "p.deny is undefined"),
        ("package p\nother := 1", "q.deny", "q.deny is undefined"),
        ("package p\ndeny := 7", "p.deny", "p.deny is 7"),
        ("package p\ndeny := null", "p.deny", "p.deny is null"),
        ("package p\ndeny := true if input.nothing", "p.deny", "p.deny is undefined"),
        ("package p\ndeny := 1\ndeny := 2 if input.now", "p.deny", "eval_conflict_error"),
        ('package p\ndeny contains to_number("x")', "p.deny", "eval_builtin_error"),
        ("package p\ndeny contains x if x", "p.deny", "PolicyErrors"),
        ("package p\ndeny[msg] { msg := 1 }", "p.deny", "PolicyErrors"),
        (f"package p\n# METADATA\n# custom:\n#   steps: 1000\n{LONG}", "p.deny", "p.rego:5: eval_budget_error"),
        pytest.param(f"package p\n{LONG}", "p.deny", "p.rego:2: eval_budget_error", marks=pytest.mark.slow),
    ],
)
def test_what_says_neither_yes_nor_no_refuses_as_undecidable(source: str, entry: str, message: str) -> None:
    verdict = ask(source, entry)
    assert verdict.outcome == "undecidable"
    assert message in verdict.reasons[0].message


def test_a_rule_that_fails_does_not_silence_the_others() -> None:
    rules = [Rule("broken", ("q.allow",)), Rule("works", ("p.deny",))]
    verdict = decide(QUESTION, PolicySet.make({"p.rego": TWO}, rules))
    assert verdict.outcome == "deny"
    assert [(r.rule, r.kind) for r in verdict.reasons] == [
        ("broken", "undecided"),
        ("works", "refused"),
        ("works", "refused"),
    ]
    assert [(r.rule, r.outcome) for r in verdict.rules] == [("broken", "undecidable"), ("works", "deny")]


RAISING = """\
package p

deny contains {"msg": "one", "term": "CVE-1", "component": "pkg:pypi/a@1"} if true

deny contains "never" if {
    to_number(input.now) > 1
}

deny contains "two"
"""


def test_a_definition_that_raises_is_named_with_its_line_and_the_others_still_refuse() -> None:
    verdict = ask(RAISING)
    assert [(r.kind, r.file, r.line) for r in verdict.reasons] == [
        ("refused", "p.rego", 3),
        ("refused", "p.rego", 9),
        ("undecided", "p.rego", 6),
    ]
    assert "eval_builtin_error: to_number" in verdict.reasons[2].message
    assert verdict.reasons[2].message.endswith("(in data.p.deny, p.rego:5)")
    assert verdict.outcome == "deny"


def test_where_nothing_else_refuses_a_definition_that_raises_is_undecidable_and_no_waiver_turns_it() -> None:
    silent = RAISING.replace("if true", "if false").replace('deny contains "two"', "")
    assert [r.kind for r in ask(silent).reasons] == ["undecided"]
    assert ask(silent).outcome == "undecidable"
    waived = ask(RAISING.replace('deny contains "two"', ""), waivers=(waiver(),))
    assert (waived.outcome, len(waived.waived)) == ("undecidable", 1)


def test_a_yes_beside_a_definition_that_raises_is_no_yes() -> None:
    source = "package p\ndefault allow := false\nallow if input.now\nallow if to_number(input.now) > 1"
    verdict = ask(source, "p.allow")
    assert (verdict.outcome, [r.kind for r in verdict.reasons]) == ("undecidable", ["undecided"])


def test_a_refusal_in_warn_mode_is_told() -> None:
    verdict = ask(TWO, mode="warn")
    assert verdict.outcome == "allow"
    assert [reason.message for reason in verdict.warnings] == ["one", "two"]
    assert verdict.rules[0].outcome == "deny"


def test_a_warning_is_told_and_never_refuses() -> None:
    verdict = ask('package p\nwarn contains "mind this"\ndeny contains "x" if false', "p.deny", "p.warn")
    assert verdict.outcome == "allow"
    assert [reason.message for reason in verdict.warnings] == ["mind this"]


@pytest.mark.parametrize(
    ("value", "outcome", "messages"),
    [
        ("true", "deny", ["p.deny is true"]),
        ("false", "allow", []),
        ("[]", "allow", []),
        ("{}", "allow", []),
        ('"because"', "deny", ["because"]),
        ('["a", "b"]', "deny", ["a", "b"]),
        ("[5]", "deny", ["5"]),
        ('{"msg": "m"}', "deny", ["m"]),
        ('{"k": "v"}', "deny", ['"v"']),
        ('[{"no": "message"}]', "deny", ['{"no":"message"}']),
    ],
)
def test_a_refusal_is_read_in_every_form_that_rules_give_it(value: str, outcome: str, messages: list[str]) -> None:
    verdict = ask(f"package p\ndeny := {value}")
    assert (verdict.outcome, [reason.message for reason in verdict.reasons]) == (outcome, messages)


def waiver(expires: str = "2027-01-01T00:00:00Z", **scope: str) -> Waiver:
    named = {"rule": "r", "repository": "team/*", **scope}
    return Waiver("it is a test", "owner", "approver", Scope(**named), expires)


def test_a_waiver_excuses_what_it_covers_and_nothing_else() -> None:
    verdict = ask(TWO, waivers=(waiver(term="CVE-1"),))
    assert verdict.outcome == "deny"
    assert [reason.message for reason in verdict.reasons] == ["two"]
    assert [waived.reason.message for waived in verdict.waived] == ["one"]
    assert ask(TWO, waivers=(waiver(),)).outcome == "allow"


@pytest.mark.parametrize(
    "scope",
    [
        {"rule": "s"},
        {"repository": "other/*"},
        {"stage": "production"},
        {"digest": "sha256:2"},
        {"component": "pkg:x/y@1"},
    ],
)
def test_a_waiver_of_another_scope_excuses_nothing(scope: dict[str, str]) -> None:
    assert len(ask(TWO, waivers=(waiver(**scope),)).reasons) == 2


@pytest.mark.parametrize(("expires", "why"), [("2026-11-24T12:00:00Z", "has passed"), ("next week", "cannot be read")])
def test_a_waiver_that_expired_or_cannot_be_read_excuses_nothing_and_says_so(expires: str, why: str) -> None:
    verdict = ask(TWO, waivers=(waiver(expires),))
    assert verdict.outcome == "deny"
    assert [reason.message for reason in verdict.reasons] == ["one", "two"]
    assert why in verdict.warnings[0].message


def test_what_could_not_be_decided_cannot_be_waived() -> None:
    assert ask("package p\ndeny := 7", waivers=(waiver(),)).outcome == "undecidable"


def test_the_same_question_gives_the_same_bytes() -> None:
    again = ask(TWO, waivers=(waiver(term="CVE-1"),))
    assert ask(TWO, waivers=(waiver(term="CVE-1"),)).encode() == again.encode()
