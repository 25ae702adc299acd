from __future__ import annotations

import json
from typing import Any

import anyio
import pytest

from flows.judging import ANN, REPOSITORY, World, advisory, judging
from graven.errors import Conflict, Malformed, NotFound, Refused
from graven.evidence import statement, vsa
from graven.evidence.candidates import Candidate, candidates
from graven.evidence.keys import PublicKey
from graven.flows.promote import Promoting, Promotion
from graven.values import Digest, format_moment
from graven.values.events import DecisionMade, Promoted


async def promoted(world: World) -> list[Promoted]:
    return [entry.event.body for entry in await world.told() if isinstance(entry.event.body, Promoted)]


async def summary(world: World, manifest: Digest, subject: Digest) -> vsa.Summary:
    """Read a summary out of its referrer, with the key that graven shows."""
    objects = world.server.stores.reader
    data = await objects.get(manifest)
    blobs = {Digest.parse(layer["digest"]): b"" for layer in json.loads(data)["layers"]}
    for blob in blobs:
        blobs[blob] = await objects.get(blob)
    (found,) = candidates(data, blobs.__getitem__)
    assert isinstance(found, Candidate)
    public = PublicKey.parse(world.flows.keys.vsa.public_pem)
    assert any(public.verifies(signature.sig, found.signed) for signature in found.signatures)
    assert found.envelope is not None
    said = statement.parse(found.envelope.payload)
    assert said.about(subject)
    assert said.predicate_type == vsa.PREDICATE_TYPE
    return vsa.read(said.predicate)


async def test_an_artifact_goes_from_stage_to_stage_each_with_its_decision_and_summary() -> None:
    async with judging() as world:
        digest = await world.good()
        for stage, before in (("dev", ""), ("test", "dev"), ("production", "test")):
            done = await world.promote(digest, stage)
            assert (done.promoted, done.unchanged) == (True, False)
            body = (await promoted(world))[-1]
            assert (body.stage, body.from_stage, body.digest, body.decision) == (stage, before, digest, done.decided)
            assert done.vsa is not None
            said = await summary(world, done.vsa, digest)
            assert (said.stage, said.resource, said.result) == (stage, "graven:team/web", "PASSED")
            assert said.decision == str(done.decided)
            assert format_moment(said.valid_until) == body.valid_until
        assert len(await promoted(world)) == 3


async def test_a_stage_cannot_be_skipped_and_the_refusal_is_an_event() -> None:
    async with judging() as world:
        digest = await world.good()
        done = await world.promote(digest, "production")
        assert not done.promoted
        assert done.decision is not None
        assert [reason.rule for reason in done.decision.verdict.reasons] == ["order"]
        entry = (await world.told())[-1]
        assert isinstance(entry.event.body, DecisionMade)
        assert entry.event.outcome == "denied"
        assert await promoted(world) == []
        assert await world.flows.judging.promotion.held("production") == []


async def test_promoting_again_what_stands_there_changes_nothing() -> None:
    async with judging() as world:
        digest = await world.good()
        first = await world.promote(digest, "dev")
        size = len(await world.told())
        again = await world.promote(digest, "dev")
        assert (again.promoted, again.unchanged, again.vsa) == (True, True, first.vsa)
        assert len(await world.told()) == size


async def test_a_promotion_whose_summary_has_ended_is_made_again() -> None:
    async with judging() as world:
        digest = await world.good()
        await world.promote(digest, "dev")
        world.server.clock.pass_by(days=31)
        await world.advise(advisory("PYSEC-9", "other", "1"))
        again = await world.promote(digest, "dev")
        assert (again.promoted, again.unchanged) == (True, False)
        assert len(await promoted(world)) == 2


async def test_an_index_is_promoted_with_each_of_its_children() -> None:
    async with judging() as world:
        children = [await world.image(), await world.image("3.0.1", tag="1.1")]
        index = await world.index(*children)
        await world.sign(index)
        await world.bill(index)
        done = await world.promote(index, "dev")
        body = (await promoted(world))[0]
        assert set(body.children) == {str(child) for child in children}
        for child, manifest in zip(body.children, body.child_vsas, strict=True):
            assert (await summary(world, Digest.parse(manifest), Digest.parse(child))).stage == "dev"
        rows = await world.server.stores.tables.scan("admissible", ("dev", REPOSITORY))
        assert {key[2] for key, row in rows if row["until"] is None} == {str(index), *map(str, children)}
        assert done.promoted


