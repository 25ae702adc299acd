"""Owns the text of values: Rego terms as OPA prints them, and JSON text.

``json_text`` is what ``json.marshal`` gives (keys sorted, no spaces, Go's escapes of ``<``, ``>`` and ``&``);
``term_text`` is what ``sprintf("%v")`` gives of a composite.
"""

from __future__ import annotations

import re

from graven.record import TYPE_CHECKING
from graven.rego.numerals import number_text
from graven.rego.values import Bool, RegoObject, RegoSet, Value

if TYPE_CHECKING:
    from typing import Any

__all__ = ["json_text", "quoted", "term_text", "to_json", "whole_characters"]

_ESCAPES = r"(?s)\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
"""Each escape of a text of JSON; a group for one that is half of a surrogate pair and has no other half beside it."""
_SCALARS = {True: "true", False: "false"}


def quoted(text: str) -> str:
    r"""Write a string as Go's ``strconv.Quote`` does for the text of a term.

    >>> print(quoted("a\t\x00\x7f\u2028"))
    "a\t\x00\x7f\u2028"
    """
    out = _dumps(text)
    if text.isprintable():
        return out
    return '"' + "".join(map(_escaped, text)) + '"'


_NAMED = {
    "\a": r"\a",
    "\b": r"\b",
    "\f": r"\f",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\v": r"\v",
    '"': r"\"",
    "\\": r"\\",
}


def _escaped(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def whole_characters(text: str) -> str:
    r"""Give a text of JSON in which U+FFFD is written for each half of a surrogate pair, as Go reads it.

    >>> whole_characters(r'"\ud800 \ud83d\ude00 \\ud800"')
    '"\\ufffd \\ud83d\\ude00 \\\\ud800"'
    """
    if "\\u" not in text:
        return text
    return re.sub(_ESCAPES, lambda found: "\\ufffd" if found[1] else found[0], text)


def _dumps(text: str) -> str:
    import json  # few decisions write text, and to load it takes 3 ms

    return json.dumps(text, ensure_ascii=False)


def _scalar(value: Value) -> str | None:
    if value is None:
        return "null"
    if value.__class__ is Bool:
        return _SCALARS[value.truth]
    if value.__class__ in (str, tuple, RegoObject, RegoSet):
        return None
    return number_text(value)


def term_text(value: Value) -> str:
    """Write a value as a Rego term.

    >>> term_text(RegoObject({"a": RegoSet([2, 1]), "b": (None,)}))
    '{"a": {1, 2}, "b": [null]}'
    """
    text = _scalar(value)
    if text is not None:
        return text
    if value.__class__ is str:
        return quoted(value)
    if value.__class__ is tuple:
        return "[" + ", ".join(map(term_text, value)) + "]"
    if value.__class__ is RegoObject:
        return "{" + ", ".join(f"{term_text(k)}: {term_text(v)}" for k, v in value.ordered_items()) + "}"
    return "{" + ", ".join(map(term_text, value.ordered())) + "}" if value else "set()"


_GO_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029", "\x7f": "\x7f"}
)


def json_text(value: Value) -> str:
    r"""Write a value as Go's JSON encoder does.

    >>> json_text((1.5, "<", RegoSet(["b", "a"])))
    '[1.5,"\\u003c",["a","b"]]'
    """
    text = _scalar(value)
    if text is not None:
        return text
    if value.__class__ is str:
        return _dumps(value).translate(_GO_ESCAPES)
    if value.__class__ is RegoObject:
        pairs = sorted((key if key.__class__ is str else json_text(key), item) for key, item in _string_keys(value))
        return "{" + ",".join(f"{json_text(key)}:{json_text(item)}" for key, item in pairs) + "}"
    members = value.ordered() if value.__class__ is RegoSet else value
    return "[" + ",".join(map(json_text, members)) + "]"


def _string_keys(value: RegoObject) -> list[tuple[str, Value]]:
    return [(next(iter(to_json(RegoObject({key: None})))), item) for key, item in value.items()]


def to_json(value: Value) -> Any:
    """Give the plain JSON form: a set is its sorted list, a key that is no string its JSON text.

    >>> to_json(RegoObject({(1, None): RegoSet([2, 1])}))
    {'[1,null]': [1, 2]}
    """
    kind = value.__class__
    if kind is tuple:
        return [to_json(item) for item in value]
    if kind is RegoObject:
        return {_key(key): to_json(item) for key, item in value.ordered_items()}
    if kind is RegoSet:
        return [to_json(item) for item in value.ordered()]
    return value.truth if kind is Bool else value


def _key(key: Value) -> str:
    if key.__class__ is str:
        return key
    return json_text(key)
