"""What is in an artifact: its distribution, its components, and what of it was not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from graven.errors import Malformed
from graven.inventory.coverage import Coverage
from graven.inventory.report import VERSION
from graven.values import Component, Distro, Purl, canonical

__all__ = ["Inventory"]

_TEXTS = ("path", "layer", "source", "source_version", "licence", "supplier", "owner")


@dataclass(frozen=True, slots=True)
class Inventory:
    """The result of cataloguing an artifact."""

    distro: Distro | None
    components: tuple[Component, ...]
    """Sorted."""
    coverage: Coverage
    cataloguer: str = VERSION

    @classmethod
    def together(cls, parts: Sequence[Inventory]) -> Inventory:
        """Give all platforms of an index as one; where they differ in distribution, it is not known."""
        distros = {part.distro for part in parts}
        components = sorted({component for part in parts for component in part.components})
        coverage = Coverage.union(*(part.coverage for part in parts))
        return cls(distros.pop() if len(distros) == 1 else None, tuple(components), coverage)

    def without(self, *limits: str) -> Inventory:
        """Give this one with more that was not seen."""
        return replace(self, coverage=Coverage.union(self.coverage, Coverage.of(limits=limits)))

    def encode(self) -> bytes:
        """Write it as canonical JSON (RFC 8785; all keys are ASCII, all numbers small)."""
        document = {
            "cataloguer": self.cataloguer,
            "components": [_row(component) for component in self.components],
            "coverage": self.coverage.document(),
            "distro": None if self.distro is None else {"id": self.distro.id, "version_id": self.distro.version_id},
        }
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def decode(cls, data: bytes) -> Inventory:
        """Read what ``encode`` wrote.

        Raises:
            Malformed: it is something else.
        """
        document = canonical.loads(data, where="inventory")
        try:
            distro = document["distro"]
            return cls(
                None if distro is None else Distro(distro["id"], distro["version_id"]),
                tuple(_component(row) for row in document["components"]),
                Coverage.read(document["coverage"]),
                document["cataloguer"],
            )
        except (KeyError, TypeError, AttributeError) as e:
            raise Malformed(f"no inventory: {type(e).__name__} {e}", where="inventory") from e


def _row(component: Component) -> dict[str, Any]:
    texts = {name: value for name in _TEXTS if (value := getattr(component, name))}
    return {"purl": str(component.purl), **texts}


def _component(row: dict[str, Any]) -> Component:
    return Component(Purl.parse(row["purl"]), **{name: row.get(name, "") for name in _TEXTS})
