"""What is in an artifact: its distribution, its components, and what of it was not seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
    def unseen(cls, *limits: str, archives: Iterable[str] = ()) -> Inventory:
        """Give the inventory of what was not looked into, which says so."""
        return cls(None, (), Coverage.of(limits=limits, unowned_archives=archives))

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
