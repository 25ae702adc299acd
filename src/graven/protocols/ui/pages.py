"""The routes of the pages, each a handler that reads and renders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graven.errors import GravenError, NotFound, family, status
from graven.flows.access import Access
from graven.protocols.credentials import caller, guard, known, public
from graven.protocols.ui.artifact import ArtifactPage
from graven.protocols.ui.reading import Reading
from graven.protocols.ui.words import FILTERS
from graven.values import Digest

__all__ = ["fault", "routes"]

_PAGES = Environment(
    loader=PackageLoader("graven.protocols.ui"), autoescape=True, undefined=StrictUndefined, trim_blocks=False
)
_PAGES.filters |= FILTERS
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_STATIC = {"style.css": "text/css; charset=utf-8", "graven.svg": "image/svg+xml"}


def routes(*, access: Access, reading: Reading, artifact: ArtifactPage) -> list[Route]:
    """Give the routes of the pages."""
    pages = _Pages(reading, artifact)

    def repository(request: Request) -> str:
        return str(request.path_params["name"])

    def of(handler: Any) -> Any:
        return guard(handler, access=access, action="pull", resource=repository)

    return [
        Route("/", known(pages.overview, access=access)),
        Route("/stages", known(pages.stages, access=access)),
        Route("/log", known(pages.log, access=access)),
        Route("/decisions/{decision}", known(pages.decision, access=access)),
        Route("/repositories/{name:path}", of(pages.repository)),
        Route("/artifacts/{name:path}@{digest}", of(pages.artifact)),
        Route("/static/{file}", public(_static)),
    ]


def fault(error: GravenError) -> str:
    """Give the page for an error."""
    title = {401: "Say who you are", 403: "Not yours to see", 404: "Not here"}.get(status(error), family(error))
    return _PAGES.get_template("fault.html").render(title=title, message=error.message, hint=error.hint, here="")


@dataclass(frozen=True, slots=True)
class _Pages:
    reading: Reading
    of_artifact: ArtifactPage

    async def overview(self, request: Request) -> Response:
        who = caller(request)
        found = {
            "repositories": await self.reading.repositories(who),
            "stages": await self.reading.board(who),
            "size": await self.reading.entries.size(),
            "more": False,
            "host": request.url.netloc,
        }
        return _page("overview.html", found, request)

    async def stages(self, request: Request) -> Response:
        return _page("stages.html", {"stages": await self.reading.board(caller(request), history=True)}, request)

    async def log(self, request: Request) -> Response:
        note = await self.reading.checkpoint()
        found = {
            "size": await self.reading.entries.size(),
            "sealed": note.split("\n")[1] if note else 0,
            "checkpoint": note,
            "vkey": self.reading.vkey,
            "address": str(request.base_url).rstrip("/"),
            "events": await self.reading.newest() if caller(request).may("audit", "server:log") else None,
        }
        return _page("log.html", found, request)

    async def repository(self, request: Request) -> Response:
        name = request.path_params["name"]
        row = await self.reading.tables.get("repositories", (name,))
        if row is None:
            raise NotFound(f"there is no repository {name}", hint="the overview lists those that you may see")
        found = {"name": name, "mode": row["mode"], "tags": await self._tags(name), "files": await self._files(name)}
        return _page("repository.html", found | {"events": await self.reading.activity(name)}, request)

    async def artifact(self, request: Request) -> Response:
        digest = Digest.parse(request.path_params["digest"])
        return _page("artifact.html", await self.of_artifact.show(request.path_params["name"], digest), request)

    async def decision(self, request: Request) -> Response:
        found = await self.of_artifact.decision(Digest.parse(request.path_params["decision"]))
        if not caller(request).may("pull", str(found["repository"])):
            raise NotFound("there is no such decision, or it is not yours to see")
        picture = await self.of_artifact.picture(Digest.parse(request.path_params["decision"]))
        return _page("decision.html", {**found, "decision": found, "picture": picture}, request)

    async def _tags(self, name: str) -> list[dict[str, Any]]:
        found = []
        for key, row in reversed(await self.reading.tables.scan("tags", (name,), limit=500)):
            digest = str(row["digest"])
            judged = await self.reading.tables.scan("judged", (name, digest), limit=1, reverse=True)
            stood = [place["words"].removeprefix("in ") for place in await self._standing(name, digest)]
            newest = next((told for _, told in judged), None)
            found.append({"name": key[1], "digest": digest, "time": row["time"], "stages": stood, "decision": newest})
        return found

    async def _standing(self, name: str, digest: str) -> list[dict[str, str]]:
        return [place for place in await self.reading.stood(name, digest) if place["tone"] == "good"]

    async def _files(self, name: str) -> list[dict[str, Any]]:
        rows = await self.reading.tables.scan("files", (name,), limit=500)
        return [{"name": key[1], "version": key[2], "filename": key[3], **row} for key, row in rows]


def _page(template: str, found: Mapping[str, Any], request: Request) -> Response:
    text = _PAGES.get_template(template).render(**found, here=request.url.path)
    return Response(text, media_type="text/html", headers=_HEADERS)


async def _static(request: Request) -> Response:
    name = request.path_params["file"]
    if name not in _STATIC:
        raise NotFound(f"there is no file {name[:80]!r}")
    from importlib.resources import files

    data = files("graven.protocols.ui").joinpath("static", name).read_bytes()
    return Response(data, media_type=_STATIC[name], headers={"Cache-Control": "max-age=3600"})
