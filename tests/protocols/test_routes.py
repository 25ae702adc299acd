"""Every route of the composed server is authenticated and authorised, and every write goes through the journal."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx
import jsonschema_rs
import pytest
from starlette.routing import Route

from app.composed import Composed, composed
from graven.values import Digest

PUBLIC = {"/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"}
"""Each of these needs nobody, for a reason: see ``graven.protocols.health`` and the API's own document."""

ENTRUSTED: set[str] = set()
"""These know who asks by a secret in the path."""

BLOB = b"a layer"
DIGEST = Digest.of(BLOB)
CONFIG = Digest.of(b"{}")
SAMPLES = {
    "name": "app/web",
    "repository": "app/web",
    "reference": str(DIGEST),
    "digest": str(DIGEST),
    "upload": "00000000-0000-4000-8000-000000000000",
    "version": "1.0",
    "filename": "web.tar",
    "token": "nobody",
    "principal": "nobody",
    "cluster": "prod-1",
    "secret": "x" * 43,
    "stage": "test",
    "decision": str(DIGEST),
    "kind": "stages",
    "waiver": "nobody",
}
_INSIDE = {"/files/{repository:path}/{name}/{version}/{filename}": {"name": "web"}}


def _filled(route: Route) -> str:
    path = route.path
    for name, value in (SAMPLES | _INSIDE.get(route.path, {})).items():
        path = path.replace(f"{{{name}:path}}", value).replace(f"{{{name}}}", value)
    assert "{" not in path, f"give SAMPLES a value for {route.path}"
    return path


def _told(route: Route) -> dict[str, Any]:
    return vars(route.endpoint)


def _each(server: Composed, *guards: str) -> list[tuple[str, Route]]:
    return [
        (method, route)
        for route in server.server.routes
        for method in sorted((route.methods or set()) - {"HEAD"})
        if _told(route)["guard"] in guards
    ]


def every_path() -> list[str]:
    """Give a path for each route of the composed server."""

    async def paths() -> list[str]:
        async with composed() as server:
            return sorted({_filled(route) for route in server.server.routes})

    return anyio.run(paths)


async def test_each_route_is_guarded_in_one_of_four_ways() -> None:
    async with composed() as server:
        assert {_told(route)["guard"] for route in server.server.routes} <= {"guard", "known", "public", "entrusted"}
        assert {route.path for _, route in _each(server, "public")} == PUBLIC
        assert {route.path for _, route in _each(server, "entrusted")} == ENTRUSTED


async def test_each_route_refuses_who_shows_no_token_and_who_shows_a_wrong_one() -> None:
    wrong = [
        {},
        {"Authorization": "Bearer grv_" + "x" * 43},
        {"Authorization": "Basic " + b64encode(b"admin:wrong").decode()},
        {"Authorization": "Basic " + b64encode(b":").decode()},
        {"Authorization": "Digest x"},
    ]
    async with composed() as server:
        for method, route in _each(server, "guard", "known", "entrusted"):
            for headers in wrong:
                response = await server.ask(method, _filled(route), None, headers=headers)
                assert response.status_code == 401, (method, route.path, headers, response.text)
                assert response.headers["www-authenticate"]


async def test_each_guarded_route_refuses_a_token_without_its_scope() -> None:
    async with composed() as server:
        scopes = [f"{action}:no-such-thing" for action in ("pull", "push", "sign", "promote", "approve", "audit")]
        other = await server.token(*scopes, "admin:no-such-thing", "trust:no-such-thing")
        for method, route in _each(server, "guard"):
            response = await server.ask(method, _filled(route), other["secret"])
            assert response.status_code == 403, (method, route.path, response.text)


async def test_a_token_for_reading_writes_nothing() -> None:
    async with composed() as server:
        reader = await server.token("pull:*")
        for method, route in _each(server, "guard"):
            if _told(route)["action"] != "pull":
                response = await server.ask(method, _filled(route), reader["secret"])
                assert response.status_code == 403, (method, route.path, response.text)


async def test_a_stranger_learns_nothing_from_paths_that_there_are_not() -> None:
    async with composed() as server:
        answers = {
            (response.status_code, response.json()["error"]["message"])
            for path in ("/nothing", "/api/v1/nothing", "/v3/", "/admission", "/.git/config")
            for token in (None, "admin")
            for response in [await server.ask("GET", path, token)]
        }
        assert answers == {(404, "there is no such path")}


Write = Callable[[Composed], Awaitable[httpx.Response]]


async def _blob(server: Composed, data: bytes = BLOB) -> httpx.Response:
    return await server.ask("POST", f"/v2/app/web/blobs/uploads/?digest={Digest.of(data)}", content=data)


async def _session(server: Composed) -> str:
    await server.ask("PUT", "/api/v1/repositories/app/web", json={"mode": "mutable"})
    return str((await server.ask("POST", "/v2/app/web/blobs/uploads/")).headers["location"])


