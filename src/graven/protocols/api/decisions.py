"""Decisions: ``/decisions``; ask the rules, read what they said, and fetch what a replay needs.

The objects of a decision are given out one by one, by digest, to those who may pull its repository; an object that is
none of the decision's is not found, whatever the store holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graven.flows.access import Access
from graven.flows.decisions import Decisions
from graven.flows.judge import Judge
from graven.flows.pull import Pull
from graven.protocols.api.operation import Operation, array, operation, struct, text
from graven.protocols.credentials import caller
from graven.values import Digest, Reference

__all__ = ["routes"]

_ANY: dict[str, Any] = {"type": "object"}
_WANTED = struct(
    {"reference": text("NAME:TAG or NAME@DIGEST", maxLength=500), "stage": text("whose gate is asked", maxLength=63)},
    {"reason": text("the rules see it", maxLength=1000)},
)
_DECISION = struct(
    {
        "decision": text("digest of the record"),
        "outcome": text(enum=["allow", "deny", "undecidable"]),
        "repository": text(),
        "digest": text(),
        "stage": text(),
        "verdict": _ANY,
        "record": _ANY,
    },
    {"explanation": {"type": ["object", "null"], "description": "for the decision that was made just now"}},
)
_ROW = struct(
    {"decision": text(), "digest": text(), "stage": text(), "verdict": text(), "time": text()},
)


def routes(*, access: Access, judge: Judge, pull: Pull, decisions: Decisions) -> list[Route]:
    """Give the routes of decisions."""
    work = _Work(access, judge, pull, decisions)
    made = Operation(summary="Ask the rules of a stage about an artifact", takes=_WANTED, gives=_DECISION, status=201)
    shown = Operation(summary="Show a decision that was made", gives=_DECISION)
    listed = Operation(
        summary="List the decisions about an artifact, newest first",
        gives=struct({"decisions": array(_ROW)}),
        query={"reference": "NAME:TAG or NAME@DIGEST"},
    )
    fetched = Operation(
        summary="Fetch the record, or an object that a replay of the decision needs",
        gives={"type": "string", "format": "binary"},
        media_type="application/octet-stream",
    )
    any_token: dict[str, Any] = {"access": access, "action": "known"}
    one = "/decisions/{decision}"
    return [
        operation("POST", "/decisions", work.decide, about=made, **any_token),
        operation("GET", "/decisions", work.list, about=listed, **any_token),
        operation("GET", one, work.show, about=shown, **any_token),
        operation("GET", one + "/objects/{digest}", work.fetch, about=fetched, **any_token),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    access: Access
    judge: Judge
    pull: Pull
    decisions: Decisions

    async def decide(self, request: Request) -> dict[str, Any]:
        wanted, who = request.state.document, caller(request)
        reference = Reference.parse(wanted["reference"])
        await self.access.require(who, "pull", reference.repository)
        digest = await self.pull.resolve(reference.repository, reference.target)
        reason = wanted.get("reason", "")
        found = await self.judge.decide(reference.repository, digest, wanted["stage"], who, reason=reason)
        return found.value()

    async def list(self, request: Request) -> dict[str, Any]:
        reference = Reference.parse(request.query_params.get("reference", ""))
        await self.access.require(caller(request), "pull", reference.repository)
        digest = await self.pull.resolve(reference.repository, reference.target)
        return {"decisions": await self.decisions.about(reference.repository, digest)}

    async def show(self, request: Request) -> dict[str, Any]:
        name = await self._name(request)
        return await self.decisions.show(name)

    async def fetch(self, request: Request) -> Response:
        name = await self._name(request)
        data = await self.decisions.fetch(name, Digest.parse(request.path_params["digest"]))
        return Response(data, media_type="application/octet-stream")

    async def _name(self, request: Request) -> Digest:
        """Read the decision's name, and hold the caller against its repository."""
        name = Digest.parse(request.path_params["decision"])
        await self.access.require(caller(request), "pull", await self.decisions.repository(name))
        return name
