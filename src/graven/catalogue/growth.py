"""What may follow what under a tag of an immutable repository.

Tags are write-once. Signature tags are no names of a release but lists that grow: cosign's ``sha256-<hex>.sig``,
``.att`` and ``.sbom`` gain layers, and the referrers fallback tag ``sha256-<hex>`` (distribution-spec, "Referrers Tag
Schema") gains manifests; what was listed before stays, at the beginning and in order.
"""

from __future__ import annotations

import re

from graven.catalogue.oci import Manifest
from graven.values import Descriptor

__all__ = ["follows", "grows"]

_SIGNATURES = re.compile(r"sha(?:256|512)-[0-9a-f]{64}(?:[0-9a-f]{64})?\.(?:sig|att|sbom)")
_REFERRERS = re.compile(r"sha(?:256|512)-[0-9a-f]{64}")


def grows(tag: str) -> bool:
    """Tell whether a tag is a list that may grow.

    >>> grows("sha256-" + "0" * 64 + ".sig"), grows("1.0")
    (True, False)
    """
    return bool(_SIGNATURES.fullmatch(tag) or _REFERRERS.fullmatch(tag))


def follows(tag: str, old: Manifest, new: Manifest) -> str:
    """Say why a manifest may not take another's place under a tag; empty if it may."""
    if _SIGNATURES.fullmatch(tag):
        return _prefix("layers", old.layers, new.layers, kept=not (old.is_index or new.is_index))
    if _REFERRERS.fullmatch(tag):
        return _prefix("manifests", old.manifests, new.manifests, kept=old.is_index and new.is_index)
    return "its tags are write-once and this one is taken by other content"


def _prefix(what: str, before: tuple[Descriptor, ...], after: tuple[Descriptor, ...], *, kept: bool) -> str:
    if not kept:
        return f"a signature tag keeps its kind: a list of {what}"
    if after[: len(before)] == before:
        return ""
    return f"a signature tag only grows: its {len(before)} {what} must stay at the beginning of the new list"
