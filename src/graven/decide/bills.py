"""Owns what the question says of bills of materials: is one attached and signed, and does it say what is inside?"""

from __future__ import annotations

import json
from typing import Any

from graven.decide.inputs import Inputs
from graven.errors import GravenError
from graven.evidence import cyclonedx, spdx
from graven.evidence.trust import Verified
from graven.values import Component, Purl

__all__ = ["sbom"]

_MOST = 100
"""So many missing packages are named; ``missing_count`` counts all."""

_CYCLONEDX = "https://cyclonedx.org/bom"


def sbom(inputs: Inputs, attested: list[Verified]) -> dict[str, Any]:
    """Tell of the signed bill that agrees best with what is inside; of none, that there is none."""
    inside = inputs.contents.inventory.components if inputs.contents else None
    told = [_told(verified, inside, inputs) for verified in attested]
    if not told:
        return {"present": False, "verified": False, "matches": False}
    return min(told, key=lambda one: (not one["matches"], one["missing_count"] or 0, one["format"], one["evidence"]))


def _told(verified: Verified, inside: tuple[Component, ...] | None, inputs: Inputs) -> dict[str, Any]:
    said: dict[str, Any] = {
        "present": True,
        "verified": True,
        "matches": False,
        "format": "CycloneDX" if verified.predicate_type.startswith(_CYCLONEDX) else "SPDX",
        "spec_version": "",
        "components": [],
        "missing": [],
        "missing_count": None,
        "fault": "",
        "identity": verified.identity,
        "evidence": str(verified.evidence),
    }
    reader = cyclonedx if said["format"] == "CycloneDX" else spdx
    try:
        bill = reader.parse(json.dumps(verified.predicate).encode())
    except GravenError as e:
        return said | {"fault": e.message}
    said |= {"spec_version": bill.spec_version, "components": sorted({str(c.purl) for c in bill.components})}
    if bill.subject is not None and str(bill.subject) != str(inputs.artifact.digest):
        return said | {"fault": f"it is about {bill.subject}"}
    if inside is None:
        return said | {"fault": "the contents were not catalogued, so nothing can be compared"}
    listed = {_package(c.purl) for c in bill.components}
    missing = sorted({str(c.purl) for c in inside if _package(c.purl) not in listed})
    return said | {"matches": not missing, "missing": missing[:_MOST], "missing_count": len(missing)}


def _package(purl: Purl) -> Purl:
    """The package and its version; other tools write other qualifiers."""
    return Purl(purl.type, purl.namespace, purl.name, purl.version)
