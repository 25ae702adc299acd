"""Blob uploads over HTTP: in one piece, in chunks, as a stream, by mount (distribution-spec end-4 to 6, 11, 13, 14)."""

from __future__ import annotations

from collections.abc import AsyncIterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from graven.errors import Malformed, Mismatch
from graven.flows.upload import Session, Upload, exactly
from graven.protocols.credentials import caller
from graven.protocols.oci import paths
from graven.values import Digest

__all__ = ["BlobUploads"]


@dataclass(frozen=True, kw_only=True)
class BlobUploads:
    """The handlers of ``/v2/<name>/blobs/uploads/``."""

    upload: Upload

    async def post(self, request: Request) -> Response:
        """Begin an upload; or mount; or take the whole blob at once."""
        name, who, query = paths.repository(request), caller(request), request.query_params
        if query.get("digest-algorithm", "sha256") not in ("sha256", "sha512"):
            raise Malformed("got an algorithm that is not known, expected sha256 or sha512", where="digest")
        if "mount" in query:
            digest = paths.digest(query["mount"])
            if await self.upload.mount(name, digest, caller=who, source=query.get("from")):
                return _created(name, digest)
        elif "digest" in query:
            digest = paths.digest(query["digest"])
            await self.upload.whole(name, digest, request.stream(), caller=who)
            return _created(name, digest)
        return _state(name, await self.upload.open(name, caller=who), 202)

    async def patch(self, request: Request) -> Response:
        """Add a chunk, or a stream."""
        name = paths.repository(request)
        try:
            return _state(name, await self._append(request), 202)
        except Mismatch as e:
            return await self._out_of_order(request, e)

    async def put(self, request: Request) -> Response:
        """Add the last chunk, if there is one, and make the blob."""
        name, digest = paths.repository(request), paths.digest(request.query_params.get("digest"))
        try:
            await self._append(request)
        except Mismatch as e:
            return await self._out_of_order(request, e)
        await self.upload.close(name, request.path_params["upload"], digest, caller=caller(request))
        return _created(name, digest)

    async def get(self, request: Request) -> Response:
        """Tell how far an upload is."""
        name, session = paths.repository(request), request.path_params["upload"]
        length = await self.upload.length(name, session, caller=caller(request))
        return _state(name, Session(session, length), 204)

    async def delete(self, request: Request) -> Response:
        """Cancel an upload."""
        await self.upload.cancel(paths.repository(request), request.path_params["upload"], caller=caller(request))
        return Response(status_code=204)

    async def _append(self, request: Request) -> Session:
        offset, pieces = _chunk(request)
        name, session = paths.repository(request), request.path_params["upload"]
        return await self.upload.append(name, session, pieces, caller=caller(request), offset=offset)

    async def _out_of_order(self, request: Request, error: Mismatch) -> Response:
        """Answer 416 with the state of the upload, which is open and unchanged.

        Raises:
            Mismatch: it was something else that did not match.
        """
        if "offset" not in error.detail:
            raise error
        state = await self.get(request)
        return Response(status_code=416, headers={k: state.headers[k] for k in ("location", "range")})


def _chunk(request: Request) -> tuple[int | None, AsyncIterable[bytes]]:
    announced = paths.content_range(request)
    if announced is None:
        return None, request.stream()
    first, last = announced
    expected, length = last - first + 1, paths.length(request)
    if length not in (None, expected):
        raise Mismatch(
            f"got {length} bytes, expected {expected} by the Content-Range", where="body", detail={"kind": "size"}
        )
    return first, exactly(request.stream(), expected)


def _state(name: str, session: Session, status: int) -> Response:
    told = {
        "Location": f"/v2/{name}/blobs/uploads/{session.name}",
        "Range": f"0-{max(0, session.length - 1)}",
        "Docker-Upload-UUID": session.name.partition(".")[0],
    }
    return Response(status_code=status, headers=told)


def _created(name: str, digest: Digest) -> Response:
    told = {"Location": f"/v2/{name}/blobs/{digest}", "Docker-Content-Digest": str(digest)}
    return Response(status_code=201, headers=told)
