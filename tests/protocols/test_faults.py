"""From an exception to an answer: its status, its body, and what of it nobody may see."""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, Router

from graven import errors
from graven.errors import HTTP_STATUS, GravenError, NotFound, Refused, Unauthenticated, Unavailable
from graven.protocols.faults import Faults, not_found


def _raising(error: Exception) -> Router:
    async def handler(_: Request) -> Response:
        raise error

    routes = [Route("/here", handler), Route("/here", handler, methods=["PUT"]), Route("/there", handler)]
    return Router(routes, redirect_slashes=False, default=not_found)


async def _get(app: Any, path: str = "/here", method: str = "GET") -> httpx.Response:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://graven") as client:
        return await client.request(method, path)


@pytest.mark.parametrize("kind", [kind for kind in HTTP_STATUS if kind is not GravenError])
async def test_each_family_has_its_status_and_its_code(kind: type[GravenError]) -> None:
    error = kind("got a, expected b", where="there", hint="do this", detail={"fact": 1})
    response = await _get(Faults(_raising(error)))
    assert response.status_code == HTTP_STATUS[kind]
    told = response.json()["error"]
    assert told["code"] == errors.family(error)
    assert (told["message"], told["where"], told["hint"]) == ("got a, expected b", "there", "do this")
    assert told["detail"] == {"fact": 1}


async def test_what_nobody_foresaw_is_told_to_the_log_and_not_to_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = await _get(Faults(_raising(ZeroDivisionError("inner matter"))))
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal"
    assert "inner matter" not in response.text
    assert "Traceback" not in response.text
    assert caplog.records[0].exc_info is not None
    assert "inner matter" in caplog.text


async def test_a_path_that_there_is_not_is_not_found_in_json() -> None:
    response = await _get(Faults(_raising(NotFound("x"))), "/elsewhere")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


async def test_a_method_that_a_path_has_not_names_those_it_has() -> None:
    response = await _get(Faults(_raising(NotFound("x"))), method="DELETE")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, PUT"
    assert response.json()["error"]["code"] == "unsupported"


async def test_who_is_unknown_is_told_how_to_say_who() -> None:
    response = await _get(Faults(_raising(Unauthenticated("who?"))))
    assert response.headers["www-authenticate"].startswith('Basic realm="graven"')


async def test_who_should_come_again_is_told_when() -> None:
    response = await _get(Faults(_raising(Unavailable("not now", detail={"retry_after": 7}))))
    assert response.headers["retry-after"] == "7"


async def test_a_protocol_with_a_body_of_its_own_gets_it_below_its_paths_only() -> None:
    def shape(error: GravenError, request: str) -> dict[str, Any]:
        return {"errors": [{"code": "DENIED", "message": error.message, "detail": request}]}

    app = _raising(Refused("no"))
    assert (await _get(Faults(app, shapes={"/he": shape}))).json()["errors"][0]["code"] == "DENIED"
    assert "error" in (await _get(Faults(app, shapes={"/other": shape}))).json()


async def test_an_exception_of_the_framework_has_a_family_too() -> None:
    response = await _get(Faults(_raising(HTTPException(413, "too much"))))
    assert response.status_code == 413
    assert response.json()["error"]["message"] == "too much"


async def test_an_answer_that_breaks_half_way_is_not_ended_as_if_it_were_whole() -> None:
    async def pieces() -> Any:
        yield b"first"
        raise ZeroDivisionError

    async def handler(_: Request) -> Response:
        return StreamingResponse(pieces())

    with pytest.raises((ZeroDivisionError, ExceptionGroup)) as caught:  # the server sees it, and breaks off
        await _get(Faults(Router([Route("/here", handler)])))
    assert "ZeroDivisionError" in repr(caught.value)


async def test_details_that_are_no_json_are_told_as_text() -> None:
    response = await _get(Faults(_raising(NotFound("x", detail={"digest": object}))))
    assert json.loads(response.text)["error"]["detail"]["digest"].startswith("<class")
