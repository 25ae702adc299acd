"""Owns the reading of JSON (RFC 8259), with exact integers and the place of each value.

Of equal keys the last one counts, as in conftest. Numbers beyond what a double holds are refused; whole numbers are
integers however they are written. Lone surrogates are refused, since no text can hold them.
"""

from __future__ import annotations

import json
import re
from typing import Any

from graven.documents.faults import MAX_DEPTH, Text, decoded, too_deep, unreadable
from graven.documents.position import Document, Path, Places, Position
from graven.documents.strconv import whole
from graven.errors import TooLarge

__all__ = ["parse", "places", "read"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    """Read the one value of a text.

    >>> [found] = parse(b'{"a": [1, 2.0]}')
    >>> found.value, str(found.position(("a", 1)))
    ({'a': [1, 2]}, 'line 1, column 11')

    Raises:
        Malformed: it is no JSON; says line and column.
        TooLarge: it nests too deep.
    """
    text = decoded(data, file)
    return (Document(read(text, file), lambda: places(text), file),)


def read(text: str, file: str = "") -> Any:
    """Give the value of a text of JSON.

    Raises:
        Malformed: it is no JSON; says line and column.
        TooLarge: it nests too deep.
    """
    try:
        value = json.loads(text, parse_float=_number, parse_constant=_refused)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as e:
        raise unreadable(f"no JSON: {e.msg}", file, Position(e.lineno, e.colno)) from None
    except RecursionError:
        raise TooLarge("JSON nested too deep", where=file) from None
    except UnicodeEncodeError:
        raise unreadable("got half of a surrogate pair, expected a character", file) from None
    except ValueError as e:
        raise unreadable(f"no JSON that can be read: {e}", file) from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _deeper(value):
        raise too_deep(file, _deep_place(text))
    return value


def _deeper(value: Any) -> bool:
    """Say whether a value has more levels than the limit, level by level."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            below
            for each in level
            for below in (each.values() if each.__class__ is dict else each)
            if below.__class__ is dict or below.__class__ is list
        ]
        if not level:
            return False
    return True


def _number(text: str) -> int | float:
    found = float(text)
    if found in (float("inf"), float("-inf")):
        raise ValueError(f"got {text[:40]}, expected a number below 1.8e308")
    return whole(found)


def _refused(name: str) -> Any:
    raise ValueError(f"got {name}, which is no number in JSON")


def _deep_place(text: str) -> Position:
    depth = 0
    for found in _TOKEN.finditer(text):
        depth += (found[0] in {"[", "{"}) - (found[0] in {"]", "}"})
        if depth > MAX_DEPTH:
            return Text(text).position(found.start())
    return Position(1, 1)


def places(text: str) -> Places:
    """Find where each value of a text stands that is known to be JSON."""
    found: dict[Path, Position] = {}
    lines = Text(text)
    path: Path = ()
    stack: list[tuple[Path, Any]] = []
    key: Any = None
    """The index in a list, the key in an object whose value comes next, or None where a key comes next."""
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if sign in {":", ","}:
            if sign == "," and stack:
                key = key + 1 if isinstance(key, int) else None
        elif sign in {"]", "}"}:
            path, key = stack.pop()
        elif key is None and stack:
            key = json.loads(sign, strict=False) if "\\" in sign else sign[1:-1]
        else:
            here = (*path, key) if stack else ()
            found[here] = lines.position(match.start())
            if sign in {"[", "{"}:
                stack.append((path, key))
                path, key = here, (0 if sign == "[" else None)
    return found
