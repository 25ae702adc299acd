r"""Owns how Go words that a text is no JSON (encoding/json), byte by byte as its reader looks; pure.

Asked only of a text that ``documents.json`` refused. Between values a state says what may come: a value, a key, a
colon, or what follows a value in the list or the object that is open.
"""

from __future__ import annotations

import re

__all__ = ["fault"]

_BLANK = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_WORDS = {b"t": "true", b"f": "false", b"n": "null"}
_NUMBER = (
    (re.compile(rb"-?+"), re.compile(rb"0|[1-9][0-9]*"), "in numeric literal"),
    (re.compile(rb"\."), re.compile(rb"[0-9]+"), "after decimal point in numeric literal"),
    (re.compile(rb"[eE][+-]?+"), re.compile(rb"[0-9]+"), "in exponent of numeric literal"),
)
_VALUE, _KEY = "looking for beginning of value", "looking for beginning of object key string"
_COLON, _PAIR, _ELEMENT = "after object key", "after object key:value pair", "after array element"
_TOP = "after top-level value"
_MOVES = {(_COLON, b":"): _VALUE, (_PAIR, b","): _KEY, (_ELEMENT, b","): _VALUE}
_AFTER = {b"{": _PAIR, b"[": _ELEMENT, b"": _TOP}
_ENDS = {b"}": (b"{", _PAIR), b"]": (b"[", _ELEMENT)}
_MAX_DEPTH = 10_000
_ESCAPES = {7: r"\a", 8: r"\b", 9: r"\t", 10: r"\n", 11: r"\v", 12: r"\f", 13: r"\r", 39: r"\'", 92: r"\\"}


def fault(data: bytes) -> str:
    """Say what is wrong with a text, or nothing where Go finds it in order.

    >>> fault(b'{"a": tru}')
    "invalid character '}' in literal true (expecting 'e')"
    >>> fault(b"[1, 2]")
    ''
    """
    text = data + b" "
    at, context = _scan(text)
    if at < len(text):
        return f"invalid character {_quoted(text[at])} {context}"
    return "" if context == _TOP else "unexpected end of JSON input"


def _scan(text: bytes) -> tuple[int, str]:
    """Give where reading ends, and the state there."""
    at, state, opened, fresh = 0, _VALUE, [b""], b""
    while True:
        at = _end(_BLANK, text, at)
        sign = text[at : at + 1]
        ends, after = _ENDS.get(sign, (b"", ""))
        if ends and opened[-1] == ends and (state == after or fresh == ends):
            opened.pop()
            at, state, fresh = at + 1, _AFTER[opened[-1]], b""
        elif (state, sign) in _MOVES:
            at, state, fresh = at + 1, _MOVES[state, sign], b""
        elif state == _VALUE and sign in (b"{", b"["):
            if len(opened) > _MAX_DEPTH:
                return at, "exceeded max depth"
            opened.append(sign)
            at, state, fresh = at + 1, _KEY if sign == b"{" else _VALUE, sign
        elif (state == _KEY and sign == b'"') or (state == _VALUE and sign):
            at, context = _scalar(text, at)
            if context:
                return at, context
            state, fresh = _COLON if state == _KEY else _AFTER[opened[-1]], b""
        else:
            return at, state


def _scalar(text: bytes, at: int) -> tuple[int, str]:
    """Give where a value ends; or where it breaks, and in what."""
    sign = text[at : at + 1]
    if sign == b'"':
        return _string(text, _end(_STRING, text, at))
    if sign in b"-0123456789":
        return _number(text, at)
    if word := _WORDS.get(sign):
        for index, letter in enumerate(word):
            if text[at + index] != ord(letter):
                return at + index, f"in literal {word} (expecting '{letter}')"
        return at + len(word), ""
    return at, _VALUE


def _string(text: bytes, at: int) -> tuple[int, str]:
    sign = text[at : at + 1]
    if sign == b'"':
        return at + 1, ""
    if sign != b"\\":
        return at, "in string literal"
    if text[at + 1 : at + 2] != b"u":
        return at + 1, "in string escape code"
    return _end(re.compile(rb"[0-9a-fA-F]*"), text, at + 2), r"in \u hexadecimal character escape"


def _number(text: bytes, at: int) -> tuple[int, str]:
    for lead, digits, context in _NUMBER:
        if found := lead.match(text, at):
            at = found.end()
            if not (found := digits.match(text, at)):
                return at, context
            at = found.end()
    return at, ""


def _end(pattern: re.Pattern[bytes], text: bytes, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _quoted(byte: int) -> str:
    sign = _ESCAPES.get(byte) or chr(byte)
    if len(sign) == 1 and not (sign.isprintable() or sign == " "):
        sign = f"\\x{byte:02x}" if byte < 128 else f"\\u{byte:04x}"
    return f"'{sign}'"
