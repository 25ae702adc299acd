"""Promotions and rollbacks: ``/promotions``, ``/rollbacks``. Who asks needs ``promote`` on the stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from graven.flows.access import Access
from graven.flows.promote import Promotion
from graven.flows.pull import Pull
from graven.protocols.api.operation import Operation, operation, struct, text
from graven.protocols.credentials import caller
from graven.values import Digest, Reference

__all__ = ["routes"]

_REFERENCE = {"reference": text("NAME:TAG or NAME@DIGEST", maxLength=500), "stage": text(maxLength=63)}
_REASON = text("for the journal and for the rules", maxLength=1000)
_NULLABLE = {"type": ["string", "null"]}
_DONE = struct(
    {
        "repository": text(),
        "digest": text(),
        "stage": text(),
        "promoted": {"type": "boolean", "description": "the stage holds it now"},
        "unchanged": {"type": "boolean", "description": "it did so before"},
        "valid_until": text("end of the verification summary"),
        "vsa": {**_NULLABLE, "description": "manifest of the summary"},
        "decision_digest": {**_NULLABLE, "description": "what the promotion rests on"},
        "decision": {"type": ["object", "null"], "description": "as /decisions gives it, if one was made now"},
    }
)


def routes(*, access: Access, pull: Pull, promotion: Promotion) -> list[Route]:
    """Give the routes of promotions."""
    work = _Work(access, pull, promotion)
    promoted = Operation(
        summary="Move a stage's pointer to an artifact, if the rules allow it",
        takes=struct(_REFERENCE, {"reason": _REASON}),
        gives=_DONE,
    )
    back = Operation(
        summary="Move a stage's pointer back to what stood there",
        takes=struct({**_REFERENCE, "reason": _REASON}),
        gives=_DONE,
    )
    return [
        operation("POST", "/promotions", work.promote, about=promoted, access=access, action="known"),
        operation("POST", "/rollbacks", work.rollback, about=back, access=access, action="known"),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    access: Access
    pull: Pull
    promotion: Promotion

    async def promote(self, request: Request) -> dict[str, Any]:
        repository, digest = await self._target(request)
        wanted = request.state.document
        reason = wanted.get("reason", "")
        done = await self.promotion.promote(repository, digest, wanted["stage"], caller(request), reason=reason)
        return done.value()

    async def rollback(self, request: Request) -> dict[str, Any]:
        repository, digest = await self._target(request)
        wanted = request.state.document
        done = await self.promotion.rollback(
            repository, digest, wanted["stage"], caller(request), reason=wanted["reason"]
        )
        return done.value()

    async def _target(self, request: Request) -> tuple[str, Digest]:
        """Read what is meant, and hold the caller against stage and repository."""
        wanted, who = request.state.document, caller(request)
        reference = Reference.parse(wanted["reference"])
        await self.access.require(who, "promote", wanted["stage"])
        await self.access.require(who, "pull", reference.repository)
        return reference.repository, await self.pull.resolve(reference.repository, reference.target)
