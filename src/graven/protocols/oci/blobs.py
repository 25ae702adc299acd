"""Blobs over HTTP: pull and delete (distribution-spec end-2, end-10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from graven.flows.pull import Blob, Pull
from graven.flows.remove import Remove
from graven.protocols.credentials import caller
from graven.protocols.oci import paths

__all__ = ["Blobs", "Deliver"]

Deliver = Callable[[Request, Blob, Mapping[str, str]], Response]
"""Answers with the bytes of a blob, whole or in part."""


@dataclass(frozen=True, kw_only=True)
class Blobs:
    """The handlers of ``/v2/<name>/blobs/<digest>``."""

    pull: Pull
    remove: Remove
    deliver: Deliver

    async def get(self, request: Request) -> Response:
        """Give a blob, or a range of it."""
        digest = paths.digest(request.path_params["digest"])
        blob = await self.pull.blob(paths.repository(request), digest)
        told = {"Docker-Content-Digest": str(digest), "Content-Type": "application/octet-stream"}
        return self.deliver(request, blob, told)

    async def delete(self, request: Request) -> Response:
        """Remove a blob from the repository."""
        digest = paths.digest(request.path_params["digest"])
        await self.remove.blob(paths.repository(request), digest, caller=caller(request))
        return Response(status_code=202, headers={"Docker-Content-Digest": str(digest)})
