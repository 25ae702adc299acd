"""The log over HTTP: tiles and checkpoint for everybody, entries for who may audit, each spelling once."""

from __future__ import annotations

import pytest

from app.composed import Composed, composed
from graven.ledger.audit import audit
from graven.ledger.tiles import CHECKPOINT, ENTRIES, Tile, entries_of
from graven.values.entry import Entry
from graven.values.events import AuditRead


async def sealed(server: Composed) -> int:
    """Seal; give how many entries the checkpoint covers."""
    response = await server.ask("POST", "/api/v1/audit/seal")
    assert response.status_code == 200, response.text
    return int(response.json()["checkpoint"].split("\n")[1])


async def test_the_checkpoint_and_the_tiles_are_for_everybody() -> None:
    async with composed() as server:
        size = await sealed(server)
        response = await server.ask("GET", "/log/checkpoint", None)
        assert (response.status_code, response.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert response.headers["cache-control"] == "no-cache"
        tile = await server.ask("GET", f"/log/{Tile(0, 0, size).path}", None)
        assert (tile.status_code, len(tile.content)) == (200, 32 * size)
        assert tile.headers["content-type"] == "application/octet-stream"
        assert "immutable" in tile.headers["cache-control"]


async def test_a_log_that_was_never_sealed_has_no_checkpoint() -> None:
    async with composed() as server:
        assert (await server.ask("GET", "/log/checkpoint", None)).status_code == 404


async def test_entries_are_for_who_may_audit_and_reading_them_is_an_event() -> None:
    async with composed() as server:
        other = await server.token("pull:*", "push:*", "audit:app/*")
        auditor = await server.token("audit", name="auditor")
        size = await sealed(server)
        path = f"/log/{Tile(ENTRIES, 0, size).path}"
        assert (await server.ask("GET", path, None)).status_code == 401
        assert (await server.ask("GET", path, other["secret"])).status_code == 403
        response = await server.ask("GET", path, auditor["secret"])
        assert response.headers["cache-control"].startswith("private")
        leaves = await server.journalled()
        assert entries_of(Tile(ENTRIES, 0, size), response.content) == leaves[:size]
        last = Entry.decode(leaves[-1])
        assert (last.event.body, last.event.actor) == (AuditRead(0, size - 1), auditor["principal"])


async def test_anybody_can_verify_the_tree_and_who_may_audit_the_entries() -> None:
    async with composed() as server:
        for n in range(5):
            await server.token("pull:*", name=f"ci-{n}")
        size = await sealed(server)
        wanted = [CHECKPOINT, Tile(0, 0, size).path, Tile(ENTRIES, 0, size).path]
        files = {path: (await server.ask("GET", f"/log/{path}")).content for path in wanted}
        assert audit(files.get).checkpoint.size == size


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/0/999",
        "tile/0/000.p/0",
        "tile/64/000",
        "tile/x/000",
        "tile/0/..%2F..%2Fkeys",
        "other",
    ],
)
async def test_what_is_no_tile_is_not_found(path: str) -> None:
    async with composed() as server:
        await sealed(server)
        response = await server.ask("GET", f"/log/{path}")
        assert response.status_code == 404, response.text


async def test_events_are_listed_behind_a_position() -> None:
    async with composed() as server:
        await server.token("pull:*")
        found = (await server.ask("GET", "/api/v1/audit/entries?limit=3")).json()
        assert [one["position"] for one in found["events"]] == [0, 1, 2]
        after = (await server.ask("GET", "/api/v1/audit/entries?after=1&limit=1")).json()
        assert after["events"] == found["events"][2:]
        for wrong in ("after=x", "after=-1", "limit=0", "limit=1001"):
            assert (await server.ask("GET", f"/api/v1/audit/entries?{wrong}")).status_code == 400
        assert (await server.ask("GET", "/api/v1/audit/proof/x")).status_code == 400
        assert (await server.ask("GET", "/api/v1/audit/proof/0")).status_code == 404
