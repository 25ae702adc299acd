"""What the tests of the room are about: an image that every shipped rule lets through, to be changed part by part."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graven import library
from graven.decide import question as questions
from graven.decide import shipped
from graven.decide.inputs import Artifact, Contents, Inputs, Request, Snapshot, Stay, Target
from graven.decide.policy import PolicySet
from graven.evidence import cyclonedx, dsse, statement
from graven.evidence.candidates import Candidate
from graven.evidence.keys import PrivateKey, generate
from graven.evidence.matching import Finding, Matches, Unmatched, Vex
from graven.evidence.trust import SIGN, TrustedKey, TrustRoot, Verified, verify
from graven.inventory import Coverage, Inventory, Unread
from graven.values import Component, Digest, Distro, Purl

NOW = "2026-11-24T12:00:00.000000Z"
SUBJECT = Digest.of(b"the image")
LAYER = str(Digest.of(b"a layer"))
COMPONENTS = (
    Component(Purl.parse("pkg:deb/debian/bash@5.2?arch=amd64&distro=debian-12"), "var/lib/dpkg/status", LAYER),
    Component(Purl.parse("pkg:pypi/flask@2.0"), "usr/lib/python3/flask.dist-info/METADATA", LAYER),
)
INVENTORY = Inventory(Distro("debian", "12"), COMPONENTS, Coverage())


def policy() -> PolicySet:
    return shipped.policy_set(library.modules())


KEY = generate(lambda size: b"\x01" * size)
TRUST = TrustRoot((TrustedKey("release@team", KEY.public, products=("team/*",)),))


def signed(predicate_type: str, predicate: Any, *, subject: Digest = SUBJECT, key: PrivateKey = KEY) -> Candidate:
    payload = statement.make(subject, predicate_type, predicate)
    envelope = dsse.Envelope(dsse.IN_TOTO, payload, ())
    signature = dsse.Signature(key.sign(envelope.signed))
    return Candidate(Digest.of(payload), envelope.signed, (signature,), replace(envelope, signatures=(signature,)))


def verified(predicate_type: str = SIGN, predicate: Any = None, *, subject: Digest = SUBJECT) -> Verified:
    """Go the only way there is to a Verified."""
    candidate = signed(predicate_type, predicate, subject=subject)
    found = verify(candidate, root=TRUST, subject=subject, repository="team/web", received_at=NOW)
    assert isinstance(found, Verified)
    return found


def bill(inventory: Inventory = INVENTORY, subject: Digest = SUBJECT) -> Verified:
    listed = [
        {"type": "library", "name": c.purl.name, "version": c.purl.version, "purl": str(c.purl)}
        for c in inventory.components
    ]
    about = {"type": "container", "name": "team/web", "bom-ref": str(subject), "version": str(subject)}
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": about}, "components": listed}
    return verified(cyclonedx.PREDICATE_TYPE, document)


def finding(**changes: Any) -> Finding:
    found = Finding(
        id="CVE-2026-1",
        aliases=("GHSA-1",),
        upstream=(),
        kind="vulnerability",
        purl="pkg:pypi/flask@2.0",
        version="2.0",
        paths=("usr/lib/python3/flask.dist-info/METADATA",),
        severity="high",
        score=7.5,
        fixed=("2.1",),
        kev=False,
        published="2026-01-01T00:00:00Z",
        advisories=("GHSA-1",),
    )
    return replace(found, **changes)


def unmatched() -> Unmatched:
    return Unmatched("pkg:pypi/odd@x", "version", "GHSA-2 names the package, but 'x' cannot be read")


GOOD = Inputs(
    artifact=Artifact(
        "team/web", SUBJECT, "application/vnd.oci.image.manifest.v1+json", "image", 700, NOW, ("1.0", "1")
    ),
    target=Target("production", "test", (Stay("test", NOW, current=True, revoked=False),)),
    request=Request("0198-principal", "release 1.0"),
    now=NOW,
    verified=(verified(), bill()),
    contents=Contents(INVENTORY, Digest.of(INVENTORY.encode())),
    matches=Matches((), ()),
    snapshot=Snapshot(Digest.of(b"snapshot"), "2026-11-24T06:00:00.000000Z"),
)


SCENES = {
    "good": GOOD,
    "nothing-attached": replace(GOOD, verified=(), rejected=("no key of the trust root signed it",)),
    "nothing-catalogued": replace(GOOD, contents=None, fault="a layer is encrypted", matches=None),
    "a-finding-and-an-unread-database": replace(
        GOOD,
        matches=Matches((finding(), finding(id="CVE-2026-2", vex=Vex("fixed", "", "security@team"))), (unmatched(),)),
        contents=Contents(
            replace(INVENTORY, coverage=Coverage.of(unread_databases=[Unread("rpm", "var/lib/rpm/rpmdb.sqlite")])),
            Digest.of(b"another inventory"),
        ),
    ),
    "a-skipped-stage": replace(GOOD, target=Target("production", "test")),
}
"""Questions of which the bytes are kept, so that no change of them goes unnoticed."""


def ask(inputs: Inputs = GOOD) -> dict[str, Any]:
    return questions.build(inputs)
