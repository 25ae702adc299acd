from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

from decide.scene import INVENTORY, KEY, NOW, SUBJECT, TRUST
from graven.decide.assembly import assemble, means
from graven.decide.inputs import Artifact, Inputs, Request, Snapshot, Target
from graven.decide.materials import Materials, Source, encode_records, missing
from graven.evidence import bundle, chain, dsse, simplesigning, statement, vex
from graven.evidence.chain import Demands
from graven.evidence.keys import PrivateKey, generate
from graven.evidence.snapshot import Snapshot as Root
from graven.evidence.trust import SIGN, TrustedKey, TrustRoot
from graven.values import Digest

SECOND = generate(lambda size: b"\x02" * size)
STRANGER = generate(lambda size: b"\x03" * size)
ROOT = TrustRoot(
    (
        *TRUST.keys,
        TrustedKey(
            "second@team", SECOND.public, predicate_types=("https://openvex.dev/ns*", SIGN), products=("team/*",)
        ),
    )
)


class Shelf:
    """Objects by digest, and the materials that name them."""

    def __init__(self) -> None:
        self.objects: dict[Digest, bytes] = {}
        payload = chain.payload("trust", ROOT.value(), after=None, demands=Demands(1, (KEY.public,)))
        envelope = dsse.Envelope(chain.PAYLOAD_TYPE, payload, (dsse.Signature(b"x"),))
        self.materials = Materials(
            artifact=Artifact("team/web", SUBJECT, "m", "image", 1, NOW),
            target=Target("dev", ""),
            request=Request("ann"),
            now=NOW,
            trust=self.put(envelope.encode()),
        )

    def put(self, data: bytes) -> Digest:
        self.objects[Digest.of(data)] = data
        return Digest.of(data)

    def fetch(self, digest: Digest) -> bytes:
        if digest not in self.objects:
            raise missing(digest)
        return self.objects[digest]

    def carry(self, *layers: tuple[str, Digest, dict[str, str]], subject: Digest = SUBJECT) -> Digest:
        """Put a manifest with these layers, and name it among the evidence."""
        listed = [{"mediaType": kind, "digest": str(d), "size": 1, "annotations": notes} for kind, d, notes in layers]
        manifest = self.put(json.dumps({"schemaVersion": 2, "layers": listed}).encode())
        source = Source(manifest, subject, NOW, tuple(digest for _, digest, _ in layers))
        self.materials = replace(self.materials, evidence=(*self.materials.evidence, source))
        return manifest

    def attest(self, kind: str, predicate: Any, key: PrivateKey = KEY, subject: Digest = SUBJECT) -> Digest:
        envelope = dsse.Envelope(dsse.IN_TOTO, statement.make(subject, kind, predicate), ())
        signed = replace(envelope, signatures=(dsse.Signature(key.sign(envelope.signed)),))
        blob = self.put(bundle.encode(signed, key.public))
        self.carry((bundle.MEDIA_TYPE, blob, {}), subject=subject)
        return blob

    def simple(self, *keys: PrivateKey) -> None:
        """Sign as cosign's tag ``.sig`` does: one payload, one layer for each signature."""
        image = {"docker-manifest-digest": str(SUBJECT)}
        named = {"docker-reference": "team/web"}
        kind = "cosign container image signature"
        payload = json.dumps({"critical": {"identity": named, "image": image, "type": kind}, "optional": None}).encode()
        blob = self.put(payload)
        notes = [{simplesigning.ANNOTATION: base64.b64encode(key.sign(payload)).decode()} for key in keys]
        self.carry(*((simplesigning.MEDIA_TYPE, blob, note) for note in notes))

    def assemble(self) -> Inputs:
        return assemble(self.materials, self.fetch)


def test_one_payload_can_carry_the_signatures_of_several_keys() -> None:
    shelf = Shelf()
    shelf.simple(KEY, SECOND, STRANGER)
    found = shelf.assemble()
    assert {one.identity for one in found.verified} == {"release@team", "second@team"}
    assert len(found.rejected) == 1


