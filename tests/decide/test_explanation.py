from __future__ import annotations

from dataclasses import replace

from decide.scene import GOOD, ask, policy
from graven.decide.explanation import explain
from graven.decide.policy import PolicySet, Rule
from graven.decide.steps import Means
from graven.decide.verdict import decide

WHITE_PAPER = "package artifact.signing\n\ndefault allow = false\n\nallow {\n    input.signature.verified == true\n}\n"
MEANS = Means(("release@team",))


def test_an_allow_that_is_false_is_explained_by_the_expression_that_failed() -> None:
    rules = [Rule("signing", ("artifact.signing.allow",))]
    set_ = PolicySet.make({"signing.rego": WHITE_PAPER}, rules, language="v0")
    question = ask(replace(GOOD, verified=()))
    verdict = decide(question, set_)
    assert (verdict.reasons[0].file, verdict.reasons[0].line) == ("signing.rego", 5)
    found = explain(question, set_, (), verdict=verdict, means=MEANS)
    assert "signing.rego:6" in found.whys[0].text
    assert "input.signature.verified == true" in found.whys[0].text
    assert found.change is not None
    assert [step.kind for step in found.change.steps] == ["sign"]


def test_a_rule_says_what_it_is_for_what_to_do_and_what_it_looks_at() -> None:
    question = ask(replace(GOOD, verified=()))
    verdict = decide(question, policy())
    found = explain(question, policy(), (), verdict=verdict, means=MEANS)
    signed = next(rule for rule in found.rules if rule.rule == "signed")
    assert (signed.title, signed.severity) == ("Signed by a trusted identity", "critical")
    assert signed.remediation
    assert "input.signature.verified" in signed.reads


def test_a_policy_set_that_does_not_compile_is_explained_too() -> None:
    broken = PolicySet.make({"p.rego": "package p\ndeny contains"}, [Rule("r", ("p.deny",))])
    verdict = decide(ask(), broken)
    found = explain(ask(), broken, (), verdict=verdict, means=MEANS)
    assert verdict.outcome == "undecidable"
    assert found.change is None
    assert "p.deny" in {why.entry for why in found.whys}


def test_an_allow_needs_no_change() -> None:
    verdict = decide(ask(), policy())
    assert explain(ask(), policy(), (), verdict=verdict, means=MEANS).change is None


def test_a_reason_names_the_evidence_that_its_rule_looks_at() -> None:
    short = replace(GOOD, verified=GOOD.verified[1:])
    question = ask(short)
    bill = question["sbom"]["evidence"]
    by_rule = {reason.rule: reason for reason in decide(question, policy()).reasons}
    assert by_rule["signed"].evidence == ()
    wrong = ask(replace(GOOD, contents=None, matches=None))
    by_rule = {reason.rule: reason for reason in decide(wrong, policy()).reasons}
    assert by_rule["bill"].evidence == (bill,)
