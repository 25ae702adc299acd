"""Owns what a regular expression asks for in plain letters, so that a text without them need not be searched."""

from __future__ import annotations

import re

from graven.rego.builtins.protocol import BuiltinError, Context

__all__ = ["required"]

_PIECE = re.compile(
    r"""(?P<class>\[\^?\]?(?:\\.|\[:\^?\w+:\]|\[(?!:)|[^\]\\[])*\])|\\(?P<escaped>[^\w\s])|(?P<other>\\[dDwWsSbBAz])
    |(?P<quantifier>[*?+]|\{\d+(?:,\d*)?\})|(?P<open>\((?!\?))|(?P<close>\))|(?P<break>[.^$])|(?P<bar>\|)
    |(?P<plain>[^\\\[\](){}*+?.^$|])""",
    re.VERBOSE | re.DOTALL,
)
_LEAST = 3
"""A shorter text is in too many others."""
_MOST = 3
"""So many are looked for; more would take longer than the search that they spare."""


def required(pattern: str) -> tuple[str, ...]:
    r"""Give the texts that stand in all that a pattern matches, the longest first; none if none is sure.

    >>> required(r"^pkg:(npm|golang)/pkg-3[0-9]{2}@0\.")
    ('/pkg-3', 'pkg:', '@0.')
    >>> required("abc|def"), required("(?i)abcd"), required("abcd*x"), required("a**")
    ((), (), ('abc',), ())
    """
    runs, depth, at = [""], 0, 0
    while at < len(pattern):
        found = _PIECE.match(pattern, at)
        kind = found.lastgroup if found else None
        if found is None or (kind == "bar" and depth == 0):
            return ()
        at = found.end()
        depth += (kind == "open") - (kind == "close")
        if depth == 0 and kind in ("plain", "escaped"):
            runs[-1] += found["plain"] or found["escaped"]
        else:
            if depth == 0 and kind == "quantifier" and found[0] != "+":
                runs[-1] = runs[-1][:-1]
            runs.append("")
    long = sorted({run for run in runs if len(run) >= _LEAST}, key=lambda run: (-len(run), run))
    return tuple(long[:_MOST]) if long and _is_valid(pattern) else ()


def _is_valid(pattern: str) -> bool:
    from graven.rego.builtins.regex import compiled

    try:
        compiled(Context(), pattern)
    except BuiltinError:
        return False
    return True