def test_the_same_evidence_in_two_places_counts_once() -> None:
    shelf = Shelf()
    shelf.simple(KEY)
    shelf.materials = replace(shelf.materials, evidence=shelf.materials.evidence * 2)
    assert len(shelf.assemble().verified) == 1


def test_evidence_whose_bytes_are_gone_is_counted_in_the_same_words_wherever_that_is_found() -> None:
    shelf = Shelf()
    blob = shelf.attest(SIGN, {})
    del shelf.objects[blob]
    found = shelf.assemble()
    assert (found.verified, found.rejected) == ((), (f"there is no object {blob}",))


def test_evidence_that_is_revoked_or_about_something_else_does_not_count() -> None:
    shelf = Shelf()
    shelf.attest(SIGN, {})
    shelf.attest(SIGN, {}, SECOND, subject=Digest.of(b"another"))
    shelf.materials = replace(
        shelf.materials,
        revoked=(("key", KEY.public.fingerprint),),
        evidence=tuple(replace(source, subject=SUBJECT) for source in shelf.materials.evidence),
    )
    found = shelf.assemble()
    assert found.verified == ()
    assert sorted(reason.split()[0] for reason in found.rejected) == ["it", "the"]


def with_contents(shelf: Shelf, *, records: bool = True) -> None:
    advisory = {
        "id": "CVE-2026-1",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "flask"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.1"}]}],
            }
        ],
    }
    snapshot = shelf.put(Root(1, "", (("Debian:12", 1), ("PyPI", 1)), None, ()).encode())
    shelf.materials = replace(
        shelf.materials,
        inventory=shelf.put(INVENTORY.encode()),
        snapshot=Snapshot(snapshot, NOW),
        advisories=shelf.put(encode_records([json.dumps(advisory).encode()])) if records else None,
    )


def vex_document(**changes: Any) -> dict[str, Any]:
    said = {
        "vulnerability": {"name": "CVE-2026-1"},
        "products": [{"@id": "web", "hashes": {"sha-256": SUBJECT.hex}}],
        "status": "not_affected",
        "justification": "component_not_present",
    }
    return {"@context": "https://openvex.dev/ns/v0.2.0", "timestamp": NOW, "statements": [said | changes]}


def test_components_are_matched_and_vex_moves_what_its_signer_may_speak_for() -> None:
    shelf = Shelf()
    with_contents(shelf)
    found = shelf.assemble()
    assert found.matches is not None
    assert [(one.id, one.vex) for one in found.matches.findings] == [("CVE-2026-1", None)]
    shelf.attest(vex.PREDICATE_TYPE, vex_document(), SECOND)
    found = shelf.assemble()
    assert found.matches is not None
    assert found.matches.findings[0].vex is not None
    assert found.matches.findings[0].vex.by == "second@team"


def test_a_vex_document_that_cannot_be_read_moves_nothing_and_is_counted() -> None:
    shelf = Shelf()
    with_contents(shelf)
    shelf.attest(vex.PREDICATE_TYPE, vex_document(status="harmless"), SECOND)
    found = shelf.assemble()
    assert found.matches is not None
    assert found.matches.findings[0].vex is None
    assert "cannot be read" in found.rejected[0]


def test_without_records_nothing_was_matched() -> None:
    shelf = Shelf()
    with_contents(shelf, records=False)
    found = shelf.assemble()
    assert found.contents is not None
    assert found.matches is None


def test_the_means_are_those_of_keys_that_count_now() -> None:
    shelf = Shelf()
    found = means(shelf.materials, shelf.fetch)
    assert (found.signers, found.billers, found.experts) == (
        ("release@team", "second@team"),
        ("release@team",),
        ("release@team", "second@team"),
    )
    shelf.materials = replace(shelf.materials, revoked=(("identity", "release@team"),))
    assert means(shelf.materials, shelf.fetch).signers == ("second@team",)
    elsewhere = replace(shelf.materials, artifact=replace(shelf.materials.artifact, repository="other/web"))
    assert means(elsewhere, shelf.fetch).experts == ()
