"""One artifact's life: ``/artifacts``, of ``REPOSITORY@DIGEST``; a tag will do for the digest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from graven.flows.access import Access
from graven.flows.pull import Pull
from graven.protocols.api.operation import Operation, array, operation, struct, text
from graven.values import Digest, RepositoryName

__all__ = ["Life", "routes"]

Life = Callable[[str, Digest], Awaitable[Mapping[str, Any]]]
"""(repository, digest) -> what it is, what is inside, where it stands, its decisions, its evidence, its events."""

_SHOWN = struct(
    {
        "repository": text(),
        "digest": text(),
        "tags": array(text()),
        "kind": text("image, image index, Helm chart, file or artifact"),
        "media_type": text(),
        "size": {"type": "integer", "description": "bytes, with its layers"},
        "layers": {"type": "integer"},
        "subject": {"type": ["string", "null"], "description": "the digest that it is evidence about"},
        "time": text("when it was pushed"),
        "standing": array({"type": "object"}),
        "inventory": {"type": ["object", "null"]},
        "decisions": array({"type": "object"}),
        "evidence": array({"type": "object"}),
        "events": array({"type": "object"}),
    }
)


def routes(*, access: Access, pull: Pull, life: Life) -> list[Route]:
    """Give the routes of artifacts."""
    work = _Work(pull, life)
    shown = Operation(summary="Tell one artifact's life", gives=_SHOWN)
    path = "/artifacts/{repository:path}@{reference}"
    return [operation("GET", path, work.show, about=shown, access=access, action="pull", resource=_repository)]


def _repository(request: Request) -> str:
    return str(request.path_params["repository"])


@dataclass(frozen=True, slots=True)
class _Work:
    pull: Pull
    life: Life

    async def show(self, request: Request) -> Mapping[str, Any]:
        repository = RepositoryName(_repository(request))
        digest = await self.pull.resolve(repository, request.path_params["reference"])
        return await self.life(repository, digest)
