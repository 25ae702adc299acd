from __future__ import annotations

from typing import Any

import pytest

from flows.judging import ANN, Key, World, judging
from graven.errors import Conflict, Forbidden, GravenError, Malformed, Refused
from graven.evidence import chain, dsse
from graven.evidence.chain import Demands, Kind, Link
from graven.evidence.keys import PublicKey
from graven.values import Digest, canonical
from graven.values.events import DocumentApplied

STAGES = {"stages": [{"name": "only", "rules": {"order": "off"}}]}


async def applied(world: World) -> list[DocumentApplied]:
    return [entry.event.body for entry in await world.told() if isinstance(entry.event.body, DocumentApplied)]


def demands(*keys: Key, threshold: int = 1) -> Demands:
    return Demands(threshold, tuple(PublicKey.parse(key.public_pem) for key in keys))


async def signed(link: Link, body: Any, *keys: Key, kind: Kind = "stages", then: Demands | None = None) -> bytes:
    payload = chain.payload(kind, body, after=link, demands=then or link.demands)
    message = dsse.pae(chain.PAYLOAD_TYPE, payload)
    signatures = tuple([dsse.Signature(await key.sign(message)) for key in keys])
    return dsse.Envelope(chain.PAYLOAD_TYPE, payload, signatures).encode()


async def test_a_new_server_begins_three_chains_by_three_events() -> None:
    async with judging() as world:
        first = [body for body in await applied(world) if body.previous is None]
        assert {body.kind for body in first} == {"trust", "policy", "stages"}
        size = len(await world.told())
        await world.flows.judging.documents.start({})
        assert len(await world.told()) == size


async def test_a_document_takes_effect_by_an_event_that_names_the_one_before() -> None:
    async with judging() as world:
        before = await world.flows.judging.documents.current("stages")
        digest = await world.apply("stages", STAGES)
        assert (await applied(world))[-1] == DocumentApplied("stages", digest, before.digest)
        assert (await world.flows.judging.documents.in_force()).stages.names == ("only",)
        link = await world.flows.judging.documents.current("stages")
        assert (link.version, link.previous) == (before.version + 1, before.digest)


async def test_the_same_document_again_is_no_change() -> None:
    async with judging() as world:
        digest = await world.apply("stages", STAGES)
        size = len(await world.told())
        assert await world.apply("stages", STAGES) == digest
        envelope = await world.flows.judging.documents.envelope("stages")
        assert await world.flows.judging.documents.apply_envelope("stages", envelope, ANN) == digest
        assert len(await world.told()) == size


@pytest.mark.parametrize(
    ("kind", "body", "family"),
    [
        ("stages", {"stages": []}, Malformed),
        ("stages", {"stages": [{"name": "a", "rules": {"unheard": "off"}}]}, Malformed),
        ("stages", {"stages": [{"name": "a", "parameters": {"severty": "high"}}]}, Malformed),
        ("stages", "dev", Malformed),
        ("trust", {"keys": [{"identity": "x", "public": "no key"}]}, Malformed),
        ("trust", [], Malformed),
        ("policy", {"v": 1, "modules": {}, "rules": []}, Malformed),
        ("policy", {"v": 1, "modules": {"a.rego": "package a\ndeny contains"}, "rules": []}, Malformed),
        ("policy", {"v": 2}, Malformed),
    ],
)
async def test_a_document_that_cannot_be_read_or_does_not_fit_changes_nothing(
    kind: Kind, body: Any, family: type[GravenError]
) -> None:
    async with judging() as world:
        size, force = len(await world.told()), await world.flows.judging.documents.in_force()
        with pytest.raises(family):
            await world.apply(kind, body)
        assert len(await world.told()) == size
        assert (await world.flows.judging.documents.in_force()).digests == force.digests


async def test_a_policy_set_of_ones_own_decides() -> None:
    async with judging() as world:
        await world.apply("stages", {"stages": [{"name": "dev"}]})
        rules = [{"name": "signing", "entries": ["data.artifact.signing.allow"]}]
        source = (
            "package artifact.signing\n\ndefault allow = false\n\nallow {\n    input.signature.verified == true\n}\n"
        )
        body = {"v": 1, "language": "v0", "modules": {"signing.rego": source}, "rules": rules}
        await world.apply("policy", body)
        unsigned, signed_one = await world.image(), await world.good("3.0.1", tag="1.1")
        refused = await world.decide(unsigned, "dev")
        assert (refused.verdict.outcome, [reason.rule for reason in refused.verdict.reasons]) == ("deny", ["signing"])
        change = refused.explanation.change
        assert change is not None
        assert [step.kind for step in change.steps] == ["sign"]
        assert (await world.decide(signed_one, "dev")).verdict.outcome == "allow"


async def test_once_the_chain_demands_other_keys_the_server_signs_no_more() -> None:
    async with judging() as world:
        documents = world.flows.judging.documents
        await documents.apply("stages", STAGES, ANN, demands=demands(world.release, world.security, threshold=2))
        with pytest.raises(Forbidden, match="2 of other keys"):
            await world.apply("stages", {"stages": [{"name": "other"}]})
        link = await documents.current("stages")
        body = {"stages": [{"name": "other"}]}
        with pytest.raises(Refused, match="got 1 good signatures, expected 2"):
            await documents.apply_envelope("stages", await signed(link, body, world.release, world.release), ANN)
        with pytest.raises(Refused):
            await documents.apply_envelope("stages", await signed(link, body, world.release, world.stranger), ANN)
        envelope = await signed(link, body, world.security, world.release)
        assert await documents.apply_envelope("stages", envelope, ANN) == Digest.of(envelope)
        assert (await documents.in_force()).stages.names == ("other",)


async def test_a_link_that_does_not_follow_the_present_one_is_a_conflict() -> None:
    async with judging() as world:
        documents = world.flows.judging.documents
        await documents.apply("stages", STAGES, ANN, demands=demands(world.release))
        link = await documents.current("stages")
        one, two = [await signed(link, {"stages": [{"name": name}]}, world.release) for name in ("one", "two")]
        await documents.apply_envelope("stages", one, ANN)
        with pytest.raises(Conflict):
            await documents.apply_envelope("stages", two, ANN)
        with pytest.raises(Malformed, match="expected 'policy'"):
            await documents.apply_envelope("policy", two, ANN)


async def test_the_document_can_be_fetched_and_verified_by_anybody() -> None:
    async with judging() as world:
        documents = world.flows.judging.documents
        before = await documents.current("stages")
        await world.apply("stages", STAGES)
        envelope = await documents.envelope("stages")
        first = Demands(1, (PublicKey.parse(world.flows.keys.root.public_pem),))
        link = chain.verify_next(envelope, kind="stages", after=before, first=first)
        assert canonical.dumps(link.body["stages"][0]["name"]) == b'"only"'