async def _manifest(server: Composed) -> httpx.Response:
    await server.ask("PUT", "/api/v1/repositories/app/web", json={"mode": "mutable"})
    for data in (BLOB, b"{}"):
        await _blob(server, data)
    layer = {"mediaType": "application/octet-stream", "digest": str(DIGEST), "size": len(BLOB)}
    config = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": str(CONFIG), "size": 2}
    media_type = "application/vnd.oci.image.manifest.v1+json"
    body = {"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": [layer]}
    return await server.ask(
        "PUT", "/v2/app/web/manifests/1.0", content=json.dumps(body), headers={"Content-Type": media_type}
    )


async def _delete_manifest(server: Composed) -> httpx.Response:
    await _manifest(server)
    return await server.ask("DELETE", "/v2/app/web/manifests/1.0")


async def _delete_blob(server: Composed) -> httpx.Response:
    await server.ask("PUT", "/api/v1/repositories/app/web", json={"mode": "mutable"})
    await _blob(server)
    return await server.ask("DELETE", f"/v2/app/web/blobs/{DIGEST}")


async def _put_upload(server: Composed) -> httpx.Response:
    return await server.ask("PUT", f"{await _session(server)}?digest={DIGEST}", content=BLOB)


async def _make_token(server: Composed) -> httpx.Response:
    return await server.ask("POST", "/api/v1/tokens", json={"name": "a", "scopes": ["pull"]})


async def _revoke_token(server: Composed) -> httpx.Response:
    return await server.ask("DELETE", f"/api/v1/tokens/{(await server.token('pull'))['token']}")


async def _erase_name(server: Composed) -> httpx.Response:
    return await server.ask("DELETE", f"/api/v1/principals/{(await server.token('pull'))['principal']}/name")


async def _put_file(server: Composed) -> httpx.Response:
    return await server.ask("PUT", "/files/app/web/web/1.0/web.tar", content=BLOB)


async def _set_mode(server: Composed) -> httpx.Response:
    return await server.ask("PUT", "/api/v1/repositories/app/web", json={"mode": "mutable"})


async def _import_advisories(server: Composed) -> httpx.Response:
    record = {
        "id": "TEST-1",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": "npm", "name": "left"}, "versions": ["1.0.0"]}],
    }
    return await server.ask("POST", "/api/v1/advisories?source=test", content=json.dumps(record))


TARGET = {"reference": "app/web:1.0", "stage": "dev", "reason": "a test"}


async def _decide(server: Composed) -> httpx.Response:
    await _manifest(server)
    return await server.ask("POST", "/api/v1/decisions", json=TARGET)


async def _promote(server: Composed) -> httpx.Response:
    await _manifest(server)
    return await server.ask("POST", "/api/v1/promotions", json=TARGET)


async def _other_manifest(server: Composed) -> None:
    """Push the same as 1.0 under another tag and digest."""
    body = (await server.ask("GET", "/v2/app/web/manifests/1.0")).content + b"\n"
    headers = {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}
    await server.ask("PUT", "/v2/app/web/manifests/2.0", content=body, headers=headers)


async def _roll_back(server: Composed) -> httpx.Response:
    await _promote(server)
    await _other_manifest(server)
    await server.ask("POST", "/api/v1/promotions", json=TARGET | {"reference": "app/web:2.0"})
    return await server.ask("POST", "/api/v1/rollbacks", json=TARGET)


async def _revoke(server: Composed) -> httpx.Response:
    wanted = {"kind": "identity", "target": "ann@example.org", "reason": "a test"}
    return await server.ask("POST", "/api/v1/revocations", json=wanted)


async def _apply(server: Composed) -> httpx.Response:
    headers = {"Content-Type": "application/yaml"}
    return await server.ask("POST", "/api/v1/documents/stages", content=b"stages: [{name: only}]", headers=headers)


async def _waive(server: Composed) -> httpx.Response:
    await server.token("pull", name="owner")
    wanted = {"scope": {"rule": "signed", "repository": "app/*"}, "owner": "owner", "reason": "a test"}
    return await server.ask("POST", "/api/v1/waivers", json=wanted | {"expires": "2030-01-01T00:00:00Z"})


async def _withdraw(server: Composed) -> httpx.Response:
    waiver = (await _waive(server)).json()["waiver"]
    return await server.ask("DELETE", f"/api/v1/waivers/{waiver}?reason=over")


