"""One artifact's page: what it is, what is inside, where it stands, its decisions, its evidence, its life."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graven.errors import GravenError, NotFound
from graven.inventory import Coverage, Inventory
from graven.protocols.ui.reading import Reading
from graven.values import Digest, canonical

__all__ = ["ArtifactPage", "DecisionTold", "EvidenceTold", "PictureTold", "unseen"]

EvidenceTold = Callable[[str, Digest], Awaitable[Sequence[Mapping[str, Any]]]]
"""(repository, digest) -> what, type, by, standing, tone, why, time of each piece of evidence."""

DecisionTold = Callable[[Digest], Awaitable[Mapping[str, Any]]]
"""Decision -> id, repository, digest, stage, verdict, time, inputs (pairs), reasons (message, where, tone), change."""

PictureTold = Callable[[Digest], Awaitable[Mapping[str, Any]]]
"""Decision -> ways, held, more (ways that are not drawn), fault (why it cannot be drawn)."""

_KINDS = {
    "application/vnd.oci.image.manifest.v1+json": "image",
    "application/vnd.docker.distribution.manifest.v2+json": "image",
    "application/vnd.oci.image.index.v1+json": "image index",
    "application/vnd.docker.distribution.manifest.list.v2+json": "image index",
}
_CHARTS = "application/vnd.cncf.helm.config.v1+json"
_DECISIONS = 20
_PLACES = 10


@dataclass(frozen=True, kw_only=True)
class ArtifactPage:
    """Puts the page together."""

    reading: Reading
    evidence: EvidenceTold
    decision: DecisionTold
    picture: PictureTold

    async def show(self, repository: str, digest: Digest) -> dict[str, Any]:
        """Give all that the page shows.

        Raises:
            NotFound: the repository does not hold it.
        """
        row = await self.reading.tables.get("manifests", (repository, str(digest)))
        if row is None:
            raise NotFound(f"{repository} holds no {digest}")
        manifest = canonical.loads(await self.reading.objects.get(digest))
        return {
            "repository": repository,
            "digest": str(digest),
            "tags": await self.reading.tags_of(repository, str(digest)),
            "kind": _kind(str(row["media_type"]), str(row["artifact_type"] or "")),
            "media_type": row["artifact_type"] or row["media_type"],
            "size": _size(manifest, int(row["size"] or 0)),
            "layers": len(manifest.get("layers") or ()),
            "subject": row["subject"],
            "time": row["time"],
            "standing": await self.reading.stood(repository, str(digest)),
            "inventory": await self._inventory(digest),
            "decisions": await self._decisions(repository, digest),
            "evidence": await self.evidence(repository, digest),
            "events": await self.reading.life(repository, str(digest)),
        }

    async def _decisions(self, repository: str, digest: Digest) -> list[Mapping[str, Any]]:
        """Tell the newest decision of each stage, newest first."""
        rows = await self.reading.tables.scan("judged", (repository, str(digest)), limit=_DECISIONS, reverse=True)
        newest: dict[str, Mapping[str, Any]] = {}
        for _, row in rows:
            if str(row["stage"]) not in newest:
                newest[str(row["stage"])] = await self.decision(Digest.parse(str(row["decision"])))
        return list(newest.values())

    async def _inventory(self, digest: Digest) -> dict[str, Any] | None:
        row = await self.reading.tables.get("inventories", (str(digest),))
        if row is None:
            return None
        try:
            found = Inventory.decode(await self.reading.objects.get(Digest.parse(str(row["inventory"]))))
        except GravenError:
            return None
        kinds = Counter(component.purl.type for component in found.components)
        return {"kinds": kinds.most_common(), "unseen": unseen(found.coverage)}


def unseen(coverage: Coverage) -> list[str]:
    """Say in sentences what of an artifact was not seen."""
    lists = {
        "a program that no package owns": coverage.unowned_executables,
        "an archive that no package owns": coverage.unowned_archives,
        "a folder of packages without metadata": coverage.bare_folders,
        "not read": coverage.limits,
        "a package database that no cataloguer reads": [f"{u.path} ({u.kind})" for u in coverage.unread_databases],
    }
    found = [f"{place}: {words}" for words, places in lists.items() for place in places[:_PLACES]]
    more = sum(max(0, len(places) - _PLACES) for places in lists.values()) + sum(n for _, n in coverage.omitted)
    return [*found, *([f"and {more} more"] if more else [])]


def _kind(media_type: str, artifact_type: str) -> str:
    if artifact_type == _CHARTS:
        return "Helm chart"
    if "file.v1" in artifact_type:
        return "file"
    return _KINDS.get(media_type, "artifact")


def _size(manifest: Mapping[str, Any], own: int) -> int:
    parts = [*(manifest.get("layers") or ()), *(manifest.get("manifests") or ()), manifest.get("config") or {}]
    return own + sum(int(part.get("size") or 0) for part in parts if isinstance(part, Mapping))
