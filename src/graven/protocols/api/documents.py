"""The documents that decide: ``/documents/trust``, ``/documents/policy``, ``/documents/stages``.

A body is sent as JSON (stages also as YAML), alone or as ``{"body": …, "demands": …}``; the server signs it while the
chain demands only its own key. A DSSE envelope is taken as it is. Who applies one needs ``trust``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graven.decide import stages
from graven.documents import config
from graven.errors import Malformed, NotFound
from graven.evidence.chain import Demands, Kind
from graven.evidence.keys import PublicKey
from graven.flows.access import Access
from graven.flows.apply import KINDS, Documents
from graven.protocols.api.operation import SERVER, Operation, body, operation, struct, text
from graven.protocols.credentials import caller
from graven.values import canonical

__all__ = ["routes"]

_LIMIT = 8 << 20
_ANY: dict[str, Any] = {}
_SHOWN = struct(
    {
        "kind": text(enum=list(KINDS)),
        "document": text("digest of the envelope"),
        "version": {"type": "integer"},
        "previous": {"type": ["string", "null"]},
        "demands": {"type": "object", "description": "who must sign the next: threshold, keys"},
        "body": _ANY,
    }
)
_APPLIED = struct({"kind": text(enum=list(KINDS)), "document": text("digest of the envelope")})


def routes(*, access: Access, documents: Documents) -> list[Route]:
    """Give the routes of documents."""
    work = _Work(documents)
    shown = Operation(summary="Show the document that is in force", gives=_SHOWN)
    signed = Operation(
        summary="Give the envelope of the document that is in force, as it was signed",
        gives={"type": "object", "description": "DSSE envelope"},
    )
    applied = Operation(
        summary="Make a document take effect: a body, or a signed envelope", gives=_APPLIED, limit=_LIMIT
    )
    one = "/documents/{kind}"
    trust: dict[str, Any] = {"access": access, "action": "trust", "resource": lambda r: f"{SERVER}{_kind(r)}"}
    return [
        operation("GET", one, work.show, about=shown, access=access, action="known"),
        operation("GET", one + "/envelope", work.envelope, about=signed, access=access, action="known"),
        operation("POST", one, work.apply, about=applied, **trust),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    documents: Documents

    async def show(self, request: Request) -> dict[str, Any]:
        link = await self.documents.current(_kind(request))
        previous = None if link.previous is None else str(link.previous)
        return {
            "kind": link.kind,
            "document": str(link.digest),
            "version": link.version,
            "previous": previous,
            "demands": link.demands.value(),
            "body": link.body,
        }

    async def envelope(self, request: Request) -> Response:
        return Response(await self.documents.envelope(_kind(request)), media_type="application/json")

    async def apply(self, request: Request) -> dict[str, Any]:
        kind, data = _kind(request), await body(request, _LIMIT)
        if "yaml" in request.headers.get("content-type", ""):
            found: Any = await self._stages(kind, data)
        else:
            found = canonical.loads(data, where="body")
        if isinstance(found, dict) and "payloadType" in found:
            digest = await self.documents.apply_envelope(kind, data, caller(request))
        else:
            value, demands = _parts(found)
            digest = await self.documents.apply(kind, value, caller(request), demands=demands)
        return {"kind": kind, "document": str(digest)}

    async def _stages(self, kind: Kind, data: bytes) -> Any:
        """Read YAML, with line numbers in what is wrong with it."""
        if kind != "stages":
            raise Malformed(f"got YAML for a {kind} document, expected JSON", where="Content-Type")
        policy = (await self.documents.in_force()).policy
        return stages.parse(config.parse(data, file="stages.yaml"), policy).value()


def _kind(request: Request) -> Kind:
    found = next((kind for kind in KINDS if kind == request.path_params["kind"]), None)
    if found is None:
        raise NotFound(f"no document {request.path_params['kind'][:40]!r}, expected one of {', '.join(KINDS)}")
    return found


def _parts(found: Any) -> tuple[Any, Demands | None]:
    """Tell a body that stands alone from one with demands beside it."""
    if not isinstance(found, dict) or "body" not in found or set(found) - {"body", "demands"}:
        return found, None
    told = found.get("demands")
    if told is None:
        return found["body"], None
    keys = told.get("keys") if isinstance(told, dict) else None
    threshold = told.get("threshold") if isinstance(told, dict) else None
    if not isinstance(keys, list) or type(threshold) is not int or not 1 <= threshold <= len(keys):
        raise Malformed("expected a threshold that its keys can meet, and keys in PEM", where="demands")
    return found["body"], Demands(threshold, tuple(PublicKey.parse(str(key).encode()) for key in keys))
