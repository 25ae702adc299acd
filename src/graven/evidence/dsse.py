"""DSSE envelopes (secure-systems-lab/dsse, envelope.md and protocol.md). A payload's bytes are kept as signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graven.errors import Malformed, TooLarge
from graven.evidence import armour
from graven.values import canonical

__all__ = ["IN_TOTO", "MAX_ENVELOPE", "Envelope", "Signature", "pae", "parse", "read"]

IN_TOTO = "application/vnd.in-toto+json"
MAX_ENVELOPE = 16 << 20
_MAX_SIGNATURES = 64


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature over the envelope's payload."""

    sig: bytes
    keyid: str = ""
    """A hint that nobody has signed; it decides nothing."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload with signatures over it."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    @property
    def signed(self) -> bytes:
        """The bytes that the signatures are over."""
        return pae(self.payload_type, self.payload)

    def value(self) -> dict[str, Any]:
        """Give the JSON form, as cosign writes it: no keyid where there is none."""
        signatures = [{"sig": armour.encode(s.sig), **({"keyid": s.keyid} if s.keyid else {})} for s in self.signatures]
        return {"payload": armour.encode(self.payload), "payloadType": self.payload_type, "signatures": signatures}

    def encode(self) -> bytes:
        """Write it."""
        return json.dumps(self.value(), separators=(",", ":")).encode()


def pae(payload_type: str, payload: bytes) -> bytes:
    """Pre-authentication encoding: ``DSSEv1 SP LEN(type) SP type SP LEN(body) SP body``.

    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def parse(data: bytes, *, where: str = "DSSE envelope") -> Envelope:
    """Read an envelope.

    Raises:
        Malformed: it is none.
        TooLarge: more than 16 MiB.
    """
    if len(data) > MAX_ENVELOPE:
        raise TooLarge(f"got an envelope of {len(data)} bytes, at most {MAX_ENVELOPE}", where=where)
    return read(canonical.loads(data, where=where), where=where)


def read(value: Any, *, where: str = "DSSE envelope") -> Envelope:
    """Read the JSON value of an envelope.

    Raises:
        Malformed: it is none.
        TooLarge: more than 64 signatures.
    """
    if not isinstance(value, Mapping):
        raise Malformed("got no object", where=where)
    payload_type, signatures = value.get("payloadType"), value.get("signatures")
    if not isinstance(payload_type, str) or not isinstance(signatures, list) or not signatures:
        raise Malformed("expected payloadType, payload and at least one of signatures", where=where)
    if not payload_type.isascii():
        raise Malformed("got a payloadType that is no media type", where=where)
    if len(signatures) > _MAX_SIGNATURES:
        raise TooLarge(f"got {len(signatures)} signatures, at most {_MAX_SIGNATURES}", where=where)
    payload = armour.decode(value.get("payload"), where=f"{where}, payload")
    return Envelope(payload_type, payload, tuple(_signature(s, where) for s in signatures))


def _signature(value: Any, where: str) -> Signature:
    if not isinstance(value, Mapping):
        raise Malformed("got a signature that is no object", where=where)
    keyid = value.get("keyid") or ""
    if not isinstance(keyid, str):
        raise Malformed("got a keyid that is no text", where=where)
    return Signature(armour.decode(value.get("sig"), where=f"{where}, sig"), keyid)
