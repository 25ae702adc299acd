"""Owns the functions of CUE's packages that are offered here, those of ``strings`` and ``list`` that files use most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graven.documents.cue.values import Bottom

__all__ = ["FUNCTIONS", "applied"]

_BLANK = "\t\n\v\f\r \x85\xa0"


def _split(text: str, by: str) -> list[str]:
    return text.split(by) if by else list(text)


def _replace(text: str, old: str, new: str, count: int) -> str:
    return text.replace(old, new, count if count >= 0 else -1)


FUNCTIONS: dict[tuple[str, str], tuple[str, Callable[..., Any]]] = {
    ("strings", "Contains"): ("ss", lambda text, part: part in text),
    ("strings", "HasPrefix"): ("ss", str.startswith),
    ("strings", "HasSuffix"): ("ss", str.endswith),
    ("strings", "Join"): ("ls", lambda texts, by: by.join(texts)),
    ("strings", "Repeat"): ("si", str.__mul__),
    ("strings", "Replace"): ("sssi", _replace),
    ("strings", "Split"): ("ss", _split),
    ("strings", "ToLower"): ("s", str.lower),
    ("strings", "ToUpper"): ("s", str.upper),
    ("strings", "TrimPrefix"): ("ss", str.removeprefix),
    ("strings", "TrimSpace"): ("s", lambda text: text.strip(_BLANK)),
    ("strings", "TrimSuffix"): ("ss", str.removesuffix),
}
"""By package and name: what is given (texts, integers, lists of texts), and what does it."""

_TYPES = {"s": str, "i": int, "l": list}


def applied(path: str, name: str, given: list[Any], at: int) -> str | bool | list[str]:
    """Give what a function makes of what it is given.

    >>> applied("strings", "TrimPrefix", ["v1.2", "v"], 0)
    '1.2'

    Raises:
        Bottom: it is given something else than it takes.
    """
    kinds, function = FUNCTIONS[path, name]
    fits = len(given) == len(kinds) and all(
        isinstance(each, _TYPES[kind]) and not isinstance(each, bool) for each, kind in zip(given, kinds, strict=True)
    )
    if not fits or (name == "Repeat" and given[1] < 0):
        raise Bottom(f"got something else than {path}.{name} takes", at)
    found: str | bool | list[str] = function(*given)
    return found
