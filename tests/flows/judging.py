"""A whole server with an image, keys and advisories: what the tests of judging and promoting stand on."""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from app.composed import Composed, composed
from archives import DEBIAN, file, metadata, pack, stanza
from flows.registry import described
from graven.app.flows import Flows
from graven.catalogue import oci
from graven.evidence import cyclonedx, keys, vex
from graven.evidence.keys import PrivateKey
from graven.evidence.trust import SIGN
from graven.flows.judge import Decision
from graven.flows.promote import Promoting
from graven.values import Caller, Digest, RepositoryName, Scope
from graven.values.entry import Entry

__all__ = ["ANN", "REPOSITORY", "World", "advisory", "judging"]

ANN = Caller("ann", (Scope.parse("admin:*"),), "origin", "token")
REPOSITORY = RepositoryName("team/web")
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


class Key:
    """A private key behind the port."""

    def __init__(self, key: PrivateKey) -> None:
        self.key = key

    @property
    def public_pem(self) -> bytes:
        return self.key.public.pem

    async def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


def advisory(name: str, package: str, fixed: str, severity: str = "HIGH") -> bytes:
    affected = {
        "package": {"ecosystem": "PyPI", "name": package},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
        "database_specific": {"severity": severity},
    }
    return json.dumps(
        {
            "id": name,
            "modified": "2026-01-01T00:00:00Z",
            "published": "2026-01-01T00:00:00Z",
            "affected": [affected],
            "database_specific": {"severity": severity},
        }
    ).encode()


OTHERS = (
    json.dumps(
        {
            "id": "DSA-1",
            "modified": "2026-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "Debian:12", "name": "nothing-here"}, "versions": ["1"]}],
        }
    ).encode(),
    advisory("PYSEC-0", "nothing-here", "1"),
)
"""So that the snapshot has something to say about both ecosystems."""


class _Feed:
    def __init__(self, records: Sequence[bytes]) -> None:
        self.records = records

    async def documents(self) -> AsyncIterator[tuple[str, bytes]]:
        for number, data in enumerate(self.records):
            yield f"record {number}", data


@dataclass
class World:
    """The server and what there is in it."""

    server: Composed
    release: Key
    security: Key
    stranger: Key

    @property
    def flows(self) -> Flows:
        return self.server.server.flows

    async def image(self, flask: str = "3.0.0", *, tag: str = "1.0", extra: tuple[Any, ...] = ()) -> Digest:
        base = gzip.compress(pack(DEBIAN, file("var/lib/dpkg/status", stanza("libc6", "2.36"))), mtime=0)
        site = f"usr/lib/python3/site-packages/flask-{flask}.dist-info/METADATA"
        top = gzip.compress(pack(file(site, metadata("flask", flask)), *extra), mtime=0)
        for data in (b"{}", base, top):
            await self.flows.push.blob(REPOSITORY, data, caller=ANN)
        layers = [described(layer, _LAYER) for layer in (base, top)]
        config = described(b"{}", "application/vnd.oci.image.config.v1+json")
        parts = {"mediaType": oci.IMAGE_MANIFEST, "config": config, "layers": layers}
        data = json.dumps({"schemaVersion": 2, **parts}).encode()
        return (await self.flows.push.manifest(REPOSITORY, tag, data, oci.IMAGE_MANIFEST, caller=ANN)).digest

    async def index(self, *children: Digest, tag: str = "all") -> Digest:
        listed = []
        for number, child in enumerate(children):
            size = len((await self.flows.pull.manifest(REPOSITORY, str(child))).data)
            platform = {"os": "linux", "architecture": ("amd64", "arm64")[number]}
            listed.append({"mediaType": oci.IMAGE_MANIFEST, "digest": str(child), "size": size, "platform": platform})
        data = json.dumps({"schemaVersion": 2, "mediaType": oci.IMAGE_INDEX, "manifests": listed}).encode()
        return (await self.flows.push.manifest(REPOSITORY, tag, data, oci.IMAGE_INDEX, caller=ANN)).digest

    async def attest(self, digest: Digest, kind: str, predicate: Any, key: Key | None = None) -> Digest:
        return await self.flows.evidence.attest(
            REPOSITORY, digest, predicate_type=kind, predicate=predicate, signer=key or self.release, caller=ANN
        )

    async def sign(self, digest: Digest, key: Key | None = None) -> Digest:
        return await self.attest(digest, SIGN, {}, key)

    async def bill(self, digest: Digest, key: Key | None = None) -> Digest:
        document = json.loads(await self.flows.catalogue.sbom(REPOSITORY, digest, "cyclonedx"))
        return await self.attest(digest, cyclonedx.PREDICATE_TYPE, document, key)

    async def state(self, digest: Digest, name: str, key: Key) -> Digest:
        statement = {
            "vulnerability": {"name": name},
            "products": [{"@id": f"pkg:oci/web@{digest}"}],
            "status": "not_affected",
            "justification": "vulnerable_code_not_in_execute_path",
        }
        document = {
            "@context": "https://openvex.dev/ns/v0.2.0",
            "timestamp": "2026-05-01T00:00:00Z",
            "statements": [statement | {"products": [{"hashes": {"sha-256": digest.hex}, "@id": "web"}]}],
        }
        return await self.attest(digest, vex.PREDICATE_TYPE, document, key)

    async def good(self, flask: str = "3.0.0", *, tag: str = "1.0") -> Digest:
        """Push an image that the shipped rules let through."""
        digest = await self.image(flask, tag=tag)
        await self.sign(digest)
        await self.bill(digest)
        return digest

    async def advise(self, *records: bytes) -> None:
        await self.flows.advisories.import_(_Feed((*OTHERS, *records)), ANN, source="test")

    async def apply(self, kind: Any, body: Any) -> Digest:
        return await self.flows.judging.documents.apply(kind, body, ANN)

    async def decide(self, digest: Digest, stage: str = "test") -> Decision:
        return await self.flows.judging.judge.decide(REPOSITORY, digest, stage, ANN)

    async def promote(self, digest: Digest, stage: str) -> Promoting:
        return await self.flows.judging.promotion.promote(REPOSITORY, digest, stage, ANN)

    async def told(self) -> list[Entry]:
        return [Entry.decode(leaf) for leaf in await self.server.journalled()]


@contextlib.asynccontextmanager
async def judging() -> AsyncIterator[World]:
    """Compose a server that trusts two keys and has advisories of today."""
    release, security, stranger = (Key(keys.generate(Random(n).randbytes)) for n in range(3))  # noqa: S311
    async with composed() as server:
        world = World(server, release, security, stranger)
        trusted = [
            {"identity": "release@team", "public": release.public_pem.decode(), "repositories": ["team/*"]},
            {
                "identity": "security@team",
                "public": security.public_pem.decode(),
                "predicate_types": ["https://openvex.dev/ns/*"],
                "products": ["team/*"],
            },
        ]
        await world.apply("trust", {"keys": trusted})
        await world.advise()
        yield world
