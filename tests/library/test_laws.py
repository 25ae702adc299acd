"""Laws of the shipped rules: what is worse is never better."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decide.scene import GOOD, INVENTORY, NOW, ask, bill, finding, policy, unmatched, verified
from graven.decide.inputs import Contents, Inputs, Snapshot, Stay, Target
from graven.decide.verdict import decide
from graven.evidence.matching import Finding, Matches, Vex
from graven.inventory import Coverage, Unread
from graven.values import Digest

POLICY = policy().with_gates({}, {"dev": {"severity": "critical", "leeway_days": 7}})
PROVENANCE = verified("https://slsa.dev/provenance/v1", {"runDetails": {"builder": {"id": "b"}}})

findings = st.builds(
    finding,
    id=st.sampled_from(["CVE-1", "CVE-2", "CVE-3"]),
    severity=st.sampled_from(["critical", "high", "medium", "low", "none", "unknown"]),
    kev=st.booleans(),
    fixed=st.sampled_from([(), ("2.1",)]),
    published=st.sampled_from(["", "2026-11-23T00:00:00Z", "2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"]),
    vex=st.none()
    | st.builds(
        Vex,
        st.sampled_from(["not_affected", "affected", "fixed", "under_investigation"]),
        st.just(""),
        st.just("security@team"),
    ),
)
coverages = st.builds(
    Coverage.of,
    unread_databases=st.lists(st.just(Unread("rpm", "var/lib/rpm")), max_size=1),
    unowned_executables=st.lists(st.sampled_from(["bin/x", "bin/y"]), max_size=2),
    limits=st.lists(st.just("cut"), max_size=1),
)


@st.composite
def inputs(draw: Any) -> Inputs:
    """Mostly good, so that both answers are met."""
    evidence = draw(st.lists(st.sampled_from([verified(), bill(), PROVENANCE]), unique_by=lambda v: str(v.evidence)))
    inventory = replace(INVENTORY, coverage=draw(st.just(Coverage()) | coverages))
    stays = draw(
        st.lists(st.builds(Stay, st.sampled_from(["dev", "test"]), st.just(NOW), st.just(True), st.booleans()))
    )
    stage, before = draw(st.sampled_from([("dev", ""), ("test", "dev"), ("production", "test")]))
    return replace(
        GOOD,
        verified=tuple(draw(st.just(GOOD.verified) | st.just(tuple(evidence)))),
        contents=draw(st.sampled_from([Contents(inventory, Digest.of(b"i")), GOOD.contents, None])),
        matches=Matches(
            tuple(draw(st.lists(findings, max_size=2))), tuple(draw(st.lists(st.just(unmatched()), max_size=1)))
        ),
        snapshot=draw(
            st.sampled_from([GOOD.snapshot, GOOD.snapshot, Snapshot(Digest.of(b"s"), "2026-01-01T00:00:00Z"), None])
        ),
        target=Target(stage, before, tuple(stays)),
    )


def allowed(found: Inputs) -> bool:
    return decide(ask(found), POLICY, places=False).outcome == "allow"


def test_both_answers_are_met() -> None:
    assert allowed(GOOD)
    assert not allowed(replace(GOOD, verified=()))


@given(inputs(), findings)
@settings(deadline=None)
def test_adding_a_finding_never_turns_a_refusal_into_an_allow(found: Inputs, more: Finding) -> None:
    assert found.matches is not None
    worse = replace(found, matches=replace(found.matches, findings=(*found.matches.findings, more)))
    assert allowed(found) or not allowed(worse)


def with_less(found: Inputs) -> Iterator[Inputs]:
    """Take each piece of evidence away, one at a time."""
    for at in range(len(found.verified)):
        yield replace(found, verified=found.verified[:at] + found.verified[at + 1 :])
    yield replace(found, contents=None, matches=None)
    yield replace(found, matches=None)
    yield replace(found, snapshot=None)
    yield replace(found, target=replace(found.target, history=found.target.history[1:]))
    if found.matches is not None:
        quiet = tuple(replace(one, vex=None) for one in found.matches.findings)
        yield replace(found, matches=replace(found.matches, findings=quiet))


@given(inputs())
@settings(deadline=None)
def test_taking_evidence_away_never_turns_a_refusal_into_an_allow(found: Inputs) -> None:
    before = allowed(found)
    for less in with_less(found):
        assert before or not allowed(less)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from paths(inner, (*path, at))


def without(value: Any, path: tuple[Any, ...]) -> Any:
    head, *rest = path
    if not rest:
        return {key: inner for key, inner in value.items() if key != head}
    if isinstance(value, list):
        return [without(inner, tuple(rest)) if at == head else inner for at, inner in enumerate(value)]
    return {key: without(inner, tuple(rest)) if key == head else inner for key, inner in value.items()}


REFUSED = [
    replace(GOOD, verified=()),
    replace(GOOD, verified=GOOD.verified[:1]),
    replace(GOOD, matches=Matches((finding(),), ())),
    replace(GOOD, matches=Matches((finding(severity="low", kev=True),), ())),
    replace(GOOD, matches=Matches((), (unmatched(),))),
    replace(GOOD, snapshot=None),
    replace(GOOD, contents=None, matches=None),
    replace(GOOD, target=Target("production", "test")),
    replace(GOOD, contents=Contents(replace(INVENTORY, coverage=Coverage.of(limits=["x"])), Digest.of(b"i"))),
]


@pytest.mark.parametrize("found", REFUSED)
def test_a_question_that_lacks_a_field_is_not_allowed_for_that(found: Inputs) -> None:
    question = ask(found)
    removed = [path for path in paths(question) if path[0] != "now"]
    assert len(removed) > 50
    for path in removed:
        changed = without(question, path)
        verdict = decide(changed, POLICY, places=False)
        assert verdict.outcome != "allow" or path in MENDED, path


MENDED: set[tuple[Any, ...]] = set()
"""Fields whose absence takes the fault itself away."""
