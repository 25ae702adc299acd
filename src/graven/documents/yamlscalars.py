"""Owns which JSON value a scalar of YAML is: as sigs.k8s.io/yaml has it, that is YAML 1.1 as Go's yaml.v2 reads it."""

from __future__ import annotations

import re

from graven.documents.strconv import parse_float, parse_int, whole
from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["MERGE", "MERGE_TAG", "key_text", "plain", "tagged"]

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_NUMERIC = frozenset("+-.0123456789")
_FLOAT = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
_DIGITS = r"[-+]?[0-9]+"
_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"
_PREFIX = "tag:yaml.org,2002:"
MERGE = "<<"
MERGE_TAG = _PREFIX + "merge"
_NO_WORD = object()


def plain(text: str) -> Any:
    """Give the value of a scalar that is written without quotes and without a tag.

    >>> plain("off"), plain("0o17"), plain("1_000"), plain("1e3"), plain("1:30"), plain("2026-01-02")
    (False, 15, 1000, 1000, '1:30', '2026-01-02')
    """
    found = _WORDS.get(text, _NO_WORD)
    if found is not _NO_WORD:
        return found
    return _number(text) if text[0] in _NUMERIC else text


def _number(text: str) -> Any:
    if text[0] == ".":
        found = parse_float(text)
        return text if found is None else found
    bare = text.replace("_", "") if "_" in text else text
    exact: float | None = parse_int(bare)
    if exact is None and re.fullmatch(_FLOAT, bare):
        exact = int(bare) if re.fullmatch(_DIGITS, bare) and len(bare) < 4000 else parse_float(bare)
    return text if exact is None else exact


def tagged(tag: str, text: str) -> Any:
    """Give the value of a scalar with a tag; tags of one's own leave the text as it is.

    >>> tagged("tag:yaml.org,2002:str", "12"), tagged("!Ref", "12"), tagged("tag:yaml.org,2002:float", "12")
    ('12', '12', 12)

    Raises:
        ValueError: the text is none of what the tag says.
    """
    name = tag.removeprefix(_PREFIX) if tag.startswith(_PREFIX) else ""
    if name == "binary":
        return _binary(text)
    if name not in {"bool", "int", "float", "null", "timestamp"}:
        return text
    found = plain(text)
    if name != (_kind(found, text)) and not (name == "float" and _kind(found, text) == "int"):
        raise ValueError(f"got {text[:40]!r}, expected a value of !!{name}")
    return found


def _binary(text: str) -> str:
    import base64

    try:
        return base64.b64decode("".join(text.split()), validate=True).decode(errors="replace")
    except ValueError:
        raise ValueError("got a !!binary that is no base64") from None


def _kind(value: Any, text: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "int" if isinstance(value, int) and parse_int(text.replace("_", "")) is not None else "float"
    return "timestamp" if re.fullmatch(_DATE, text) else "str"


def key_text(key: Any) -> str:
    """Give the text that a key becomes in JSON.

    >>> key_text(True), key_text(8080), key_text(1.25), key_text(1e30)
    ('true', '8080', '1.25', '1e+30')

    Raises:
        ValueError: it is null, or too large for a key.
    """
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int) and -(1 << 63) <= key < 1 << 63:
        return str(key)
    if isinstance(key, float):
        return _short(key)
    raise ValueError(f"got {'null' if key is None else 'a number of more than 64 bits'} as a key, expected a string")


def _short(number: float) -> str:
    """Write a number with the fewest digits of single precision, as the keys of conftest are written."""
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 - only NaN is not itself
        return {"inf": ".inf", "-inf": "-.inf"}.get(repr(number), ".nan")
    try:
        single = _single(number)
    except OverflowError:
        return ".inf" if number > 0 else "-.inf"
    digits = next(each for each in range(9) if _single(float(f"{single:.{each}e}")) == single)
    mantissa, _, exponent = f"{single:.{digits}e}".partition("e")
    if -4 <= int(exponent) < 6:
        return str(whole(float(f"{mantissa}e{exponent}")))
    return f"{mantissa}e{exponent}"


def _single(number: float) -> float:
    import struct

    found: float = struct.unpack("<f", struct.pack("<f", number))[0]
    return found
