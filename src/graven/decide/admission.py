"""Whether a workload may run: a pure function over the set of digests that a stage holds.

The steps, in order, for each image of a workload (decided from the positive fact that all are satisfied, never from the
absence of errors):

1. The reference can be read.
2. It names this registry: one of the hosts under which the cluster knows it.
3. It is pinned by digest (the mutating webhook writes the digest behind the tag).
4. The stage holds the digest now, or held it within the grace.
5. The promotion has not been revoked, nor the key that signed its summary.
6. Its verification summary (VSA) is valid: signature, subject, repository, stage, result and time.

An image that an UPDATE leaves as it was is not judged again: scaling or annotating an old workload must not break.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from graven.errors import GravenError
from graven.values import Digest, Reference, RepositoryName

__all__ = ["Answer", "ImageAnswer", "Standing", "answer", "judge", "pinned", "read_reference"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a digest in a stage."""

    since: datetime
    until: datetime | None
    """When another digest took its place; None: it stands now."""
    valid_until: datetime
    revoked: str = ""
    """Why its promotion, or the key of its summary, was revoked; empty: it was not."""
    summary_fault: str = ""
    """What is wrong with its verification summary; empty: nothing."""


@dataclass(frozen=True, slots=True)
class ImageAnswer:
    """The answer for one image."""

    reference: str
    allowed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for a workload: allowed when each image is."""

    images: tuple[ImageAnswer, ...]

    @property
    def allowed(self) -> bool:
        """Tell whether every image was found to be allowed."""
        return all(image.allowed for image in self.images)

    @property
    def message(self) -> str:
        """What the user of the cluster reads, one line an image that was refused."""
        return "\n".join(f"{image.reference}: {image.reason}" for image in self.images if not image.allowed)


def read_reference(text: str, hosts: Iterable[str]) -> Reference:
    """Read an image reference that must name this registry (steps 1 and 2).

    Raises:
        Malformed: it cannot be read.
        GravenError: it names another registry.
    """
    found = Reference.parse(text)
    known = sorted(hosts)
    if found.host not in known:
        elsewhere = found.host or "docker.io"
        raise GravenError(f"it comes from {elsewhere}, and only images of {', '.join(known)} may run here")
    return found


def judge(reference: Reference, standing: Standing | None, *, stage: str, now: datetime, grace: timedelta) -> str:
    """Give the reason for which a pinned image may not run (steps 4 to 6), or the empty string."""
    name = f"{reference.repository}@{_short(reference.digest)}"
    if standing is None:
        return (
            f"{name} was not promoted to {stage}: graven promote {reference.repository}@{reference.digest} --to {stage}"
        )
    if standing.until is not None and now > standing.until + grace:
        return f"{name} is in {stage} no longer, since {standing.until:%Y-%m-%d %H:%M} UTC"
    if standing.revoked:
        return f"{name} was revoked: {standing.revoked}"
    if standing.summary_fault:
        return f"{name} has no valid verification summary for {stage}: {standing.summary_fault}"
    if now > standing.valid_until:
        return f"{name}: its promotion to {stage} ended on {standing.valid_until:%Y-%m-%d}; promote it again"
    return ""


def answer(
    images: Sequence[str],
    standings: Mapping[tuple[RepositoryName, Digest], Standing],
    *,
    hosts: Iterable[str],
    stage: str,
    now: datetime,
    grace: timedelta,
) -> Answer:
    """Judge each image reference of a workload against what a stage holds."""
    known = frozenset(hosts)
    found = []
    for text in images:
        reason = _reason(text, standings, hosts=known, stage=stage, now=now, grace=grace)
        found.append(ImageAnswer(text, allowed=not reason, reason=reason or f"promoted to {stage}"))
    return Answer(tuple(found))


def pinned(reference: Reference, digest: Digest) -> str:
    """Write a reference with the digest behind its tag, as a patch puts it into a workload."""
    return str(Reference(reference.host, reference.repository, reference.tag, digest))


def _reason(
    text: str,
    standings: Mapping[tuple[RepositoryName, Digest], Standing],
    *,
    hosts: frozenset[str],
    stage: str,
    now: datetime,
    grace: timedelta,
) -> str:
    try:
        reference = read_reference(text, hosts)
    except GravenError as e:
        return str(e)
    if reference.digest is None:
        return (
            "it is not pinned by digest, so that what it names can change; the mutating webhook pins what is promoted"
        )
    standing = standings.get((reference.repository, reference.digest))
    return judge(reference, standing, stage=stage, now=now, grace=grace)


def _short(digest: Digest | None) -> str:
    return f"{digest.algorithm}:{digest.hex[:12]}" if digest else "?"
