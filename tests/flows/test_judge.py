from __future__ import annotations

import json
from typing import Any

import pytest

from archives import file
from flows.judging import ANN, REPOSITORY, World, advisory, judging
from graven.app.showing import TellEvidence
from graven.decide.record import Record
from graven.decide.replay import Replay, replay
from graven.errors import Mismatch, NotFound
from graven.flows import attach
from graven.flows.judge import Decision
from graven.values import Digest, canonical
from graven.values.events import DecisionMade


def rules(decision: Decision) -> set[str]:
    return {reason.rule for reason in decision.verdict.reasons}


def steps(decision: Decision) -> list[str]:
    change = decision.explanation.change
    return [] if change is None else [step.kind for step in change.steps]


async def test_an_image_with_all_proofs_is_allowed() -> None:
    async with judging() as world:
        digest = await world.good()
        decision = await world.decide(digest, "dev")
        assert decision.verdict.outcome == "allow"
        assert decision.question["sbom"]["matches"] is True
        assert decision.question["coverage"]["inventory"]["components"] == 2


async def test_an_unsigned_image_is_refused_with_the_rule_the_line_and_what_to_do() -> None:
    async with judging() as world:
        digest = await world.image()
        await world.bill(digest)
        await world.promote(digest, "dev")
        decision = await world.decide(digest)
        assert decision.verdict.outcome == "deny"
        assert rules(decision) == {"signed"}
        reason = decision.verdict.reasons[0]
        assert (reason.file, reason.line > 1) == ("signed.rego", True)
        assert steps(decision) == ["sign"]
        told = {rule.rule: rule for rule in decision.explanation.rules}["signed"]
        assert told.title == "Signed by a trusted identity"
        assert "graven sign" in told.remediation


async def test_a_signature_of_a_stranger_is_none_and_is_counted() -> None:
    async with judging() as world:
        digest = await world.image()
        await world.sign(digest, world.stranger)
        decision = await world.decide(digest)
        assert decision.question["signature"]["verified"] is False
        assert decision.question["coverage"]["evidence"]["rejected"] == 1
        assert "signed" in rules(decision)


async def test_a_signed_index_vouches_for_what_it_lists() -> None:
    async with judging() as world:
        child = await world.image()
        index = await world.index(child)
        await world.sign(index)
        decision = await world.decide(child)
        assert decision.question["signatures"][0]["subject"] == str(index)


async def test_a_finding_refuses_until_the_image_is_rebuilt() -> None:
    async with judging() as world:
        await world.advise(advisory("CVE-2026-1", "flask", "3.0.1", "CRITICAL"))
        old, new = await world.good(), await world.good("3.0.1", tag="1.1")
        for digest in (old, new):
            await world.promote(digest, "dev")
        refused = await world.decide(old)
        assert (refused.verdict.outcome, rules(refused), steps(refused)) == ("deny", {"vulnerabilities"}, ["upgrade"])
        assert "CVE-2026-1 (critical) in pkg:pypi/flask@3.0.0, mended in 3.0.1" in refused.verdict.reasons[0].message
        assert (await world.decide(new)).verdict.outcome == "allow"


async def test_vex_moves_a_finding_only_when_a_trusted_party_signed_it() -> None:
    async with judging() as world:
        await world.advise(advisory("CVE-2026-1", "flask", "3.0.1", "CRITICAL"))
        digest = await world.good()
        await world.promote(digest, "dev")
        for key in (world.stranger, world.release):
            await world.state(digest, "CVE-2026-1", key)
            assert (await world.decide(digest)).verdict.outcome == "deny"
        await world.state(digest, "CVE-2026-1", world.security)
        decision = await world.decide(digest)
        assert decision.verdict.outcome == "allow"
        assert decision.question["vulnerabilities"]["findings"][0]["vex"]["by"] == "security@team"


async def test_a_database_that_nobody_reads_refuses() -> None:
    async with judging() as world:
        digest = await world.image(extra=(file("var/lib/rpm/rpmdb.sqlite", b"SQLite format 3\0"),))
        await world.sign(digest)
        await world.bill(digest)
        await world.promote(digest, "dev")
        decision = await world.decide(digest)
        assert rules(decision) == {"seen"}
        assert "rpm" in decision.verdict.reasons[0].message
        assert steps(decision) == ["rebuild"]


async def test_old_advisories_refuse() -> None:
    async with judging() as world:
        digest = await world.good()
        await world.promote(digest, "dev")
        world.server.clock.pass_by(days=8)
        decision = await world.decide(digest)
        assert (rules(decision), steps(decision)) == ({"seen"}, ["refresh"])


async def test_a_revoked_identity_counts_no_longer() -> None:
    async with judging() as world:
        digest = await world.good()
        await world.flows.judging.promotion.revoke("identity", "release@team", ANN, reason="left")
        decision = await world.decide(digest)
        assert decision.question["signature"]["verified"] is False
        assert "sign" not in steps(decision)


async def test_a_decision_is_one_event_and_all_it_rests_on_is_stored_before() -> None:
    async with judging() as world:
        decision = await world.decide(await world.good())
        entry = (await world.told())[-1]
        assert isinstance(entry.event.body, DecisionMade)
        assert entry.event.body.decision == decision.digest
        assert (entry.event.policy, entry.event.question) == (decision.record.policy, decision.record.question)
        assert entry.event.outcome == "denied"
        objects = world.server.stores.reader
        named = (decision.digest, decision.record.question, decision.record.verdict, decision.record.policy)
        for digest in (*named, decision.record.waivers, decision.record.materials):
            assert await objects.size(digest) is not None
        assert Record.decode(await objects.get(decision.digest)) == decision.record
        assert await objects.get(decision.record.verdict) == decision.verdict.encode()


