"""Versions of Maven (POM reference, "Version Order Specification"): ``1.0-alpha-1``, ``2.0.0.RC1``, ``1.0.0.Final``.

A version is parted at dots, at hyphens and between digits and letters, which is as a hyphen; null values (0, "", final,
ga, release) at the end, and before each hyphen and qualifier, do not count; what is missing is null. Maven's releases
differ from its specification where more follows a null word, and where a separator follows a word behind a dot
(``1.x.2``): such a version has no key.
"""

from __future__ import annotations

import re

from graven.versions.pieces import MAX_LENGTH, number, word

__all__ = ["maven_key"]

_VERSION = re.compile(r"[0-9][0-9A-Za-z._+-]*", re.ASCII)
_BEFORE = ("alpha", "beta", "milestone", "rc", "snapshot")
_UNSETTLED = re.compile(r"\.[a-z_+]+[.-]|-0+[a-z_+]", re.ASCII)
_NULLS = ("", "0", "final", "ga", "release")
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone", "cr": "rc"}
_ALIAS = re.compile(r"(?<![a-z+_])(?:[abm](?=[0-9])|cr(?![a-z+_]))", re.ASCII)
_PARTS = re.compile(r"([.-]?)([0-9]+|[^0-9.-]+|(?=[.-]|$))", re.ASCII)

_EARLY, _END, _SP, _WORD, _AFTER_HYPHEN, _AFTER_DOT = (bytes((code,)) for code in range(1, 7))

Token = tuple[str, str]
"""The separator before it, and the text in lower case."""


def maven_key(version: str) -> bytes | None:
    """Give the key of a version, or None where it is none.

    >>> maven_key("1-alpha-2") < maven_key("1-SNAPSHOT") < maven_key("1.0.Final") == maven_key("1") < maven_key("1-sp")
    True
    """
    if len(version) > MAX_LENGTH or not _VERSION.fullmatch(version):
        return None
    text = _ALIAS.sub(_named, version.lower())
    tokens = _tokens(text)
    if _UNSETTLED.search(text) or any(_null(word_) and not word_.isdigit() for _, word_ in tokens[:-1]):
        return None
    tokens = _trimmed(tokens)
    return b"".join(map(_token, tokens)) + _END


def _tokens(version: str) -> list[Token]:
    found: list[Token] = []
    for at, (separator, text) in enumerate(_PARTS.findall(version)):
        if separator or text:
            found.append((separator or ("." if at == 0 else "-"), text or "0"))
    return found


def _named(match: re.Match[str]) -> str:
    """Give a qualifier its long name: a, b and m stand for it only where a number follows at once."""
    return _SHORT[match[0]]


def _trimmed(tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    for token in reversed(tokens):
        if _null(token[1]) and (not kept or kept[-1][0] == "-" or not kept[-1][1].isdigit()):
            continue
        kept.append(token)
    return kept[::-1]


def _null(text: str) -> bool:
    return text in _NULLS or (text.isdigit() and int(text) == 0)


def _token(token: Token) -> bytes:
    separator, text = token
    if text in _BEFORE:
        return _EARLY + bytes((_BEFORE.index(text),))
    if not text.isdigit():
        return _SP if text == "sp" else _WORD + word(text)
    return (_AFTER_DOT if separator == "." else _AFTER_HYPHEN) + number(text)
