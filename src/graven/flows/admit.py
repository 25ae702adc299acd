"""Admit: answer an API server that asks whether a workload may run (admission.k8s.io/v1).

``mutate`` writes the digest behind each tag that this registry knows, and decides nothing. ``validate`` decides, by the
pure ``decide.admission`` over what the stage of the asking cluster holds, and is one event. A dry run leaves none. What
cannot be read or looked up is refused, with the reason in the words that the cluster's user reads.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from graven.decide.admission import Answer, ImageAnswer, Standing, answer, pinned, read_reference
from graven.decide.workload import WorkloadImage, workload_images
from graven.errors import GravenError
from graven.flows.reviews import Review
from graven.ports import Clock, Journal, Tables
from graven.values import Caller, Digest, Reference, RepositoryName, parse_moment
from graven.values.events import AdmissionAnswered, Event, Outcome

__all__ = ["Admit", "Door", "SummaryFault"]

SummaryFault = Callable[[Digest, Digest, str, str], Awaitable[str]]
"""(manifest of the summary, subject, repository, stage) -> what is wrong with it; empty: nothing."""

_MAX_IMAGES = 200
"""An event names the images; a workload of more is no workload."""


@dataclass(frozen=True, slots=True)
class Door:
    """On whose behalf a review is answered."""

    cluster: str
    stage: str
    grace: timedelta
    """For how long a digest is admitted after another took its place, so that running Pods can be made again."""


@dataclass(frozen=True, kw_only=True)
class Admit:
    """The verbs of admission."""

    journal: Journal
    tables: Tables
    clock: Clock
    summary_fault: SummaryFault
    hosts: frozenset[str]
    """Names under which clusters know this registry."""

    async def mutate(self, review: Review) -> dict[str, Any]:
        """Answer a mutating review: a patch that pins what can be pinned, and a warning for what cannot."""
        patch: list[dict[str, str]] = []
        warnings: list[str] = []
        try:
            images = _changed(review)
        except GravenError as e:
            return review.refuse(str(e))
        for image in images:
            found = await self._resolve(image)
            if isinstance(found, str):
                warnings.append(found)
            elif found is not None:
                patch.append({"op": "replace", "path": image.pointer, "value": pinned(*found)})
        return review.allow(patch=patch, warnings=warnings)

    async def validate(self, review: Review, door: Door, caller: Caller) -> dict[str, Any]:
        """Answer a validating review, and journal the answer unless it is a dry run."""
        found = await self._judge(review, door)
        if not review.dry_run:
            await self._record(review, door, found, caller)
        return review.allow() if found.allowed else review.refuse(found.message)

    async def _judge(self, review: Review, door: Door) -> Answer:
        try:
            images = [image.reference for image in _changed(review)]
        except GravenError as e:
            return Answer((ImageAnswer(review.workload, allowed=False, reason=str(e)),))
        if len(images) > _MAX_IMAGES:
            reason = f"got {len(images)} images, at most {_MAX_IMAGES}"
            return Answer((ImageAnswer(review.workload, allowed=False, reason=reason),))
        standings = await self._standings(images, door)
        return answer(images, standings, hosts=self.hosts, stage=door.stage, now=self.clock(), grace=door.grace)

    async def _resolve(self, image: WorkloadImage) -> tuple[Reference, Digest] | str | None:
        """Find what a tag points to; a text tells why it cannot be known, None that nothing is to be done."""
        try:
            reference = read_reference(image.reference, self.hosts)
        except GravenError:
            return None
        if reference.digest is not None:
            return None
        row = await self.tables.get("tags", (reference.repository, str(reference.tag)))
        if row is None:
            return f"{image.reference} is not in this registry, so it stays unpinned and will be refused"
        return reference, Digest.parse(str(row["digest"]))

    async def _standings(self, images: Sequence[str], door: Door) -> dict[tuple[RepositoryName, Digest], Standing]:
        found = {}
        for text in images:
            try:
                reference = read_reference(text, self.hosts)
            except GravenError:
                continue
            if reference.digest is not None:
                standing = await self._standing(reference.repository, reference.digest, door.stage)
                if standing is not None:
                    found[reference.repository, reference.digest] = standing
        return found

    async def _standing(self, repository: RepositoryName, digest: Digest, stage: str) -> Standing | None:
        row = await self.tables.get("admissible", (stage, repository, str(digest)))
        if row is None:
            return None
        revoked = await self.tables.get("revocations", ("promotion", f"{stage}/{repository}@{row['index_digest']}"))
        if revoked is None:
            revoked = await self.tables.get("revocations", ("promotion", f"{stage}/{repository}@{digest}"))
        return Standing(
            since=parse_moment(str(row["since"])),
            until=None if row["until"] is None else parse_moment(str(row["until"])),
            valid_until=parse_moment(str(row["valid_until"])),
            revoked="" if revoked is None else str(revoked["reason"] or "no reason given"),
            summary_fault=await self.summary_fault(Digest.parse(str(row["vsa"])), digest, repository, stage),
        )

    async def _record(self, review: Review, door: Door, found: Answer, caller: Caller) -> None:
        body = AdmissionAnswered(
            cluster=door.cluster,
            stage=door.stage,
            workload=review.workload[:500],
            allowed=found.allowed,
            images=tuple(image.reference[:512] for image in found.images)[: _MAX_IMAGES // 2],
        )
        outcome: Outcome = "success" if found.allowed else "denied"
        event = Event(body, caller.principal, caller.origin, outcome, reason=found.message[:2000])
        await self.journal.append(event)


def _changed(review: Review) -> tuple[WorkloadImage, ...]:
    """Find the images that this request brings in; what an UPDATE leaves as it was is not asked again."""
    if not review.brings_images:
        return ()
    images = workload_images(review.kind, _mapping(review.document))
    if review.old is None:
        return images
    before = {image.reference for image in workload_images(review.kind, review.old)}
    return tuple(image for image in images if image.reference not in before)


def _mapping(document: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return {} if document is None else document
