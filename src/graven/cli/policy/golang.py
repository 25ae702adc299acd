"""Owns values as Go's encoder writes them, and tables as OPA draws them: what scripts read of OPA's commands."""

from __future__ import annotations

from collections.abc import Sequence
from json.encoder import encode_basestring

from graven.record import TYPE_CHECKING
from graven.rego.numerals import number_text

if TYPE_CHECKING:
    from typing import Any

__all__ = ["compact", "document", "plain", "table"]

_ESCAPES = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))
_LINES = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"))


def document(value: Any, *, ordered: bool = False) -> str:
    r"""Write JSON with two blanks for each level; keys in order of their text unless they are ``ordered`` already.

    >>> print(document({"b": "<", "a": []}), end="")
    {
      "a": [],
      "b": "\u003c"
    }
    """
    return _escaped(_encoded(value, ordered=ordered, indent=True)) + "\n"


def compact(value: Any) -> str:
    """Write JSON on one line without blanks.

    >>> compact({"b": 1.5, "a": None})
    '{"a":null,"b":1.5}'
    """
    return _escaped(_encoded(value, ordered=False, indent=False))


def _escaped(text: bytes) -> str:
    for raw, escape in _ESCAPES:
        if raw in text:
            text = text.replace(raw, escape)
    for raw, escape in _LINES:
        if raw in text:
            text = text.replace(raw, escape)
    return text.decode()


def _encoded(value: Any, *, ordered: bool, indent: bool) -> bytes:
    """Encode what is small here, and what is large by a library that takes long to load, if it can write it."""
    if _nodes(value, _FEW) >= 0:
        return _text(value, "\n" if indent else "", ordered=ordered).encode()
    import orjson

    options = (orjson.OPT_INDENT_2 if indent else 0) | (0 if ordered else orjson.OPT_SORT_KEYS)
    try:
        return orjson.dumps(value, option=options)
    except TypeError:  # a number that only Python writes exactly
        return _text(value, "\n" if indent else "", ordered=ordered).encode()


_FEW = 4000
"""So many values are written before the library is loaded."""


def _nodes(value: Any, left: int) -> int:
    """Give how many more values there might be; less than none if there are too many, or an exponent to write."""
    if not isinstance(value, (dict, list, tuple)):
        return -1 if isinstance(value, float) and "e" in repr(value) else left - 1
    for item in value.values() if isinstance(value, dict) else value:
        left = _nodes(item, left)
        if left < 0:
            break
    return left


def _text(value: Any, line: str, *, ordered: bool) -> str:
    """Write a value; ``line`` is what begins a line at its depth, nothing if all is to stand on one."""
    if isinstance(value, str):
        return encode_basestring(value)
    below = line and line + "  "
    if isinstance(value, dict):
        colon = ": " if line else ":"
        pairs = value.items() if ordered else sorted(value.items())
        parts = [f"{encode_basestring(key)}{colon}{_text(item, below, ordered=ordered)}" for key, item in pairs]
        ends = "{}"
    elif isinstance(value, (list, tuple)):
        parts, ends = [_text(item, below, ordered=ordered) for item in value], "[]"
    elif isinstance(value, float):
        return repr(value)
    else:
        return _WORDS[value] if value is None or isinstance(value, bool) else number_text(value)
    return f"{ends[0]}{below}{f',{below}'.join(parts)}{line}{ends[1]}" if parts else ends


_WORDS = {None: "null", True: "true", False: "false"}


def plain(value: Any) -> Any:
    """Give the JSON form of a value of Rego."""
    from graven.rego.notation import to_json

    return to_json(value)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Draw a table, its headings in the middle.

    >>> print(table(["x"], [["10"]]), end="")
    ┌────┐
    │ x  │
    ├────┤
    │ 10 │
    └────┘
    """
    widths = [max(map(_width, column)) for column in zip(headings, *rows, strict=True)]
    rule = ["─" * (width + 2) for width in widths]
    lines = [_edge("┌┬┐", rule), _line([_middle(*cell) for cell in zip(headings, widths, strict=True)])]
    lines.append(_edge("├┼┤", rule))
    lines += [
        _line([f" {cell}{' ' * (w - _width(cell))} " for cell, w in zip(row, widths, strict=True)]) for row in rows
    ]
    return "\n".join([*lines, _edge("└┴┘", rule), ""])


def _edge(corners: str, rule: list[str]) -> str:
    return corners[0] + corners[1].join(rule) + corners[2]


def _line(cells: list[str]) -> str:
    return "│" + "│".join(cells) + "│"


def _middle(text: str, width: int) -> str:
    left = (width - _width(text)) // 2
    return f" {' ' * left}{text}{' ' * (width - _width(text) - left)} "


def _width(text: str) -> int:
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
