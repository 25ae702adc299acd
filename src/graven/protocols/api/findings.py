"""What is known to be wrong with an artifact: ``/findings``, of ``REPOSITORY@DIGEST`` or of a bill that is sent.

These are the matches as such, by the newest advisories. What VEX says of them, and whether they stop anything, is a
matter of a decision.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from graven.evidence import cyclonedx, spdx
from graven.evidence.matching import MATCHER_VERSION
from graven.flows.access import Access
from graven.flows.advisories import Advisories, Scan
from graven.flows.catalogue import Catalogue
from graven.flows.pull import Pull
from graven.protocols.api.operation import Operation, array, body, operation, struct, text

__all__ = ["routes"]

_BILL = 64 << 20
_NAMES = array(text())
_FINDING = struct(
    {
        "id": text("the CVE where there is one"),
        "aliases": _NAMES,
        "upstream": _NAMES,
        "kind": text(enum=["vulnerability", "malware"]),
        "purl": text("package URL"),
        "version": text("that was compared"),
        "paths": _NAMES,
        "severity": text(enum=["critical", "high", "medium", "low", "none", "unknown"]),
        "score": {"type": ["number", "null"]},
        "fixed": _NAMES,
        "kev": {"type": "boolean"},
        "published": text(),
        "advisories": _NAMES,
    }
)
_UNKNOWN = struct({"purl": text(), "cause": text(enum=["distro", "ecosystem", "version", "range"]), "reason": text()})
_SCAN = struct(
    {
        "subject": {"type": ["string", "null"], "description": "digest"},
        "snapshot": text("digest"),
        "moment": text("when the advisories were imported"),
        "matcher": text("its version"),
        "components": {"type": "integer"},
        "nameless": {"type": "integer", "description": "components of a bill that have no package URL"},
        "findings": array(_FINDING),
        "unknown": array(_UNKNOWN),
    }
)


def routes(*, access: Access, advisories: Advisories, catalogue: Catalogue, pull: Pull) -> list[Route]:
    """Give the routes of findings."""
    work = _Work(advisories, catalogue, pull)
    shown = Operation(summary="Match what is in an artifact against the newest advisories", gives=_SCAN)
    sent = Operation(
        summary="Match a CycloneDX or SPDX document that is sent against the newest advisories", gives=_SCAN
    )
    at = "/findings/{repository:path}@{reference}"
    return [
        operation("GET", at, work.show, about=shown, access=access, action="pull", resource=_repository),
        operation("POST", "/findings", work.match, about=sent, access=access, action="known"),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    advisories: Advisories
    catalogue: Catalogue
    pull: Pull

    async def show(self, request: Request) -> dict[str, Any]:
        repository = _repository(request)
        subject = await self.pull.resolve(repository, request.path_params["reference"])
        found = (await self.catalogue.inventory(repository, subject)).inventory
        scan = await self.advisories.scan(found.components, found.distro)
        return _shown(scan, subject=str(subject), components=len(found.components))

    async def match(self, request: Request) -> dict[str, Any]:
        data = await body(request, _BILL)
        bill = cyclonedx.parse(data) if b'"bomFormat"' in data else spdx.parse(data)
        scan = await self.advisories.scan(bill.components, bill.distro)
        subject = None if bill.subject is None else str(bill.subject)
        return _shown(scan, subject=subject, components=len(bill.components), nameless=bill.nameless)


def _repository(request: Request) -> str:
    found: str = request.path_params["repository"]
    return found


def _shown(scan: Scan, *, subject: str | None, components: int, nameless: int = 0) -> dict[str, Any]:
    findings = [asdict(finding) for finding in scan.matches.findings]
    for finding in findings:
        del finding["vex"]
    return {
        "subject": subject,
        "snapshot": str(scan.snapshot),
        "moment": scan.moment,
        "matcher": MATCHER_VERSION,
        "components": components,
        "nameless": nameless,
        "findings": findings,
        "unknown": [asdict(unmatched) for unmatched in scan.matches.unknown],
    }
