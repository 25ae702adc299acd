"""Owns how Go prints a quoted string, and a path as seen from a folder."""

from __future__ import annotations

__all__ = ["quoted", "relative"]

_NAMED = {'"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_NAMED["\v"] = "\\v"


def quoted(text: str) -> str:
    r"""Quote a text as Go's ``%q`` does.

    >>> print(quoted('a "b"\n\x01é'))
    "a \"b\"\n\x01é"
    """
    return '"' + "".join(_NAMED.get(char) or _plain(char) for char in text) + '"'


def _plain(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def relative(path: str, folder: str) -> str:
    """Give an absolute path as seen from an absolute folder, any other as it is.

    >>> relative("/a/b/c.tf", "/a/d"), relative("c.tf", "/a")
    ('../b/c.tf', 'c.tf')
    """
    if not path.startswith("/") or not folder.startswith("/"):
        return path
    there = [part for part in path.split("/") if part]
    here = [part for part in folder.split("/") if part]
    common = 0
    while common < min(len(there), len(here)) and there[common] == here[common]:
        common += 1
    return "/".join([".."] * (len(here) - common) + there[common:]) or "."
