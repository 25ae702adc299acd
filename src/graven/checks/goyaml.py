"""Owns how go-yaml words that a text is no YAML, for what conftest says of it; pure.

Asked only of a text that ``documents.yaml`` refused. Both parsers descend from libyaml, so that the problem has the
same words; not so the line, which go-yaml counts from 0, but for the scanner, leaving out that of the first. What is
said of a value, and not of how it is written, has a table of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import dumps
from typing import Any

from graven.documents.libyaml import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Error,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    events,
)
from graven.documents.libyaml import fault as plain_fault
from graven.documents.yamlscalars import plain, tagged

__all__ = ["fault"]

_NO_KEY = "got an object or a list as a key, expected a string"
_SAID = (
    (r"the anchor '(.*)' holds itself", r"anchor '\1' value contains itself"),
    (r"got '(.*)', expected a value of (!!\w+)", r"cannot decode !!str `\1` as a \2"),
    (r"got something else than an object after '<<'", "map merge requires map or sequence of maps as the value"),
    (r"got a !!binary that is no base64", "!!binary value contains invalid base64 data"),
)


def fault(data: bytes, message: str) -> str:
    r"""Say what is wrong where ``documents.yaml`` says ``message``, or nothing if Go's words are unknown.

    >>> fault(b"a: 1\nb: [1\n", "")
    "line 2: did not find expected ',' or ']'"
    >>> fault(b"a: *b", "the anchor 'b' is not there")
    "unknown anchor 'b' referenced"
    """
    anchors = set()
    try:
        for event in events(data):
            if event.__class__ is DocumentEndEvent:
                break
            anchor = getattr(event, "anchor", None)
            if event.__class__ is AliasEvent and anchor not in anchors:
                return f"unknown anchor '{anchor}' referenced"
            anchors.add(anchor)
    except Error as e:
        problem = getattr(e, "problem", None)
        return f"{_line(e)}{problem if isinstance(problem, str) else plain_fault(e)}"
    if message == _NO_KEY:
        return _bad_key(data)
    for pattern, said in _SAID:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return found.expand(said)
    return ""


def _line(error: Any) -> str:
    problem, context = (getattr(getattr(error, name, None), "line", 0) for name in ("problem_mark", "context_mark"))
    line = problem + (error.__class__.__name__ == "ScannerError") if problem else context
    return f"line {line}: " if line else ""


class _BadKey(Exception):
    """A key that is an object or a list, as Go shows it."""


def _bad_key(data: bytes) -> str:
    stream = events(data)
    try:
        while next(stream).__class__ is not DocumentStartEvent:
            pass
        _shown(next(stream), stream, {})
    except _BadKey as e:
        return f"invalid map key: {e}"
    except (ValueError, RecursionError):
        pass
    return ""


def _shown(event: Any, stream: Iterator[Any], anchors: dict[str, str]) -> str:
    """Show a value as Go's %#v does."""
    if event.__class__ is AliasEvent:
        return anchors.get(event.anchor, "")
    if event.__class__ is ScalarEvent:
        text = _scalar(event)
    elif event.__class__ is SequenceStartEvent:
        text = f"[]interface {{}}{{{', '.join(_shown(each, stream, anchors) for each in _inside(stream))}}}"
    else:
        pairs = {}
        for each in _inside(stream):
            key = _shown(each, stream, anchors)
            if each.__class__ is not ScalarEvent and key.startswith(("map[", "[]")):
                raise _BadKey(key)
            pairs[key] = _shown(next(stream), stream, anchors)
        text = f"map[interface {{}}]interface {{}}{{{', '.join(f'{key}:{pairs[key]}' for key in sorted(pairs))}}}"
    if event.anchor is not None:
        anchors[event.anchor] = text
    return text


def _inside(stream: Iterator[Any]) -> Iterator[Any]:
    for event in stream:
        if event.__class__ not in (ScalarEvent, AliasEvent, SequenceStartEvent, MappingStartEvent):
            return
        yield event


def _scalar(event: Any) -> str:
    quoted = event.tag is None and not event.implicit[0]
    value = event.value if quoted else plain(event.value) if event.tag is None else tagged(event.tag, event.value)
    return "interface {}(nil)" if value is None else dumps(value, ensure_ascii=False)
