"""Every route of the composed server is authenticated and authorised, and every write goes through the journal."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import anyio
import jsonschema_rs
import pytest
from starlette.routing import Route

from app.composed import Composed, composed
from graven.projection import TABLES
from graven.values.identity import ACTIONS
from protocols.writes import BY_PATH, DIGEST, NO_STATE, ONLY_EVENTS, WRITES, ask_manifest, promote_and_judge

PUBLIC = {
    "/healthz": "asked by whoever starts and watches the process",
    "/readyz": "as /healthz",
    "/metrics": "counts, and no name of anybody or anything",
    "/api/v1/openapi.json": "what every installation has",
    "/api/v1/keys": "the public halves of graven's own keys: who verifies needs them",
    "/log/checkpoint": "tiles and checkpoints say nothing, since every leaf is salted",
    "/log/tile/{level}/{number:path}": "as the checkpoint",
    "/static/{file}": "style sheets and pictures of the pages",
}
"""These need nobody, each for its reason."""

ENTRUSTED = {"/admission/validate/{cluster}/{secret}", "/admission/mutate/{cluster}/{secret}"}
"""These know who asks by a secret in the path."""

SAMPLES = {
    "name": "den/web",
    "repository": "den/web",
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
    "number": "000",
    "level": "0",
    "position": "0",
    "file": "graven.css",
}
_ALL_BUT_NOTHING = [f"{action}:no-such-thing" for action in ACTIONS]
_INSIDE = {"/files/{repository:path}/{name}/{version}/{filename}": {"name": "web"}}


def _filled(route: Route) -> str:
    path = route.path
    for name, value in (SAMPLES | _INSIDE.get(route.path, {})).items():
        path = path.replace(f"{{{name}:path}}", value).replace(f"{{{name}}}", value)
    assert "{" not in path, f"give SAMPLES a value for {route.path}"
    return path + ("?stage=test" if path.startswith("/admission") else "")


def _told(route: Route) -> dict[str, Any]:
    return vars(route.endpoint)


def _each(server: Composed, *guards: str) -> list[tuple[str, Route]]:
    return [
        (method, route)
        for route in server.server.routes
        for method in sorted((route.methods or set()) - {"HEAD"})
        if _told(route)["guard"] in guards
    ]


def every_route() -> list[tuple[str, str]]:
    """Give the methods and a path of each route of the composed server."""

    async def found() -> list[tuple[str, str]]:
        async with composed() as server:
            routes = server.server.routes
            return sorted({(method, _filled(route)) for route in routes for method in route.methods or ()})

    return anyio.run(found)


async def test_each_route_is_guarded_in_one_of_four_ways() -> None:
    async with composed() as server:
        assert {_told(route)["guard"] for route in server.server.routes} <= {"guard", "known", "public", "entrusted"}
        assert {route.path for _, route in _each(server, "public")} == set(PUBLIC)
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
        other = await server.token(*_ALL_BUT_NOTHING)
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


async def test_each_route_that_is_no_read_is_known_here() -> None:
    async with composed() as server:
        there = {(method, route.path) for method, route in _each(server, "guard", "known", "public", "entrusted")}
        assert {one for one in there if one[0] != "GET"} == set(WRITES) | set(NO_STATE)


@pytest.mark.parametrize("route", sorted(WRITES), ids=" ".join)
async def test_each_write_is_in_the_journal_and_is_done_for_nobody_without_its_scope(route: tuple[str, str]) -> None:
    async with composed() as server:
        rows, size = await _rows(server), await server.stores.entries.size()
        response = await WRITES[route](server)
        assert response.is_success, response.text
        assert await server.stores.entries.size() > size
        assert await _rows(server) != rows or route in ONLY_EVENTS
        if route in BY_PATH:
            return
        asked = server.last
        other = await server.token(*_ALL_BUT_NOTHING)
        rows, size = await _rows(server), await server.stores.entries.size()
        refused = await server.ask_again(asked, other["secret"])
        assert refused.status_code == 403, refused.text
        assert (await server.ask_again(asked, None)).status_code == 401
        assert await _rows(server) == rows
        assert await server.stores.entries.size() == size + 1


async def _rows(server: Composed) -> dict[str, Any]:
    return {name: await server.stores.tables.scan(name) for name in TABLES}


async def test_no_read_changes_a_table() -> None:
    async with composed() as server:
        await ask_manifest(server)
        rows = await _rows(server)
        for method, route in _each(server, "guard", "known", "public"):
            if method == "GET":
                response = await server.ask("GET", _filled(route))
                assert response.status_code < 500, (route.path, response.text)
        assert await _rows(server) == rows


async def test_who_may_pull_elsewhere_sees_nothing_of_a_repository() -> None:
    async with composed() as server:
        decision = await promote_and_judge(server)
        other = await server.token("pull:other/*")
        for method, route in _each(server, "guard", "known", "public"):
            if method != "GET":
                continue
            path = _filled(route).replace(f"/decisions/{DIGEST}", f"/decisions/{decision}")
            for query in ("", "?reference=den/web:1.0", "?repository=den/web"):
                response = await server.ask("GET", path + query, other["secret"])
                if response.is_success:
                    assert "den/web" not in response.text, (path + query, response.text)
                else:
                    assert response.status_code in (400, 403, 404), (path + query, response.text)


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