async def test_what_does_not_exist_is_not_judged() -> None:
    async with judging() as world:
        size = len(await world.told())
        with pytest.raises(NotFound):
            await world.decide(Digest.of(b"nothing"))
        with pytest.raises(NotFound, match="no stage 'moon'"):
            await world.decide(await world.image(), "moon")
        assert not any(isinstance(e.event.body, DecisionMade) for e in (await world.told())[size:])


async def everything(world: World, decision: Decision) -> dict[Digest, bytes]:
    """Fetch, as another process would, what a replay may ask for; neither question nor verdict is among it."""
    shown = world.flows.judging.decisions
    found: dict[Digest, bytes] = {}
    record = Record.decode(await shown.fetch(decision.digest, decision.digest))
    materials = json.loads(await shown.fetch(decision.digest, record.materials))
    named = {record.policy, record.waivers, record.materials} | set(_digests(materials))
    for digest in named:
        try:
            found[digest] = await shown.fetch(decision.digest, digest)
        except NotFound:
            continue  # the artifact itself is no part of what a decision rests on
    return found


def _digests(value: Any) -> list[Digest]:
    if isinstance(value, dict):
        return [digest for inner in value.values() for digest in _digests(inner)]
    if isinstance(value, list):
        return [digest for inner in value for digest in _digests(inner)]
    return [Digest.parse(value)] if isinstance(value, str) and value.startswith("sha256:") else []


def again(decision: Decision, objects: dict[Digest, bytes], **options: Any) -> Replay:
    def fetch(digest: Digest) -> bytes:
        if digest not in objects:
            raise NotFound(f"{digest} was not fetched")
        return objects[digest]

    return replay(decision.record, fetch, **options)


async def test_a_decision_is_computed_again_from_its_evidence_to_the_same_bytes() -> None:
    async with judging() as world:
        await world.advise(advisory("CVE-2026-1", "flask", "3.0.1"))
        digest = await world.good()
        await world.sign(digest, world.stranger)
        await world.state(digest, "CVE-2026-1", world.security)
        decision = await world.decide(digest)
        world.server.clock.pass_by(days=300)
        await world.advise(advisory("CVE-2026-2", "flask", "4"))
        await world.apply("trust", {"keys": []})
        found = again(decision, await everything(world, decision))
        assert found.agrees
        assert found.differences == ()
        assert found.question == canonical.dumps(dict(decision.question))
        assert found.verdict == decision.verdict.encode()


async def test_with_one_byte_of_the_question_changed_a_replay_differs() -> None:
    async with judging() as world:
        decision = await world.decide(await world.good(), "dev")
        objects = await everything(world, decision)
        changed = canonical.dumps(dict(decision.question)).replace(b'"present":true', b'"present":tru1', 1)
        assert changed != canonical.dumps(dict(decision.question))
        changed = canonical.dumps(dict(decision.question)).replace(b"release@team", b"release@teal")
        found = again(decision, objects, question=changed)
        assert not found.question_agrees
        assert not found.verdict_agrees


async def test_a_replay_refuses_bytes_that_are_not_those_of_then() -> None:
    async with judging() as world:
        decision = await world.decide(await world.good(), "dev")
        objects = await everything(world, decision)
        for digest in (decision.record.policy, decision.record.materials, decision.record.waivers):
            with pytest.raises(Mismatch):
                again(decision, objects | {digest: objects[digest] + b" "})


async def test_a_decision_gives_out_nothing_but_what_it_rests_on() -> None:
    async with judging() as world:
        digest = await world.good()
        decision = await world.decide(digest, "dev")
        secret = await world.server.stores.writer.put(b"a blob of somebody else")
        with pytest.raises(NotFound):
            await world.flows.judging.decisions.fetch(decision.digest, secret)
        with pytest.raises(NotFound):
            await world.flows.judging.decisions.fetch(secret, secret)
        shown = await world.flows.judging.decisions.show(decision.digest)
        assert shown["verdict"] == canonical.loads(decision.verdict.encode())
        listed = await world.flows.judging.decisions.about(REPOSITORY, digest)
        assert [one["decision"] for one in listed] == [str(decision.digest)]


async def test_more_evidence_than_is_looked_at_decides_nothing_and_is_journalled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with judging() as world:
        digest = await world.good()
        assert (await world.decide(digest, "dev")).allowed
        monkeypatch.setattr(attach, "_MOST", 1)
        decision = await world.decide(digest, "dev")
        assert decision.verdict.outcome == "undecidable"
        assert "more than 1 manifests are attached to it" in decision.verdict.reasons[0].message
        assert "delete what nobody needs" in decision.verdict.reasons[0].message
        entry = (await world.told())[-1]
        assert isinstance(entry.event.body, DecisionMade)
        assert (entry.event.body.decision, entry.event.outcome) == (decision.digest, "error")
        objects = await everything(world, decision)
        again = replay(decision.record, objects.__getitem__)
        assert (again.agrees, again.outcome) == (True, "undecidable")
        assert not (await world.promote(digest, "dev")).promoted
        assert not await world.server.stores.tables.scan("pointers", ("dev",), limit=1)


async def test_an_artifact_with_more_evidence_than_is_looked_at_is_still_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with judging() as world:
        digest = await world.good()
        flows = world.flows
        tell = TellEvidence(
            evidence=flows.evidence, documents=flows.judging.documents, tables=world.server.stores.tables
        )
        assert {one["standing"] for one in await tell(REPOSITORY, digest)} == {"verified"}
        monkeypatch.setattr(attach, "_MOST", 1)
        (one,) = await tell(REPOSITORY, digest)
        assert (one["standing"], one["tone"]) == ("was not looked at", "bad")
        assert "more than 1 manifests" in one["why"]