async def test_what_a_promotion_replaces_ends_with_its_children() -> None:
    async with judging() as world:
        child = await world.image()
        index = await world.index(child)
        await world.promote(index, "dev")
        other = await world.good("3.0.1", tag="1.1")
        await world.promote(other, "dev")
        rows = dict(await world.server.stores.tables.scan("admissible", ("dev", REPOSITORY)))
        ended = {str(key[2]) for key, row in rows.items() if row["until"] is not None}
        assert ended == {str(index), str(child)}


async def test_of_two_promotions_at_once_one_wins_and_the_other_is_a_conflict() -> None:
    async with judging() as world:
        one, two = await world.good(), await world.good("3.0.1", tag="1.1")
        came: list[Any] = []
        waiting = anyio.Event()

        class Late(Promotion):
            async def _move(self, *arguments: Any) -> Promoting:
                waiting.set()
                await anyio.sleep(0.3)
                return await super()._move(*arguments)

        found = world.flows.judging.promotion
        late = Late(**{name: getattr(found, name) for name in Promotion.__dataclass_fields__})

        async def slow() -> None:
            try:
                came.append(await late.promote(REPOSITORY, one, "dev", ANN))
            except Conflict as e:
                came.append(e)

        async with anyio.create_task_group() as group:
            group.start_soon(slow)
            await waiting.wait()
            assert (await world.promote(two, "dev")).promoted
        assert isinstance(came[0], Conflict)
        assert [body.digest for body in await promoted(world)] == [two]


async def test_the_same_promotion_twice_at_once_is_one_and_no_conflict() -> None:
    async with judging() as world:
        digest = await world.good()
        came: list[Promoting] = []

        async def once() -> None:
            came.append(await world.promote(digest, "dev"))

        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(once)
        assert all(done.promoted for done in came)
        assert len(await promoted(world)) == 1


@pytest.mark.parametrize("what", ["stages", "trust", "identity", "artifact"])
async def test_what_was_judged_must_not_have_changed_when_the_pointer_moves(what: str) -> None:
    async with judging() as world:
        digest = await world.good()
        found = world.flows.judging.promotion

        class Disturbed(Promotion):
            async def _move(self, *arguments: Any) -> Promoting:
                if what == "stages":
                    await world.apply("stages", {"stages": [{"name": "dev"}]})
                elif what == "trust":
                    await world.apply("trust", {"keys": []})
                elif what == "identity":
                    await found.revoke("identity", "release@team", ANN, reason="stolen")
                else:
                    await world.flows.repositories.set(REPOSITORY, "mutable", caller=ANN)
                    await world.flows.remove.manifest(REPOSITORY, str(digest), caller=ANN)
                return await super()._move(*arguments)

        disturbed = Disturbed(**{name: getattr(found, name) for name in Promotion.__dataclass_fields__})
        with pytest.raises((Conflict, NotFound)):
            await disturbed.promote(REPOSITORY, digest, "dev", ANN)
        assert await promoted(world) == []


async def test_a_rollback_goes_to_what_stood_there_on_the_decision_of_then() -> None:
    async with judging() as world:
        old, new = await world.good(), await world.good("3.0.1", tag="1.1")
        first = await world.promote(old, "dev")
        await world.promote(new, "dev")
        await world.advise(advisory("CVE-2026-1", "flask", "3.0.1", "CRITICAL"))
        done = await world.flows.judging.promotion.rollback(REPOSITORY, old, "dev", ANN, reason="it leaks")
        assert (done.promoted, done.decided) == (True, first.decided)
        body, entry = (await promoted(world))[-1], (await world.told())[-1]
        assert (body.rollback, body.digest, body.previous) == (True, old, new)
        assert entry.event.reason == "it leaks"
        assert done.vsa is not None
        assert (await summary(world, done.vsa, old)).decision == str(first.decided)
        history = await world.flows.judging.promotion.history(REPOSITORY, "dev")
        assert [(one["digest"], one["kind"]) for one in history] == [
            (str(old), "rollback"),
            (str(new), "promotion"),
            (str(old), "promotion"),
        ]


async def test_a_rollback_needs_a_reason_and_something_that_stood_there() -> None:
    async with judging() as world:
        digest, never = await world.good(), await world.good("3.0.1", tag="1.1")
        await world.promote(digest, "dev")
        rollback = world.flows.judging.promotion.rollback
        with pytest.raises(Malformed, match="reason"):
            await rollback(REPOSITORY, digest, "dev", ANN, reason=" ")
        with pytest.raises(Refused, match="never stood in dev"):
            await rollback(REPOSITORY, never, "dev", ANN, reason="x")
        assert len(await promoted(world)) == 1


