"""Names of predicate types, as ``cosign attest --type`` takes them; any URI names itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from graven.errors import Malformed

__all__ = ["NAMES", "predicate_type"]

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "cyclonedx": "https://cyclonedx.org/bom",
        "link": "https://in-toto.io/Link/v1",
        "openvex": "https://openvex.dev/ns",
        "slsaprovenance": "https://slsa.dev/provenance/v0.2",
        "slsaprovenance02": "https://slsa.dev/provenance/v0.2",
        "slsaprovenance1": "https://slsa.dev/provenance/v1",
        "spdx": "https://spdx.dev/Document",
        "spdxjson": "https://spdx.dev/Document",
        "vuln": "https://cosign.sigstore.dev/attestation/vuln/v1",
    }
)


def predicate_type(name: str) -> str:
    """Give the URI of a predicate type.

    >>> predicate_type("openvex")
    'https://openvex.dev/ns'

    Raises:
        Malformed: it is neither a known name nor a URI.
    """
    found = NAMES.get(name, name)
    if ":" not in found:
        raise Malformed(f"got the type {name[:80]!r}, expected a URI or one of {', '.join(NAMES)}", where="type")
    return found
