"""The API's own document (OpenAPI 3.1), made from what each route declares of itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from graven.flows.access import Access
from graven.protocols.api.operation import ROOT, Operation, operation, struct, text

__all__ = ["document", "routes"]

_ERROR = struct(
    {
        "error": struct(
            {name: text() for name in ("code", "message", "where", "hint", "request_id")}
            | {"detail": {"type": "object"}}
        )
    }
)


def routes(*, access: Access, declared: Iterable[Route], version: str) -> list[Route]:
    """Give the route of the document of these routes."""
    made = document(declared, version)

    async def show(_: Request) -> dict[str, Any]:
        return made

    about = Operation(summary="Describe the API", gives={"type": "object"})
    return [operation("GET", "/openapi.json", show, about=about, access=access, action="anybody")]


def document(declared: Iterable[Route], version: str) -> dict[str, Any]:
    """Make the document of routes that were made by ``operation``."""
    paths: dict[str, dict[str, Any]] = {}
    for route in declared:
        method = str(vars(route.endpoint)["method"]).lower()
        paths.setdefault(_path(route), {})[method] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "graven", "version": version, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic", "description": "any user name, the token as password"},
            },
        },
    }


def _path(route: Route) -> str:
    return re.sub(r"{(\w+):\w+}", r"{\1}", route.path)


def _operation(route: Route) -> dict[str, Any]:
    told = vars(route.endpoint)
    about: Operation = told["operation"]
    found: dict[str, Any] = {
        "summary": about.summary,
        "operationId": re.sub(r"\W+", "_", f"{told['method']}{_path(route).removeprefix(ROOT)}").strip("_").lower(),
        "parameters": [*_parameters(route), *_query(about)],
        "responses": {
            str(about.status): {"description": "done", "content": {about.media_type: {"schema": about.gives}}},
            "default": {
                "description": "an error of one of the ten families",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
        "security": [] if told["guard"] == "public" else [{"bearer": []}, {"basic": []}],
    }
    if told["action"]:
        found["description"] = f"Needs the scope `{told['action']}`."
    if about.takes is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": about.takes}}}
    return found


def _parameters(route: Route) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": text()} for name in sorted(route.param_convertors)]


def _query(about: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "description": words, "schema": text()} for name, words in about.query.items()
    ]
