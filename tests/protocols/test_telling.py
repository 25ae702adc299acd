"""What is told of a request: an id everywhere, one line, metrics; and never what might be a secret."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router

from graven.errors import NotFound
from graven.protocols.faults import Faults, not_found
from graven.protocols.telling import REQUEST, Telling


async def _echo(_: Request) -> Response:
    logging.getLogger("graven.test").info("within")
    return PlainTextResponse(REQUEST.get())


async def _split(_: Request) -> Response:
    return PlainTextResponse("x", headers={"Location": "/a\r\nSet-Cookie: b=c"})


async def _lost(_: Request) -> Response:
    raise NotFound("nothing")


def _app(registry: CollectorRegistry) -> Any:
    routes = [
        Route("/echo/{name}", _echo),
        Route("/lost", _lost),
        Route("/split", _split),
        Route("/door/{secret}", _echo, methods=["POST"]),
    ]
    return Telling(Faults(Router(routes, redirect_slashes=False, default=not_found)), registry=registry)


async def _send(registry: CollectorRegistry, method: str, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=_app(registry))
    async with httpx.AsyncClient(transport=transport, base_url="http://graven") as client:
        return await client.request(method, path, headers=headers)


async def test_the_id_is_in_the_header_the_log_and_the_body_of_an_error(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="graven.requests"):
        response = await _send(CollectorRegistry(), "GET", "/lost")
    assert len(response.headers["x-request-id"]) == 16
    assert response.json()["error"]["request_id"] == response.headers["x-request-id"]
    assert [record.name for record in caplog.records if record.name != "httpx"] == ["graven.requests"]


async def test_two_requests_have_two_ids_whatever_the_client_says() -> None:
    header = {"X-Request-Id": "mine"}
    first = await _send(CollectorRegistry(), "GET", "/echo/a", **header)
    second = await _send(CollectorRegistry(), "GET", "/echo/a", **header)
    assert first.text != second.text
    assert "mine" not in first.text + first.headers["x-request-id"]


async def test_a_line_names_route_path_and_status(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="graven.requests"):
        await _send(CollectorRegistry(), "GET", "/echo/web?key=hidden", Authorization="Bearer hidden")
    facts = vars(caplog.records[-1])["facts"]
    assert (facts["method"], facts["route"], facts["path"], facts["status"]) == (
        "GET",
        "/echo/{name}",
        "/echo/web",
        200,
    )
    assert "hidden" not in str(vars(caplog.records[-1]))


@pytest.mark.parametrize("path", ["/door/hidden", "/nowhere/hidden", "/lost/hidden"])
async def test_a_secret_in_a_path_is_told_by_no_line(path: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await _send(CollectorRegistry(), "POST", path)
    told = [str(vars(record)) for record in caplog.records if record.name.startswith("graven")]
    assert told
    assert not [line for line in told if "hidden" in line]


async def test_strangers_cannot_make_new_labels() -> None:
    registry = CollectorRegistry()
    app = _app(registry)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://graven") as client:
        for i in range(50):
            await client.request(f"M{i}", f"/p{i}")
            await client.request("GET", f"/echo/{i}")
    lines = [line for line in generate_latest(registry).decode().splitlines() if "graven_requests_total{" in line]
    assert len(lines) == 2


async def test_every_answer_forbids_to_guess_its_type() -> None:
    response = await _send(CollectorRegistry(), "GET", "/echo/a")
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_no_answer_is_split_by_what_found_its_way_into_a_header() -> None:
    response = await _send(CollectorRegistry(), "GET", "/split")
    assert response.status_code == 500
    assert "set-cookie" not in response.headers
