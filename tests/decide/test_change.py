from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from decide.scene import GOOD, INVENTORY, NOW, ask, finding, policy, unmatched
from graven.decide.change import Change, smallest
from graven.decide.inputs import Contents, Inputs, Snapshot, Target
from graven.decide.policy import PolicySet, Rule
from graven.decide.steps import Means, steps, waivers_for
from graven.decide.verdict import decide
from graven.evidence.matching import Matches, Unmatched
from graven.inventory import Coverage, Unread
from graven.values import Digest

MEANS = Means(("release@team",), ("release@team",), ("builder@team",), ("security@team",))
POLICY = policy()


def change(inputs: Inputs, means: Means = MEANS, **options: Any) -> Change | None:
    question = ask(inputs)
    verdict = decide(question, POLICY)
    assert verdict.outcome != "allow"
    return smallest(question, POLICY, (), verdict=verdict, means=means, **options)


def kinds(found: Change | None) -> list[str]:
    assert found is not None
    assert found.irreducible
    return [step.kind for step in found.steps]


def with_coverage(**gaps: Any) -> Inputs:
    inventory = replace(INVENTORY, coverage=Coverage.of(**gaps))
    return replace(GOOD, contents=Contents(inventory, Digest.of(inventory.encode())))


def test_the_good_artifact_is_let_through() -> None:
    assert decide(ask(), POLICY).outcome == "allow"


def test_an_unsigned_artifact_needs_a_signature_and_nothing_else() -> None:
    found = change(replace(GOOD, verified=GOOD.verified[1:]))
    assert kinds(found) == ["sign"]
    assert found is not None
    assert found.steps[0].text.startswith("sign team/web@sha256:")
    assert found.steps[0].text.endswith("with the key of release@team")


def test_an_artifact_without_bill_needs_one() -> None:
    assert kinds(change(replace(GOOD, verified=GOOD.verified[:1]))) == ["attach"]


def test_a_finding_that_can_be_mended_is_upgraded_to_the_highest_of_the_lowest_fixes() -> None:
    findings = (finding(fixed=("2.10", "3.0")), finding(id="CVE-2026-2", fixed=("2.9",)))
    found = change(replace(GOOD, matches=Matches(findings, ())))
    assert kinds(found) == ["upgrade"]
    assert found is not None
    assert "pkg:pypi/flask upgraded from 2.0 to 2.10," in found.steps[0].text


def test_a_finding_that_nothing_mends_is_left_to_vex_by_somebody_trusted() -> None:
    found = change(replace(GOOD, matches=Matches((finding(fixed=()),), ())))
    assert kinds(found) == ["vex"]
    assert found is not None
    assert "signed by security@team, why CVE-2026-1 does not affect pkg:pypi/flask@2.0" in found.steps[0].text


def test_a_waiver_is_the_last_resort() -> None:
    found = change(replace(GOOD, matches=Matches((finding(fixed=()),), ())), replace(MEANS, experts=()))
    assert kinds(found) == ["waive"]


def test_stale_or_missing_advisories_are_refreshed() -> None:
    old = Snapshot(Digest.of(b"old"), "2026-01-01T00:00:00Z")
    assert kinds(change(replace(GOOD, snapshot=old))) == ["refresh"]
    assert kinds(change(replace(GOOD, snapshot=None, matches=None))) == ["refresh"]


def test_a_stage_that_was_skipped_is_promoted_to_first() -> None:
    found = change(replace(GOOD, target=Target("production", "test")))
    assert kinds(found) == ["promote"]
    assert found is not None
    assert " to test first" in found.steps[0].text


def test_what_was_not_seen_is_rebuilt_away() -> None:
    found = change(with_coverage(unread_databases=[Unread("rpm", "var/lib/rpm/rpmdb.sqlite")]))
    assert kinds(found) == ["rebuild"]
    assert found is not None
    assert "the rpm database at var/lib/rpm/rpmdb.sqlite" in found.steps[0].text
    assert kinds(change(replace(GOOD, matches=Matches((), (unmatched(),))))) == ["rebuild"]


def test_an_ecosystem_without_advisories_is_imported_and_an_unknown_system_replaced() -> None:
    npm = tuple(Unmatched(f"pkg:npm/p{n}@1", "ecosystem", "nothing is known of npm") for n in range(50))
    deb = tuple(Unmatched(f"pkg:deb/p{n}@1", "distro", "nothing is known of deb") for n in range(50))
    found = change(replace(GOOD, matches=Matches((), npm + deb)))
    assert kinds(found) == ["rebuild", "refresh"]


def test_several_faults_need_several_steps_and_each_is_needed() -> None:
    inputs = replace(
        with_coverage(unowned_executables=["usr/local/bin/tool", "usr/local/bin/other"]),
        verified=(),
        matches=Matches((finding(), finding(id="CVE-2026-9", severity="low")), ()),
        target=Target("production", "test"),
    )
    found = change(inputs)
    assert kinds(found) == ["sign", "attach", "promote", "upgrade", "rebuild", "rebuild"]
    assert found is not None
    for left_out in found.steps:
        question = ask(inputs)
        for step in found.steps:
            question = question if step is left_out else step.apply(question)
        assert decide(question, POLICY).outcome != "allow", left_out.text


def test_many_findings_are_reduced_within_the_budget() -> None:
    many = tuple(
        finding(id=f"CVE-2026-{n}", purl=f"pkg:pypi/p{n % 10}@1.0", version="1.0", fixed=("1.1",)) for n in range(60)
    )
    found = change(replace(GOOD, matches=Matches(many, ())))
    assert kinds(found) == ["upgrade"] * 10


def test_a_search_that_runs_out_of_budget_says_so() -> None:
    many = tuple(finding(id=f"CVE-2026-{n}", purl=f"pkg:pypi/p{n}@1.0", fixed=("1.1",)) for n in range(30))
    found = change(replace(GOOD, matches=Matches(many, ())), budget=3)
    assert found is not None
    assert not found.irreducible


def test_where_nothing_that_people_can_do_is_enough_there_is_no_change() -> None:
    rules = [Rule("never", ("p.allow",))]
    never = PolicySet.make({"p.rego": "package p\ndefault allow := false\nallow if input.unheard.of"}, rules)
    verdict = decide(ask(), never)
    found = smallest(ask(), never, (), verdict=verdict, means=MEANS)
    assert found is None or {step.kind for step in found.steps} == {"waive"}
    broken = PolicySet.make({"p.rego": "package p\nallow if input.unheard.of"}, rules)
    assert smallest(ask(), broken, (), verdict=decide(ask(), broken), means=MEANS) is None


def test_steps_are_told_as_deeds_and_never_as_fields() -> None:
    inputs = replace(with_coverage(limits=["x"], bare_folders=["y"]), verified=(), snapshot=None, matches=None)
    inputs = replace(inputs, target=Target("production", "test"))
    offered = [*steps(ask(inputs), MEANS), *waivers_for(ask(inputs), decide(ask(inputs), POLICY))]
    assert len(offered) > 5
    for step in offered:
        assert step.text.split()[0] in {"sign", "attach", "import", "use", "promote", "rebuild", "state", "waive"}
        for word in ("input.", "verified", "= true", "set "):
            assert word not in step.text


@pytest.mark.parametrize("now", [NOW])
def test_the_question_is_left_as_it_was(now: str) -> None:
    inputs = replace(GOOD, verified=(), now=now)
    question = ask(inputs)
    change(inputs)
    assert question == ask(inputs)
