"""What is in an artifact: ``/inventory`` and ``/sbom``, of ``REPOSITORY@DIGEST``; a tag will do for the digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graven.errors import Malformed
from graven.evidence import cyclonedx, spdx
from graven.evidence.bill import Format
from graven.flows.access import Access
from graven.flows.bills import Bills
from graven.flows.catalogue import Catalogue
from graven.flows.pull import Pull
from graven.protocols.api.operation import Operation, array, operation, struct, text
from graven.protocols.credentials import caller
from graven.values import Digest

__all__ = ["routes"]

_FORMATS: tuple[Format, ...] = get_args(Format)
_MEDIA_TYPES = {"cyclonedx": cyclonedx.MEDIA_TYPE, "spdx": spdx.MEDIA_TYPE}
_TEXTS = array(text())
_COMPONENT = struct(
    {"purl": text("package URL")},
    {
        "path": text("the file that told of it"),
        "layer": text("digest of the layer that holds the file"),
        "source": text("source package, where its name differs"),
        "source_version": text("its version, where it differs"),
        "licence": text("as declared"),
        "supplier": text("as declared"),
        "owner": text("the distribution's package that owns the file"),
    },
)
_COVERAGE = struct(
    {
        "unread_databases": array(struct({"kind": text("such as apk or rpm"), "path": text()})),
        "unowned_executables": _TEXTS,
        "unowned_archives": _TEXTS,
        "bare_folders": _TEXTS,
        "limits": _TEXTS,
        "omitted": {"type": "object", "additionalProperties": {"type": "integer"}},
    }
)
_INVENTORY = struct(
    {
        "cataloguer": text("its version"),
        "distro": {"type": ["object", "null"], "properties": {"id": text(), "version_id": text()}},
        "components": array(_COMPONENT),
        "coverage": _COVERAGE,
    }
)
_SHOWN = struct({"subject": text("digest"), "digest": text("of the stored inventory"), "inventory": _INVENTORY})
_ROW = struct({"format": text(enum=list(_FORMATS)), "digest": text("of the referrer"), "made": {"type": "boolean"}})
_ATTACHED = struct({"subject": text("digest"), "attached": array(_ROW)})


def routes(*, access: Access, catalogue: Catalogue, bills: Bills, pull: Pull) -> list[Route]:
    """Give the routes of inventories."""
    work = _Work(catalogue, bills, pull)
    shown = Operation(summary="Tell what is in an artifact, and what of it was not seen", gives=_SHOWN)
    bill = Operation(
        summary="Write the bill of materials of an artifact",
        gives={"type": "object"},
        query={"format": "cyclonedx (the default) or spdx"},
        media_type=cyclonedx.MEDIA_TYPE,
    )
    attached = Operation(summary="Sign and attach both bills of materials of an artifact, once", gives=_ATTACHED)
    at = "/{repository:path}@{reference}"
    where: dict[str, Any] = {"access": access, "resource": _repository}
    return [
        operation("GET", f"/inventory{at}", work.show, about=shown, action="pull", **where),
        operation("GET", f"/sbom{at}", work.bill, about=bill, action="pull", **where),
        operation("POST", f"/sbom{at}/attach", work.attach, about=attached, action="sign", **where),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    catalogue: Catalogue
    bills: Bills
    pull: Pull

    async def show(self, request: Request) -> dict[str, Any]:
        subject = await self._subject(request)
        found = await self.catalogue.inventory(_repository(request), subject)
        inventory = orjson.Fragment(found.inventory.encode())
        return {"subject": str(subject), "digest": str(found.digest), "inventory": inventory}

    async def bill(self, request: Request) -> Response:
        wanted = _format(request)
        subject = await self._subject(request)
        document = await self.catalogue.sbom(_repository(request), subject, wanted)
        return Response(document, media_type=_MEDIA_TYPES[wanted])

    async def attach(self, request: Request) -> dict[str, Any]:
        subject = await self._subject(request)
        found = await self.bills.attach(_repository(request), subject, caller=caller(request))
        rows = [{"format": each.format, "digest": str(each.digest), "made": each.made} for each in found]
        return {"subject": str(subject), "attached": rows}

    async def _subject(self, request: Request) -> Digest:
        return await self.pull.resolve(_repository(request), request.path_params["reference"])


def _repository(request: Request) -> str:
    found: str = request.path_params["repository"]
    return found


def _format(request: Request) -> Format:
    told = request.query_params.get("format", "cyclonedx")
    found = next((each for each in _FORMATS if each == told), None)
    if found is None:
        raise Malformed(f"got the format {told[:40]!r}, expected {' or '.join(_FORMATS)}", where="format")
    return found