WRITES: dict[tuple[str, str], Write] = {
    ("PUT", "/v2/{name:path}/manifests/{reference}"): _manifest,
    ("DELETE", "/v2/{name:path}/manifests/{reference}"): _delete_manifest,
    ("POST", "/v2/{name:path}/blobs/uploads"): _blob,
    ("POST", "/v2/{name:path}/blobs/uploads/"): _blob,
    ("PUT", "/v2/{name:path}/blobs/uploads/{upload}"): _put_upload,
    ("DELETE", "/v2/{name:path}/blobs/{digest}"): _delete_blob,
    ("PUT", "/files/{repository:path}/{name}/{version}/{filename}"): _put_file,
    ("PUT", "/api/v1/repositories/{name:path}"): _set_mode,
    ("POST", "/api/v1/advisories"): _import_advisories,
    ("POST", "/api/v1/decisions"): _decide,
    ("POST", "/api/v1/promotions"): _promote,
    ("POST", "/api/v1/rollbacks"): _roll_back,
    ("POST", "/api/v1/revocations"): _revoke,
    ("POST", "/api/v1/documents/{kind}"): _apply,
    ("POST", "/api/v1/waivers"): _waive,
    ("DELETE", "/api/v1/waivers/{waiver}"): _withdraw,
    ("POST", "/api/v1/tokens"): _make_token,
    ("DELETE", "/api/v1/tokens/{token}"): _revoke_token,
    ("DELETE", "/api/v1/principals/{principal}/name"): _erase_name,
}

NO_STATE = {
    ("PATCH", "/v2/{name:path}/blobs/uploads/{upload}"): "what is on the way in is seen by nobody until it is closed",
    ("DELETE", "/v2/{name:path}/blobs/uploads/{upload}"): "it was seen by nobody",
    ("POST", "/api/v1/findings"): "a question about a document that is sent and not kept",
}
"""No GET, and yet nothing that anybody could read changes."""


async def test_each_route_that_is_no_read_is_known_here() -> None:
    async with composed() as server:
        there = {(method, route.path) for method, route in _each(server, "guard", "known", "public", "entrusted")}
        assert {one for one in there if one[0] != "GET"} == set(WRITES) | set(NO_STATE)


@pytest.mark.parametrize("route", sorted(WRITES), ids=" ".join)
async def test_each_write_is_in_the_journal(route: tuple[str, str]) -> None:
    async with composed() as server:
        rows, size = await _rows(server), await server.stores.entries.size()
        response = await WRITES[route](server)
        assert response.is_success, response.text
        assert await server.stores.entries.size() > size
        assert await _rows(server) != rows


async def _rows(server: Composed) -> dict[str, Any]:
    from graven.projection import TABLES

    return {name: await server.stores.tables.scan(name) for name in TABLES}


async def test_no_read_changes_a_table() -> None:
    async with composed() as server:
        await _manifest(server)
        rows = await _rows(server)
        for method, route in _each(server, "guard", "known", "public"):
            if method == "GET":
                response = await server.ask("GET", _filled(route))
                assert response.status_code < 500, (route.path, response.text)
        assert await _rows(server) == rows


async def test_each_route_of_the_api_is_in_its_document_and_answers_as_it_says() -> None:
    async with composed() as server:
        document = (await server.ask("GET", "/api/v1/openapi.json", None)).json()
        for method, route in _each(server, "guard", "known", "public", "entrusted"):
            if not route.path.startswith("/api/v1/"):
                continue
            about = _told(route)["operation"]
            path = route.path.replace(":path}", "}")
            told = document["paths"].get(path, {}) if path != "/api/v1/openapi.json" else {"get": {}}
            assert method.lower() in told, (method, path)
            if method == "GET":
                response = await server.ask("GET", _filled(route))
                if response.is_success and about.media_type == "application/json":
                    jsonschema_rs.validate(about.gives, response.json())


async def test_head_is_answered_as_get_without_a_body() -> None:
    async with composed() as server:
        for path in ("/healthz", "/api/v1/whoami", "/api/v1/tokens", "/v2/"):
            get, head = await server.ask("GET", path), await server.ask("HEAD", path)
            assert (get.status_code, head.status_code) == (200, 200)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"a":1,"a":2}', b"\xff", b"[" * 5000, b"null", b"NaN"])
async def test_a_body_that_is_no_such_document_is_malformed(body: bytes) -> None:
    async with composed() as server:
        response = await server.ask("POST", "/api/v1/tokens", content=body)
        assert response.status_code == 400
        assert response.json()["error"]["code"] == "malformed"


async def test_a_body_beyond_its_limit_is_too_large_and_not_read_to_its_end() -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b'"' + b"x" * (1 << 16)

    async with composed() as server:
        response = await server.ask("POST", "/api/v1/tokens", content=endless())
        assert response.status_code == 413
        assert sent < 40


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_what_another_site_makes_a_browser_send_writes_nothing(headers: dict[str, str]) -> None:
    async with composed() as server:
        size = await server.stores.entries.size()
        body = {"name": "evil", "scopes": ["admin"]}
        response = await server.ask("POST", "/api/v1/tokens", json=body, headers=headers)
        assert response.status_code == 403
        assert await server.stores.entries.size() == size
        own = {"Origin": "http://graven.example:7331", "Sec-Fetch-Site": "same-origin"}
        assert (await server.ask("POST", "/api/v1/tokens", json=body, headers=own)).status_code == 201
