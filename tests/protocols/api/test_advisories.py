from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import pytest
import zstandard

from app.composed import Composed, composed


def record(name: str, package: str = "left") -> dict[str, Any]:
    spread = {"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}
    entry = {"package": {"ecosystem": "npm", "name": package}, "ranges": [spread]}
    return {
        "id": name,
        "modified": "2026-01-01T00:00:00Z",
        "database_specific": {"severity": "high"},
        "affected": [entry],
    }


LINES = b"\n".join(json.dumps(record(name)).encode() for name in ("A-1", "A-2"))
BILL = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "components": [
        {"type": "library", "name": "left", "version": "1.0.0", "purl": "pkg:npm/left@1.0.0"},
        {"type": "library", "name": "bash", "version": "5.2", "purl": "pkg:deb/debian/bash@5.2"},
        {"type": "library", "name": "nameless"},
    ],
}


@pytest.fixture
async def server() -> AsyncIterator[Composed]:
    async with composed() as found:
        yield found


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("A-1.json", json.dumps(record("A-1"), indent=1))
        archive.writestr("A-2.json", json.dumps(record("A-2")))
    return packed.getvalue()


@pytest.mark.parametrize("body", [LINES, zstandard.compress(LINES), zipped()], ids=["lines", "zstd", "zip"])
async def test_an_upload_is_imported_and_shown(server: Composed, body: bytes) -> None:
    response = await server.ask("POST", "/api/v1/advisories?source=mine", content=body)
    assert response.status_code == 201, response.text
    made = response.json()
    assert (made["records"], made["added"], made["skipped"]) == (2, 2, 0)
    shown = (await server.ask("GET", "/api/v1/advisories")).json()
    assert (shown["snapshot"], shown["source"], shown["ecosystems"]) == (made["snapshot"], "mine", {"npm": 2})
    assert shown["moment"].startswith("2026-06-01T12:00:00.")


async def test_an_import_is_in_the_journal_with_who_did_it(server: Composed) -> None:
    made = (await server.ask("POST", "/api/v1/advisories", content=LINES)).json()
    last = json.loads((await server.journalled())[-1])
    assert (last["type"], last["detail"]["snapshot"]) == ("advisories.import", made["snapshot"])
    assert last["actor"] not in ("system", "anonymous")


async def test_only_an_administrator_may_import(server: Composed) -> None:
    token = await server.token("push:*", "pull:*")
    before = len(await server.journalled())
    assert (await server.ask("POST", "/api/v1/advisories", token["secret"], content=LINES)).status_code == 403
    assert (await server.ask("POST", "/api/v1/advisories", None, content=LINES)).status_code == 401
    told = [json.loads(leaf)["type"] for leaf in (await server.journalled())[before:]]
    assert "advisories.import" not in told


async def test_a_malformed_record_is_named_and_nothing_is_imported(server: Composed) -> None:
    response = await server.ask("POST", "/api/v1/advisories", content=LINES + b'\n{"id": "A-3"}\n')
    assert response.status_code == 400
    assert "upload:3: A-3" in response.json()["error"]["where"]
    assert (await server.ask("GET", "/api/v1/advisories")).status_code == 404


async def test_keep_going_is_a_parameter(server: Composed) -> None:
    made = (await server.ask("POST", "/api/v1/advisories?keep_going=1", content=LINES + b'\n{"id": "A-3"}\n')).json()
    assert (made["added"], made["skipped"]) == (2, 1)


@pytest.mark.parametrize("document", [{}, {"url": "file:///etc/passwd"}, {"url": 7}, []])
async def test_a_url_must_be_one_of_http(server: Composed, document: Any) -> None:
    assert (await server.ask("POST", "/api/v1/advisories", json=document)).status_code == 400


async def test_a_bill_that_is_sent_is_matched_and_what_is_unknown_is_told(server: Composed) -> None:
    await server.ask("POST", "/api/v1/advisories", content=LINES)
    response = await server.ask("POST", "/api/v1/findings", json=BILL)
    assert response.status_code == 200, response.text
    found = response.json()
    assert [(f["id"], f["severity"], f["fixed"]) for f in found["findings"]] == [
        ("A-1", "high", ["2.0.0"]), ("A-2", "high", ["2.0.0"]),
    ]  # fmt: skip
    assert [(u["cause"], u["purl"]) for u in found["unknown"]] == [("distro", "pkg:deb/debian/bash@5.2")]
    assert (found["components"], found["nameless"]) == (2, 1)


async def test_without_advisories_nothing_is_said_to_be_clean(server: Composed) -> None:
    assert (await server.ask("POST", "/api/v1/findings", json=BILL)).status_code == 404


async def test_a_bill_of_no_known_kind_is_refused(server: Composed) -> None:
    await server.ask("POST", "/api/v1/advisories", content=LINES)
    assert (await server.ask("POST", "/api/v1/findings", json={"components": []})).status_code == 400


async def test_findings_of_an_artifact_that_is_not_there_are_not_found(server: Composed) -> None:
    await server.ask("POST", "/api/v1/advisories", content=LINES)
    assert (await server.ask("GET", "/api/v1/findings/app/web@1.0")).status_code == 404
