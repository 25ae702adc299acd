"""SPDX 2.3 in JSON: written, and with 2.2 read (ISO/IEC 5962; spdx.github.io/spdx-spec/v2.3).

The same inventory gives the same bytes: all is sorted, the name space is a UUIDv5, the time is handed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Final

import orjson

from graven.errors import Malformed, Unsupported
from graven.evidence.bill import TOOL, Sbom, found_digest, found_purl, is_spdx, key, rows, serial, text
from graven.inventory import Inventory
from graven.values import Component, Digest, Distro, Purl, canonical, parse_moment

__all__ = ["MEDIA_TYPE", "PREDICATE_TYPE", "parse", "render"]

PREDICATE_TYPE: Final = "https://spdx.dev/Document"
MEDIA_TYPE: Final = "application/spdx+json"

_READS = ("SPDX-2.2", "SPDX-2.3")
_NONE = "NOASSERTION"
_DOCUMENT = "SPDXRef-DOCUMENT"
_SUBJECT = "SPDXRef-Subject"
_SYSTEM = "SPDXRef-OperatingSystem"
_FOUND = re.compile(r"found at (.*) in layer (\S*)")
_COMMENT = re.compile(r"(source|source_version|owner)=(\S+)")


def render(inventory: Inventory, *, subject: Digest, name: str, moment: str) -> bytes:
    """Write the bill of an artifact."""
    unlisted = sorted({c.licence for c in inventory.components if c.licence and not is_spdx(c.licence)})
    packages = [_subject(subject, name), *_system(inventory.distro), *map(_rendered, inventory.components)]
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": _DOCUMENT,
        "name": name,
        "documentNamespace": f"urn:uuid:{serial(subject, inventory.cataloguer, 'spdx')}",
        "creationInfo": {
            # "The format of date and time is YYYY-MM-DDThh:mm:ssZ": no fractions.
            "created": parse_moment(moment).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Tool: {TOOL}-{inventory.cataloguer}"],
        },
        "packages": packages,
        "relationships": [
            _relation(_DOCUMENT, "DESCRIBES", _SUBJECT),
            *(_relation(_SUBJECT, "CONTAINS", package["SPDXID"]) for package in packages[1:]),
        ],
        "hasExtractedLicensingInfos": [
            {"licenseId": _reference(licence), "name": licence, "extractedText": licence} for licence in unlisted
        ],
    }
    if not inventory.coverage.complete:
        document["comment"] = "incomplete: parts of the artifact were not seen; graven's inventory names them"
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def _subject(subject: Digest, name: str) -> dict[str, Any]:
    return {
        **_package(_SUBJECT, name, str(subject)),
        "primaryPackagePurpose": "CONTAINER",
        "checksums": [{"algorithm": subject.algorithm.upper(), "checksumValue": subject.hex}],
    }


def _system(distro: Distro | None) -> list[dict[str, Any]]:
    if distro is None:
        return []
    return [{**_package(_SYSTEM, distro.id, distro.version_id), "primaryPackagePurpose": "OPERATING-SYSTEM"}]


def _package(identifier: str, name: str, version: str) -> dict[str, Any]:
    row = {
        "SPDXID": identifier,
        "name": name,
        "downloadLocation": _NONE,
        "filesAnalyzed": False,
        "licenseConcluded": _NONE,
        "licenseDeclared": _NONE,
        "copyrightText": _NONE,
    }
    return {**row, "versionInfo": version} if version else row


def _rendered(component: Component) -> dict[str, Any]:
    purl = str(component.purl)
    scoped = component.purl.type == "npm" and component.purl.namespace
    name = f"{component.purl.namespace}/{component.purl.name}" if scoped else component.purl.name
    row: dict[str, Any] = {
        **_package(f"SPDXRef-Package-{key(component)}", name, component.purl.version),
        "primaryPackagePurpose": "LIBRARY",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}],
        "sourceInfo": f"found at {component.path} in layer {component.layer}",
        "supplier": f"Organization: {component.supplier}" if component.supplier else _NONE,
    }
    facts = {each: getattr(component, each) for each in ("source", "source_version", "owner")}
    if comment := " ".join(f"{each}={value}" for each, value in facts.items() if value):
        row["comment"] = comment
    if component.licence:
        row["licenseDeclared"] = component.licence if is_spdx(component.licence) else _reference(component.licence)
    return row


def _reference(licence: str) -> str:
    return f"LicenseRef-{blake2b(licence.encode(), digest_size=8).hexdigest()}"


def _relation(element: str, kind: str, related: str) -> dict[str, Any]:
    return {"spdxElementId": element, "relationshipType": kind, "relatedSpdxElement": related}


def parse(data: bytes) -> Sbom:
    """Read a bill, of graven or of another tool.

    Raises:
        Malformed: it is no SPDX document, or a package of it cannot be read.
        Unsupported: it is of a version that is not read.
    """
    document = canonical.loads(data, where="sbom")
    if not isinstance(document, dict) or not isinstance(document.get("spdxVersion"), str):
        raise Malformed("got no SPDX document: it has no spdxVersion", where="sbom")
    version = document["spdxVersion"]
    if version not in _READS:
        raise Unsupported(f"got {version[:40]!r}, expected one of {', '.join(_READS)}", where="spdxVersion")
    described = {text(row, "relatedSpdxElement", at) for row, at in _described(document)}
    licences = _extracted(document)
    packages = rows(document, "packages", "")
    inner = [(row, at) for row, at in packages if text(row, "SPDXID", at) not in described]
    systems = [(row, at) for row, at in inner if row.get("primaryPackagePurpose") == "OPERATING-SYSTEM"]
    named = [(row, at, purl) for row, at in inner if (purl := _purl(row, at))]
    found = (_read(row, at, purl, licences) for row, at, purl in named)
    about = (each for row, at in packages if text(row, "SPDXID", at) in described for each in _digests(row, at))
    distro = next((Distro(text(row, "name", at), text(row, "versionInfo", at)) for row, at in systems), None)
    nameless = len(inner) - len(systems) - len(named)
    return Sbom("spdx", version.removeprefix("SPDX-"), found_digest(about), tuple(sorted(found)), distro, nameless)


def _described(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    relations = rows(document, "relationships", "")
    yield from ((row, at) for row, at in relations if row.get("relationshipType") == "DESCRIBES")
    # "documentDescribes" is the deprecated form of the same.
    older = document.get("documentDescribes")
    for name in older if isinstance(older, list) else ():
        yield {"relatedSpdxElement": name}, "documentDescribes"


def _digests(row: dict[str, Any], where: str) -> Iterator[str]:
    for each, at in rows(row, "checksums", where):
        yield f"{text(each, 'algorithm', at).lower()}:{text(each, 'checksumValue', at)}"
    yield text(row, "versionInfo", where)


def _extracted(document: dict[str, Any]) -> dict[str, str]:
    found = rows(document, "hasExtractedLicensingInfos", "")
    return {text(row, "licenseId", at): text(row, "name", at) or text(row, "licenseId", at) for row, at in found}


def _purl(row: dict[str, Any], where: str) -> Purl | None:
    references = rows(row, "externalRefs", where)
    told = (text(each, "referenceLocator", at) for each, at in references if each.get("referenceType") == "purl")
    first = next(told, "")
    return found_purl(first, where) if first else None


def _read(row: dict[str, Any], where: str, purl: Purl, licences: dict[str, str]) -> Component:
    place = _FOUND.fullmatch(text(row, "sourceInfo", where))
    facts = dict(_COMMENT.findall(text(row, "comment", where)))
    upstream, _, upstream_version = purl.qualifier("upstream").partition("@")
    declared, supplier = text(row, "licenseDeclared", where), text(row, "supplier", where)
    return Component(
        purl,
        place[1] if place else "",
        place[2] if place else "",
        facts.get("source", "") or upstream,
        facts.get("source_version", "") or upstream_version,
        "" if declared in (_NONE, "NONE") else licences.get(declared, declared),
        "" if supplier == _NONE else supplier.partition(": ")[2],
        facts.get("owner", ""),
    )