@pytest.mark.parametrize("kind", ["promotion", "identity"])
async def test_a_rollback_does_not_bring_back_what_was_revoked(kind: Any) -> None:
    async with judging() as world:
        old, new = await world.good(), await world.good("3.0.1", tag="1.1")
        await world.promote(old, "dev")
        await world.promote(new, "dev")
        target = f"dev/{REPOSITORY}@{old}" if kind == "promotion" else "release@team"
        await world.flows.judging.promotion.revoke(kind, target, ANN, reason="stolen")
        with pytest.raises(Refused, match="revoked"):
            await world.flows.judging.promotion.rollback(REPOSITORY, old, "dev", ANN, reason="x")


async def test_a_revoked_promotion_never_comes_back_and_opens_no_further_stage() -> None:
    async with judging() as world:
        digest = await world.good()
        await world.promote(digest, "dev")
        revoke = world.flows.judging.promotion.revoke
        kept = await revoke("promotion", f"dev/{REPOSITORY}@{digest}", ANN, reason="malware")
        assert kept == f"dev/{REPOSITORY}@{digest}"
        with pytest.raises(Refused, match="malware"):
            await world.promote(digest, "dev")
        entry = (await world.told())[-1]
        assert (entry.type, entry.event.outcome) == ("authz.denied", "denied")
        refused = await world.promote(digest, "test")
        assert refused.decision is not None
        assert [reason.rule for reason in refused.decision.verdict.reasons] == ["order"]
        assert (await world.flows.judging.promotion.held("dev"))[0]["revoked"] is True
        size = len(await world.told())
        await revoke("promotion", kept, ANN, reason="again")
        assert len(await world.told()) == size


async def test_a_revocation_needs_a_reason_and_a_target_that_there_is() -> None:
    async with judging() as world:
        digest = await world.good()
        revoke = world.flows.judging.promotion.revoke
        with pytest.raises(Malformed, match="reason"):
            await revoke("identity", "x", ANN, reason="")
        with pytest.raises(Malformed):
            await revoke("key", " ", ANN, reason="x")
        with pytest.raises(NotFound, match="never promoted"):
            await revoke("promotion", f"dev/{REPOSITORY}@{digest}", ANN, reason="x")
        for target in ("dev", "dev/team/web", "Dev/team/web@" + str(digest)):
            with pytest.raises(Malformed):
                await revoke("promotion", target, ANN, reason="x")


async def test_a_waiver_lets_a_promotion_through_until_it_ends() -> None:
    async with judging() as world:
        await world.advise(advisory("CVE-2026-1", "flask", "3.0.1", "CRITICAL"))
        digest = await world.good()
        await world.promote(digest, "dev")
        assert not (await world.promote(digest, "test")).promoted
        await world.server.token("pull", name="owner")
        scope = {"rule": "vulnerabilities", "repository": "team/*", "term": "CVE-2026-1"}
        granted = await world.flows.judging.waive.grant(
            scope, ANN, owner="owner", reason="not reachable", expires="2026-06-02T00:00:00Z"
        )
        done = await world.promote(digest, "test")
        assert done.promoted
        assert done.decision is not None
        assert done.decision.verdict.waived[0].waiver == granted["digest"]
        world.server.clock.pass_by(days=2)
        assert (await world.decide(digest)).verdict.outcome == "deny"


async def test_a_waiver_that_was_withdrawn_excuses_nothing() -> None:
    async with judging() as world:
        await world.advise(advisory("CVE-2026-1", "flask", "3.0.1", "CRITICAL"))
        digest = await world.good()
        await world.server.token("pull", name="owner")
        waive = world.flows.judging.waive
        scope = {"rule": "vulnerabilities", "digest": str(digest)}
        granted = await waive.grant(scope, ANN, owner="owner", reason="r", expires="2027-01-01T00:00:00Z")
        assert {waived.reason.rule for waived in (await world.decide(digest)).verdict.waived} == {"vulnerabilities"}
        await waive.withdraw(granted["waiver"], ANN, reason="over")
        assert (await world.decide(digest)).verdict.waived == ()
        assert await waive.listed() == []
        with pytest.raises(NotFound):
            await waive.withdraw(granted["waiver"], ANN, reason="over")
        with pytest.raises(NotFound, match="nobody is known"):
            await waive.grant(scope, ANN, owner="who", reason="r", expires="2027-01-01T00:00:00Z")
