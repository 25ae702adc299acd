"""Bills of materials for rules: the same components out of CycloneDX and SPDX, and look-ups among them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from graven.decide.builtins.packages import purl
from graven.errors import GravenError
from graven.evidence import cyclonedx, spdx
from graven.rego import BuiltinError, Value, from_json, to_json

__all__ = ["BUILTINS", "CALLS"]

BUILTINS = (
    "graven.sbom.components: object[any: any] -> array[object[string: any]]",
    "graven.sbom.find: object[any: any], string -> array[object[string: any]]",
)


def _components(document: Value) -> Value:
    return from_json(list(_read(to_json(document))))


def _find(document: Value, package: str) -> Value:
    """Give the components of a package; with a version in the package URL, those of that version."""
    wanted = purl(package)
    found = [
        row
        for row in _read(to_json(document))
        if row["package"] == str(wanted.without_version) and wanted.version in ("", row["version"])
    ]
    return from_json(found)


def _read(document: Any) -> Iterator[dict[str, Any]]:
    try:
        data = json.dumps(document).encode()
        bill = spdx.parse(data) if "spdxVersion" in document else cyclonedx.parse(data)
    except (GravenError, ValueError) as e:
        raise BuiltinError(f"no bill of materials: {e}") from e
    for component in bill.components:
        yield {
            "purl": str(component.purl),
            "package": str(component.purl.without_version),
            "type": component.purl.type,
            "name": component.purl.name,
            "namespace": component.purl.namespace,
            "version": component.purl.version,
            "licence": component.licence,
        }


CALLS: dict[str, Callable[..., Value]] = {
    "graven.sbom.components": _components,
    "graven.sbom.find": _find,
}
