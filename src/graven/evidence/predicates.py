"""Names of predicate types, as ``cosign attest --type`` takes them; any URI names itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from graven.errors import Malformed

__all__ = ["NAMES", "is_of_type", "predicate_type"]

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


def is_of_type(found: str, wanted: str) -> bool:
    """Tell whether a predicate type is the one that was asked for; a name stands for all versions of its URI.

    >>> is_of_type("https://openvex.dev/ns/v0.2.0", "openvex"), is_of_type("https://openvex.dev/nsx", "openvex")
    (True, False)
    >>> is_of_type("https://openvex.dev/ns/v0.2.0", "https://openvex.dev/ns")
    False
    """
    uri = NAMES.get(wanted)
    return found == wanted if uri is None else found == uri or found.startswith(f"{uri}/")
