"""Owns the way from the parts of a question back to the stored evidence that speaks through them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["looked_at"]

_PROOFS = {
    "signature": ("signatures", "evidence"),
    "signatures": ("signatures", "evidence"),
    "sbom": ("sbom", "evidence"),
    "provenance": ("provenance", "evidence"),
    "attestations": ("attestations", "evidence"),
    "vulnerabilities": ("vulnerabilities", "snapshot"),
}
"""Top level of the question -> where the digests stand."""


def looked_at(question: Mapping[str, Any], paths: Iterable[str] = ("input",)) -> tuple[str, ...]:
    """Give the digests behind the parts that these paths lead to; ``input`` alone leads to all.

    >>> looked_at({"signatures": [{"evidence": "sha256:1"}]}, ["input.signature.verified"])
    ('sha256:1',)
    """
    tops = {(*path.split("."), "")[1].partition("[")[0] for path in paths}
    wanted = _PROOFS if "" in tops else [top for top in tops if top in _PROOFS]
    return tuple(sorted({digest for top in wanted for digest in _digests(question, *_PROOFS[top])}))


def _digests(question: Mapping[str, Any], part: str, name: str) -> Iterable[str]:
    held = question.get(part)
    for one in held if isinstance(held, list | tuple) else [held]:
        found = one.get(name) if isinstance(one, Mapping) else None
        found = found.get("digest") if isinstance(found, Mapping) else found
        if isinstance(found, str) and found:
            yield found
