"""CycloneDX in JSON: 1.6 is written, 1.2 to 1.7 are read (ECMA-424; CycloneDX/specification, bom-1.6.schema.json).

The same inventory gives the same bytes: all is sorted, the serial number is a UUIDv5, the time is handed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson

from graven.errors import Malformed, Unsupported
from graven.evidence.bill import TOOL, Sbom, found_digest, found_purl, is_spdx, key, rows, serial, text
from graven.inventory import Inventory
from graven.values import Component, Digest, Distro, Purl, canonical

__all__ = ["MEDIA_TYPE", "PREDICATE_TYPE", "parse", "render"]

PREDICATE_TYPE: Final = "https://cyclonedx.org/bom"
MEDIA_TYPE: Final = "application/vnd.cyclonedx+json"

_READS = tuple(f"1.{minor}" for minor in range(2, 8))
_ALGORITHMS = {"sha256": "SHA-256", "sha512": "SHA-512"}
_PROPERTIES = ("layer", "source", "source_version", "owner")


def render(inventory: Inventory, *, subject: Digest, name: str, moment: str) -> bytes:
    """Write the bill of an artifact."""
    refs = [key(component) for component in inventory.components]
    aggregate = "complete" if inventory.coverage.complete else "incomplete"
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial(subject, inventory.cataloguer, 'cyclonedx')}",
        "version": 1,
        "metadata": {
            "timestamp": moment,
            "tools": {"components": [{"type": "application", "name": TOOL, "version": inventory.cataloguer}]},
            "component": _subject(subject, name),
        },
        "components": [*_system(inventory.distro), *map(_rendered, inventory.components, refs)],
        "dependencies": [{"ref": str(subject), "dependsOn": sorted(refs)}],
        "compositions": [{"aggregate": aggregate, "assemblies": [str(subject)]}],
    }
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def _subject(subject: Digest, name: str) -> dict[str, Any]:
    return {
        "bom-ref": str(subject),
        "type": "container",
        "name": name,
        "version": str(subject),
        "purl": str(Purl.make("oci", name.rpartition("/")[2].lower() or "image", str(subject))),
        "hashes": [{"alg": _ALGORITHMS[subject.algorithm], "content": subject.hex}],
    }


def _system(distro: Distro | None) -> list[dict[str, Any]]:
    if distro is None:
        return []
    ref = f"os:{distro.id}-{distro.version_id}"
    return [{"type": "operating-system", "bom-ref": ref, "name": distro.id, "version": distro.version_id}]


def _rendered(component: Component, ref: str) -> dict[str, Any]:
    purl = component.purl
    row: dict[str, Any] = {
        "type": "library",
        "bom-ref": ref,
        "name": purl.name,
        "version": purl.version,
        "purl": str(purl),
        "evidence": {
            "identity": [
                {
                    "field": "purl",
                    "confidence": 1,
                    "methods": [{"technique": "manifest-analysis", "confidence": 1, "value": component.path}],
                }
            ],
            "occurrences": [{"location": component.path, "additionalContext": component.layer}],
        },
        "properties": [
            {"name": f"graven:{each}", "value": value} for each in _PROPERTIES if (value := getattr(component, each))
        ],
    }
    if purl.type == "npm" and purl.namespace:
        row["group"] = purl.namespace
    if component.licence:
        row["licenses"] = [_licence(component.licence)]
    if component.supplier:
        row["supplier"] = {"name": component.supplier}
    return row


def _licence(licence: str) -> dict[str, Any]:
    if not is_spdx(licence):
        return {"license": {"name": licence, "acknowledgement": "declared"}}
    if " " in licence:
        return {"expression": licence, "acknowledgement": "declared"}
    return {"license": {"id": licence, "acknowledgement": "declared"}}


def parse(data: bytes) -> Sbom:
    """Read a bill, of graven or of another tool.

    Raises:
        Malformed: it is no CycloneDX document, or a component of it cannot be read.
        Unsupported: it is of a version that is not read.
    """
    document = canonical.loads(data, where="sbom")
    if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX":
        raise Malformed("got no CycloneDX document: bomFormat is not CycloneDX", where="sbom")
    version = text(document, "specVersion", "specVersion")
    if version not in _READS:
        raise Unsupported(f"got CycloneDX {version!r}, expected one of {', '.join(_READS)}", where="specVersion")
    found: list[Component] = []
    distro, nameless = None, 0
    for row, where in _all(document, ""):
        if row.get("type") == "operating-system":
            distro = Distro(text(row, "name", where), text(row, "version", where))
        elif purl := text(row, "purl", where):
            found.append(_read(row, found_purl(purl, where), where))
        else:
            nameless += 1
    return Sbom("cyclonedx", version, _about(document), tuple(sorted(found)), distro, nameless)


def _all(parent: dict[str, Any], where: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Give each component, and those inside it."""
    for row, place in rows(parent, "components", where):
        yield row, place
        yield from _all(row, place)


def _about(document: dict[str, Any]) -> Digest | None:
    metadata = document.get("metadata")
    component = metadata.get("component") if isinstance(metadata, dict) else None
    if not isinstance(component, dict):
        return None
    where = "metadata.component"
    names = {shown: algorithm for algorithm, shown in _ALGORITHMS.items()}
    hashes = (
        f"{names.get(text(row, 'alg', place), '')}:{text(row, 'content', place)}"
        for row, place in rows(component, "hashes", where)
    )
    return found_digest(iter((text(component, "version", where), *hashes)))


def _read(row: dict[str, Any], purl: Purl, where: str) -> Component:
    told = {text(each, "name", at): text(each, "value", at) for each, at in rows(row, "properties", where)}
    own = {each: told.get(f"graven:{each}", "") for each in _PROPERTIES}
    upstream, _, upstream_version = purl.qualifier("upstream").partition("@")
    supplier = row.get("supplier")
    return Component(
        purl,
        _location(row, where),
        own["layer"],
        own["source"] or upstream,
        own["source_version"] or upstream_version,
        _declared(row, where),
        text(supplier, "name", where) if isinstance(supplier, dict) else "",
        own["owner"],
    )


def _location(row: dict[str, Any], where: str) -> str:
    evidence = row.get("evidence")
    places = rows(evidence, "occurrences", where) if isinstance(evidence, dict) else []
    return text(places[0][0], "location", places[0][1]) if places else ""


def _declared(row: dict[str, Any], where: str) -> str:
    names = []
    for each, at in rows(row, "licenses", where):
        licence = each.get("license")
        inner = licence if isinstance(licence, dict) else {}
        names.append(text(each, "expression", at) or text(inner, "id", at) or text(inner, "name", at))
    return " AND ".join(name for name in names if name)
