"""A registry in memory, with makers of what is pushed into it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random
from typing import Any

from graven.catalogue import oci
from graven.flows.publish import Publish
from graven.flows.pull import Pull
from graven.flows.push import Push, Pushed
from graven.flows.remove import Remove
from graven.flows.repositories import Repositories
from graven.flows.upload import Upload
from graven.stores.memory import MemoryObjects, MemoryStore, rows_after
from graven.values import Caller, Digest, RepositoryName, Scope
from graven.values.entry import Entry

REPOSITORY = RepositoryName("team/web")
MUTABLE = RepositoryName("scratch/web")
ADA = Caller("ada", (Scope.parse("push:*"), Scope.parse("pull:*")), "origin", "token")
BOB = Caller("bob", (Scope.parse("push:team/*"), Scope.parse("pull:team/*")), "origin", "other")


class Registry:
    """The flows of a registry over memory."""

    def __init__(self) -> None:
        entropy = Random(7).randbytes  # noqa: S311 - the same each time
        self.store = MemoryStore(clock=lambda: datetime(2026, 6, 1, tzinfo=UTC), entropy=entropy)
        self.objects = MemoryObjects(entropy)
        write: dict[str, Any] = {"journal": self.store, "tables": self.store}
        self.repositories = Repositories(**write)
        self.push = Push(objects=self.objects, writer=self.objects, **write)
        self.pull = Pull(tables=self.store, objects=self.objects)
        self.upload = Upload(objects=self.objects, uploads=self.objects, secret=b"s", largest=1 << 20, **write)
        self.remove = Remove(**write)
        self.publish = Publish(push=self.push, pull=self.pull, upload=self.upload, **write)

    async def image(self, *layers: bytes, repository: RepositoryName = REPOSITORY, **more: Any) -> bytes:
        """Push the blobs of an image; give its manifest, which is not pushed yet."""
        for data in (b"{}", *layers):
            await self.push.blob(repository, data, caller=ADA)
        return manifest(*layers, **more)

    async def put(self, reference: str, data: bytes, *, repository: RepositoryName = REPOSITORY) -> Pushed:
        return await self.push.manifest(repository, reference, data, "", caller=ADA)

    def seen(self) -> object:
        """Give all that a failure must leave as it was; refusals may be told."""
        rows = {name: dict(table) for name, table in self.store.book.items() if name not in ("timeline", "activity")}
        return rows, dict(self.objects.objects), dict(self.objects.uploads)

    def told(self) -> list[str]:
        """Give the types of all events."""
        return [Entry.decode(leaf).type for leaf in self.store.leaves]

    def check(self) -> None:
        """Hold the tables against the journal, and what they promise against the objects."""
        assert self.store.book == rows_after(self.store.leaves)
        book = self.store.book
        for table in ("blobs", "manifests"):
            for repository, digest in book[table]:
                assert (repository,) in book["repositories"]
                assert Digest.parse(str(digest)) in self.objects.objects
        for (repository, name), row in book["tags"].items():
            assert (repository, str(row["digest"])) in book["manifests"]
            assert (repository, str(row["digest"]), name) in book["tagged"]
        assert len(book["tags"]) == len(book["tagged"])


def manifest(*layers: bytes, **more: Any) -> bytes:
    return encoded(
        {
            "schemaVersion": 2,
            "mediaType": oci.IMAGE_MANIFEST,
            "config": described(b"{}"),
            "layers": [described(data) for data in layers],
            **more,
        }
    )


def index(*children: bytes, **more: Any) -> bytes:
    listed = [described(data, oci.IMAGE_MANIFEST) for data in children]
    return encoded({"schemaVersion": 2, "mediaType": oci.IMAGE_INDEX, "manifests": listed, **more})


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


def described(data: bytes, media_type: str = "application/octet-stream") -> dict[str, Any]:
    return {"mediaType": media_type, "digest": str(Digest.of(data)), "size": len(data)}


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


async def broken(*data: bytes) -> AsyncIterator[bytes]:
    """Break off after some pieces, as a connection does."""
    for piece in data:
        yield piece
    raise ConnectionResetError
