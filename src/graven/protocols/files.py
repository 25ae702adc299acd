"""Generic files over HTTP: ``/files/<repository>/<name>/<version>/<filename>``, written once, read with ranges.

A PUT may announce its digest (``Content-Digest``, RFC 9530, or ``X-Checksum-Sha256``), which is then held against the
bytes. ``GET /files/<repository>/`` lists, with ``name``, ``version``, ``n`` and ``last`` as query.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graven.catalogue.files import file_part
from graven.errors import Malformed
from graven.flows.access import Access
from graven.flows.publish import Listed, Place, Publish
from graven.flows.pull import Blob
from graven.protocols.credentials import caller, guard
from graven.values import Digest, RepositoryName, repository_name

__all__ = ["routes"]

Deliver = Callable[[Request, Blob, Mapping[str, str]], Response]

_CONTENT_DIGEST = re.compile(r"\s*(sha-256|sha-512)=:([A-Za-z0-9+/=]+):\s*")
_PAGE = 1000


def routes(*, access: Access, publish: Publish, deliver: Deliver) -> list[Route]:
    """Make the routes of the protocol."""
    files = _Files(publish=publish, deliver=deliver)
    place = "/files/{repository:path}/{name}/{version}/{filename}"
    return [
        Route(
            "/files/{repository:path}/",
            guard(files.listing, access=access, action="pull", resource=_repository),
            methods=["GET"],
        ),
        Route(place, guard(files.get, access=access, action="pull", resource=_repository), methods=["GET"]),
        Route(place, guard(files.put, access=access, action="push", resource=_repository), methods=["PUT"]),
    ]


@dataclass(frozen=True, kw_only=True)
class _Files:
    publish: Publish
    deliver: Deliver

    async def put(self, request: Request) -> Response:
        """Publish a file."""
        place, digest = _place(request), _announced(request)
        done = await self.publish.file(place, request.stream(), caller=caller(request), digest=digest)
        return _json(_document(done), 201, {"Location": f"/files/{place}"})

    async def get(self, request: Request) -> Response:
        """Give a file, or a range of it."""
        place = _place(request)
        blob = await self.publish.blob(place)
        told = {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f'attachment; filename="{place.filename}"',
            "Repr-Digest": _structured(blob.digest),
            "X-Content-Type-Options": "nosniff",
        }
        return self.deliver(request, blob, told)

    async def listing(self, request: Request) -> Response:
        """List the files of a repository, of a name, or of a version."""
        repository, query = _repository(request), request.query_params
        within = [file_part(query[part], part) for part in ("name", "version") if part in query]
        if "version" in query and "name" not in query:
            raise Malformed("got a version without a name, expected ?name=NAME&version=VERSION", where="version")
        last = tuple(query.get("last", "").split("/")) if query.get("last") else ()
        found = await self.publish.listing(repository, *within, last=last[len(within) :], limit=_PAGE)
        behind = "/".join(found[-1].place.key[1:]) if len(found) == _PAGE else ""
        return _json({"repository": repository, "files": [_document(one) for one in found], "next": behind})


def _repository(request: Request) -> RepositoryName:
    return repository_name(request.path_params["repository"])


def _place(request: Request) -> Place:
    parts = (file_part(request.path_params[part], part) for part in ("name", "version", "filename"))
    return Place(_repository(request), *parts)


def _announced(request: Request) -> Digest | None:
    """Read the digest that the sender announces.

    Raises:
        Malformed: it is in a header that cannot be read.
    """
    plain = request.headers.get("x-checksum-sha256")
    if plain is not None:
        return Digest.parse(f"sha256:{plain.strip().lower()}")
    text = request.headers.get("content-digest") or request.headers.get("repr-digest")
    if text is None:
        return None
    match = next((found for part in text.split(",") if (found := _CONTENT_DIGEST.fullmatch(part))), None)
    try:
        raw = b64decode(match[2], validate=True).hex() if match else ""
    except binascii.Error:
        raw = ""
    if match is None or not raw:
        raise Malformed(f"got {text[:120]!r}, expected sha-256=:BASE64:", where="Content-Digest")
    return Digest.parse(f"{match[1].replace('-', '')}:{raw}")


def _structured(digest: Digest) -> str:
    encoded = b64encode(bytes.fromhex(digest.hex)).decode()
    return f"{'sha-256' if digest.algorithm == 'sha256' else 'sha-512'}=:{encoded}:"


def _document(listed: Listed) -> dict[str, Any]:
    place = listed.place
    return {
        "repository": place.repository,
        "name": place.name,
        "version": place.version,
        "filename": place.filename,
        "digest": str(listed.digest),
        "size": listed.size,
        "manifest": str(listed.manifest),
        "time": listed.time,
    }


def _json(document: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(document), status, headers, "application/json")
