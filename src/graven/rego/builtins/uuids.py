"""Owns UUIDs: what one says, and one made from given entropy."""

from __future__ import annotations

import re
from uuid import UUID

from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin
from graven.rego.values import RegoObject, Value

__all__ = ["BUILTINS"]

_PLAIN = re.compile(r"[0-9a-fA-F]{32}\Z")
_DASHED = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\Z")
_DOMAINS = {0: "Person", 1: "Group", 2: "Org"}
_TICKS_TO_1970 = 122_192_928_000_000_000


def _read(text: str) -> UUID | None:
    size = len(text)
    if size == 45 and text[:9].lower() == "urn:uuid:":
        text = text[9:]
    elif size == 38:
        text = text[1:-1]
    elif size == 32:
        return UUID(text) if _PLAIN.match(text) else None
    return UUID(text) if _DASHED.match(text) else None


def _variant(found: UUID) -> str:
    top = found.bytes[8]
    if top & 0xC0 == 0x80:
        return "RFC4122"
    if top & 0xE0 == 0xC0:
        return "Microsoft"
    return "Future" if top & 0xE0 == 0xE0 else "Reserved"


def _parse(text: str) -> Value:
    found = _read(text)
    if found is None:
        raise BuiltinError(f"invalid UUID {text!r}")
    version = found.bytes[6] >> 4
    parts: dict[str, Value] = {"version": version, "variant": _variant(found)}
    if version in (1, 2):
        node = found.bytes[10:]
        parts["nodeid"] = "-".join(f"{byte:02x}" for byte in node)
        parts["macvariables"] = ("local:" if node[0] & 2 else "global:") + ("multicast" if node[0] & 1 else "unicast")
        parts["clocksequence"] = (found.bytes[8] << 8 | found.bytes[9]) & 0x3FFF
        ticks = found.time_low | found.time_mid << 32 | (found.time_hi_version & 0x0FFF) << 48
        parts["time"] = (ticks - _TICKS_TO_1970) * 100
    if version == 2:
        parts["id"] = found.time_low
        parts["domain"] = _DOMAINS.get(found.bytes[9], f"Domain{found.bytes[9]}")
    return RegoObject(parts)


def _made(context: Context, key: str) -> Value:
    if context.entropy is None:
        raise BuiltinError(f"no randomness was given for {key!r}")
    return str(UUID(bytes=context.entropy(16), version=4))


BUILTINS: tuple[Builtin, ...] = (builtin("uuid.parse", _parse), builtin("uuid.rfc4122", _made, contextual=True))
