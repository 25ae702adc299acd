"""Manifests over HTTP: pull, push, delete (distribution-spec end-3, end-7, end-9)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from graven.catalogue.oci import MAX_MANIFEST
from graven.errors import TooLarge
from graven.flows.pull import Pull
from graven.flows.push import Push, Pushed
from graven.flows.remove import Remove
from graven.protocols.credentials import caller
from graven.protocols.oci import paths

__all__ = ["Manifests"]

_MOST_TAGS = 100


@dataclass(frozen=True, kw_only=True)
class Manifests:
    """The handlers of ``/v2/<name>/manifests/<reference>``."""

    pull: Pull
    push: Push
    remove: Remove

    async def head(self, request: Request) -> Response:
        """Tell digest, type and length of a manifest."""
        found = await self.pull.stand(paths.repository(request), paths.reference(request))
        digest = str(found.digest)
        told = {"Content-Length": str(found.size), "Docker-Content-Digest": digest, "ETag": f'"{digest}"'}
        return Response(headers=told, media_type=found.media_type)

    async def get(self, request: Request) -> Response:
        """Give a manifest byte for byte."""
        if request.method == "HEAD":
            return await self.head(request)
        found = await self.pull.manifest(paths.repository(request), paths.reference(request))
        digest = str(found.digest).encode()
        told = [(b"docker-content-digest", digest), (b"etag", b'"%s"' % digest)]
        if f'"{found.digest}"' in request.headers.get("if-none-match", ""):
            return _Raw(b"", told, status=304)
        length = b"%d" % len(found.data)
        return _Raw(found.data, [(b"content-type", found.media_type.encode()), (b"content-length", length), *told])

    async def put(self, request: Request) -> Response:
        """Take a manifest in."""
        name, tags = paths.repository(request), request.query_params.getlist("tag")
        if len(tags) > _MOST_TAGS:
            raise TooLarge(f"got {len(tags)} tags, at most {_MOST_TAGS}", where="tag")
        pushed = await self.push.manifest(
            name,
            paths.reference(request),
            await _body(request),
            request.headers.get("content-type", ""),
            caller=caller(request),
            tags=tags,
        )
        return Response(status_code=201, headers=_told(name, pushed, tags))

    async def delete(self, request: Request) -> Response:
        """Remove a tag, or a manifest with its tags."""
        await self.remove.manifest(paths.repository(request), paths.reference(request), caller=caller(request))
        return Response(status_code=202)


class _Raw(Response):
    """A response whose headers are written already: a manifest is what is asked for most."""

    def __init__(self, body: bytes, headers: list[tuple[bytes, bytes]], *, status: int = 200) -> None:
        self.status_code, self.body, self.raw_headers, self.background = status, body, headers, None


def _told(name: str, pushed: Pushed, tags: list[str]) -> dict[str, str]:
    told = {"Location": f"/v2/{name}/manifests/{pushed.digest}", "Docker-Content-Digest": str(pushed.digest)}
    if pushed.subject is not None:
        told["OCI-Subject"] = str(pushed.subject)
    if tags:
        told["OCI-Tag"] = ", ".join(dict.fromkeys(tags))
    return told


async def _body(request: Request) -> bytes:
    announced = paths.length(request)
    if announced is not None and announced > MAX_MANIFEST:
        raise _too_large()
    parts, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > MAX_MANIFEST:
            raise _too_large()
        parts.append(piece)
    return b"".join(parts)


def _too_large() -> TooLarge:
    return TooLarge(f"got a manifest of more than {MAX_MANIFEST} bytes", where="manifest")
