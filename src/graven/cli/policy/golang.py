"""Owns values as Go's encoder writes them, and tables as OPA draws them: what scripts read of OPA's commands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from unicodedata import east_asian_width

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
    """Encode quickly, or else, for numbers that only Python writes exactly, slowly."""
    import orjson

    options = (orjson.OPT_INDENT_2 if indent else 0) | (0 if ordered else orjson.OPT_SORT_KEYS)
    try:
        return orjson.dumps(value, option=options)
    except TypeError:
        writer = _Exact(indent=2 if indent else None, sort_keys=not ordered, ensure_ascii=False)
        writer.item_separator, writer.key_separator = (",", ": " if indent else ":")
        return writer.encode(_marked(value)).replace(_MARK[0], "").replace(_MARK[1], "").encode()


_MARK = ('"\ue000\ue001', '\ue001\ue000"')
"""Stands around the text of a number that no JSON encoder of Python's takes."""


class _Exact(json.JSONEncoder):
    """Writes decimals as numbers."""


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    if isinstance(value, Decimal) or (isinstance(value, int) and value.bit_length() > 14000):
        from graven.rego.numerals import number_text

        return f"\ue000\ue001{number_text(value)}\ue001\ue000"
    return value


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
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
