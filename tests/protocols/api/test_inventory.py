"""What is in an artifact, asked over the API: answers fit what they were declared to be, and are only for who may."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator

import jsonschema_rs
import pytest

from app.composed import Composed, composed
from archives import DEBIAN, ELF, JAR, file, metadata, pack, stanza
from graven.catalogue import oci
from graven.evidence import cyclonedx
from graven.inventory import Inventory, catalogue_layer
from graven.protocols.api.operation import Operation
from graven.values import SYSTEM, Descriptor, Digest, RepositoryName
from graven.values.entry import Entry

TAR = "application/vnd.oci.image.layer.v1.tar+gzip"
WEB = RepositoryName("team/web")
LAYER = gzip.compress(
    pack(
        DEBIAN,
        file("var/lib/dpkg/status", stanza("libc6", "2.36", Source="glibc (2.36)")),
        file("s/site-packages/flask-3.dist-info/METADATA", metadata("flask", "3.0", License="BSD", Author="A")),
        file("lib/apk/db/installed", "x"),
        file("bin/x", ELF),
        file("x.jar", JAR),
    )
)
BOMB = gzip.compress(bytes(100 << 20))


@pytest.fixture
async def server() -> AsyncIterator[Composed]:
    async with composed() as found:
        yield found


async def pushed(server: Composed, *layers: bytes, tag: str = "1.0") -> Digest:
    push = server.server.flows.push
    blobs = [await push.blob(WEB, data, caller=SYSTEM) for data in (b"{}", *layers)]
    told = [Descriptor(TAR, digest, len(data)) for digest, data in zip(blobs[1:], layers, strict=True)]
    document = {
        "schemaVersion": 2,
        "mediaType": oci.IMAGE_MANIFEST,
        "config": oci.describe(Descriptor("application/vnd.oci.image.config.v1+json", blobs[0], 2)),
        "layers": [oci.describe(each) for each in told],
    }
    return (await push.manifest(WEB, tag, json.dumps(document).encode(), "", caller=SYSTEM)).digest


def declared(server: Composed, name: str) -> Operation:
    route = next(route for route in server.server.routes if route.name == name)
    found: Operation = vars(route.endpoint)["operation"]
    return found


async def test_an_inventory_fits_its_schema_and_is_the_stored_one(server: Composed) -> None:
    subject = await pushed(server, LAYER)
    response = await server.ask("GET", f"/api/v1/inventory/team/web@{subject}")
    told = response.json()
    about = declared(server, "GET /inventory/{repository:path}@{reference}")
    jsonschema_rs.validate(dict(about.gives), told)
    stored = await server.stores.reader.get(Digest.parse(told["digest"]))
    assert json.loads(stored) == told["inventory"]
    assert len(Inventory.decode(stored).components) == 2
    assert (await server.ask("GET", "/api/v1/inventory/team/web@1.0")).json() == told


async def test_both_bills_fit_what_was_declared_of_attaching(server: Composed) -> None:
    await pushed(server, LAYER)
    response = await server.ask("POST", "/api/v1/sbom/team/web@1.0/attach")
    about = declared(server, "POST /sbom/{repository:path}@{reference}/attach")
    jsonschema_rs.validate(dict(about.gives), response.json())
    types = [Entry.decode(leaf).type for leaf in await server.journalled()]
    assert types.count("inventory.record") == 1
    listed = (await server.ask("GET", f"/v2/team/web/referrers/{response.json()['subject']}")).json()["manifests"]
    assert len(listed) == 2


async def test_a_bill_has_the_media_type_of_its_format(server: Composed) -> None:
    subject = await pushed(server, LAYER)
    response = await server.ask("GET", "/api/v1/sbom/team/web@1.0?format=cyclonedx")
    assert response.headers["content-type"] == "application/vnd.cyclonedx+json"
    assert cyclonedx.parse(response.content).subject == subject
    response = await server.ask("GET", "/api/v1/sbom/team/web@1.0?format=spdx")
    assert response.headers["content-type"] == "application/spdx+json"


@pytest.mark.parametrize(
    ("layer", "status", "code", "told"),
    [(BOMB, 413, "too_large", "limit ratio"), (LAYER[:-30], 400, "malformed", "gzip")],
    ids=["bomb", "truncated"],
)
async def test_a_sabotaged_layer_has_a_clear_answer(
    server: Composed, layer: bytes, status: int, code: str, told: str
) -> None:
    await pushed(server, layer)
    before = await server.stores.entries.size()
    response = await server.ask("GET", "/api/v1/inventory/team/web@1.0")
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert told in response.json()["error"]["message"]
    assert await server.stores.entries.size() == before


async def test_who_may_not_pull_is_told_nothing(server: Composed) -> None:
    await pushed(server, LAYER)
    other = (await server.token("pull:other/*"))["secret"]
    puller = (await server.token("pull:team/*", name="puller"))["secret"]
    for path in ("inventory/team/web@1.0", "sbom/team/web@1.0"):
        assert (await server.ask("GET", f"/api/v1/{path}", None)).status_code == 401
        assert (await server.ask("GET", f"/api/v1/{path}", other)).status_code == 403
        assert (await server.ask("GET", f"/api/v1/{path}", puller)).status_code == 200
    assert (await server.ask("POST", "/api/v1/sbom/team/web@1.0/attach", puller)).status_code == 403


@pytest.mark.parametrize("path", ["team/web@2.0", f"team/web@{Digest.of(b'none')}", "team/none@1.0"])
async def test_what_is_not_there_is_not_found(server: Composed, path: str) -> None:
    await pushed(server, LAYER)
    assert (await server.ask("GET", f"/api/v1/inventory/{path}")).status_code == 404


async def test_the_layer_is_read_from_the_file_of_the_store(server: Composed) -> None:
    await pushed(server, LAYER)
    path = server.stores.reader.path(Digest.of(LAYER))
    assert path is not None
    with open(path, "rb") as stored:  # noqa: ASYNC230, PTH123 - a small file
        report = catalogue_layer(stored, media_type=TAR, layer=Digest.of(LAYER))
    assert [found.name for found in report.packages] == ["libc6", "flask"]
