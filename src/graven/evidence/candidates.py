"""Finds in a manifest what could be evidence; nothing here is verified.

Every form in use is read: a Sigstore bundle as a referrer, the tags ``.sig`` (simple signing) and ``.att`` (raw DSSE
envelopes), one candidate for each layer. What cannot be read is a fault with its reason, beside the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from graven.errors import GravenError, Malformed, TooLarge
from graven.evidence import bundle, dsse, simplesigning
from graven.evidence.dsse import Envelope, Signature
from graven.values import Digest, canonical

__all__ = ["MAX_LAYERS", "Candidate", "Fault", "blobs_of", "candidates"]

MAX_LAYERS = 64
"""More in one manifest are not looked at, and that is a fault."""
_DSSE = "application/vnd.dsse.envelope.v1+json"
_READ = frozenset({bundle.MEDIA_TYPE, simplesigning.MEDIA_TYPE, _DSSE})

Fetch = Callable[[Digest], bytes]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something signed, as it was received."""

    evidence: Digest
    """The blob that holds it."""
    signed: bytes
    """What the signatures are over."""
    signatures: tuple[Signature, ...]
    envelope: Envelope | None = None
    """None: simple signing, whose payload is what was signed."""
    keyless: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that looked like evidence and could not be read."""

    evidence: Digest
    reason: str


def blobs_of(manifest: bytes) -> tuple[Digest, ...]:
    """List the blobs of a manifest that hold evidence, less those that are too large to be any.

    Raises:
        Malformed: it is no manifest.
    """
    return tuple(layer.digest for layer in _layers(manifest)[:MAX_LAYERS] if layer.size <= dsse.MAX_ENVELOPE)


def candidates(manifest: bytes, fetch: Fetch) -> tuple[Candidate | Fault, ...]:
    """Read each layer of a manifest that holds evidence.

    Raises:
        Malformed: it is no manifest.
    """
    found: list[Candidate | Fault] = []
    layers = _layers(manifest)
    if len(layers) > MAX_LAYERS:
        found.append(Fault(Digest.of(manifest), f"it has {len(layers)} layers, and {MAX_LAYERS} are looked at"))
    for layer in layers[:MAX_LAYERS]:
        try:
            found.append(_read(layer, _data(layer, fetch)))
        except GravenError as e:
            found.append(Fault(layer.digest, e.message))
    return tuple(found)


class _Layer(NamedTuple):
    digest: Digest
    size: int
    media_type: str
    annotations: Mapping[str, object]


def _data(layer: _Layer, fetch: Fetch) -> bytes:
    if layer.size > dsse.MAX_ENVELOPE:
        raise TooLarge(f"it has {layer.size} bytes, at most {dsse.MAX_ENVELOPE} are looked at")
    data = fetch(layer.digest)
    layer.digest.check(data)
    return data


def _read(layer: _Layer, data: bytes) -> Candidate:
    if layer.media_type == simplesigning.MEDIA_TYPE:
        return Candidate(layer.digest, data, (Signature(simplesigning.signature_of(layer.annotations)),))
    if layer.media_type == _DSSE:
        envelope = dsse.parse(data)
        return Candidate(layer.digest, envelope.signed, envelope.signatures, envelope)
    found = bundle.parse(data)
    return Candidate(layer.digest, found.envelope.signed, found.envelope.signatures, found.envelope, found.keyless)


def _layers(manifest: bytes) -> list[_Layer]:
    value: Any = canonical.loads(manifest, where="manifest")
    layers = value.get("layers") if isinstance(value, Mapping) else None
    if not isinstance(layers, list):
        return []
    found = []
    for layer in layers:
        if not isinstance(layer, Mapping) or not isinstance(layer.get("digest"), str):
            raise Malformed("got a layer without a digest", where="manifest")
        told, size = layer.get("annotations"), layer.get("size")
        if layer.get("mediaType") in _READ:
            kept = told if isinstance(told, Mapping) else {}
            length = size if isinstance(size, int) else 0
            found.append(_Layer(Digest.parse(layer["digest"]), length, layer["mediaType"], kept))
    return found
