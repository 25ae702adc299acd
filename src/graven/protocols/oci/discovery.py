"""What a repository and a registry hold: tags, referrers, repositories (distribution-spec end-1, end-8, end-12)."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response

from graven.catalogue import oci
from graven.flows.pull import Pull
from graven.flows.repositories import Repositories
from graven.protocols.credentials import caller
from graven.protocols.oci import paths
from graven.values import Digest

__all__ = ["Discovery"]

_TAGS = 10_000
_REFERRERS = 100
_REPOSITORIES = 1000
_VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """The handlers that list."""

    pull: Pull
    repositories: Repositories

    async def ping(self, _: Request) -> Response:
        """Say that this is a registry, to somebody known."""
        return _json({}, _VERSION)

    async def tags(self, request: Request) -> Response:
        """List the tags of a repository."""
        name, limit = paths.repository(request), paths.count(request, _TAGS, _TAGS)
        found, more = await self.pull.tags(name, last=request.query_params.get("last", ""), limit=max(1, limit))
        if not limit:
            return _json({"name": name, "tags": []})
        return _json({"name": name, "tags": found}, paths.next_page(request, n=limit, last=found[-1]) if more else {})

    async def referrers(self, request: Request) -> Response:
        """List what refers to a digest, as an index."""
        name, subject = paths.repository(request), Digest.parse(request.path_params["digest"])
        kind, limit = request.query_params.get("artifactType", ""), paths.count(request, _REFERRERS, _REFERRERS)
        last = request.query_params.get("last", "")
        page = await self.pull.referrers(name, subject, artifact_type=kind, last=last, limit=max(1, limit))
        told = {"OCI-Filters-Applied": "artifactType"} if kind else {}
        told |= paths.next_page(request, n=max(1, limit), last=page.next) if page.next else {}
        listed = [oci.describe(one) for one in page.descriptors]
        return _json({"schemaVersion": 2, "mediaType": oci.IMAGE_INDEX, "manifests": listed}, told, oci.IMAGE_INDEX)

    async def catalog(self, request: Request) -> Response:
        """List the repositories that the caller may pull."""
        limit = max(1, paths.count(request, _REPOSITORIES, _REPOSITORIES))
        rows = await self.repositories.all(last=request.query_params.get("last", ""), limit=limit)
        told = paths.next_page(request, n=limit, last=rows[-1][0]) if len(rows) == limit else {}
        shown = [name for name, _ in rows if "*" not in name and caller(request).may("pull", name)]
        return _json({"repositories": shown}, told)


def _json(document: object, headers: dict[str, str] | None = None, media_type: str = "application/json") -> Response:
    return Response(orjson.dumps(document), headers=headers or {}, media_type=media_type)
