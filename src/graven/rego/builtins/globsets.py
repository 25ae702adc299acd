"""Owns the question whether two simple patterns share a string: characters, ``.``, sets, ``*``, ``+``, escapes."""

from __future__ import annotations

from graven.rego.builtins.protocol import BuiltinError

__all__ = ["share_a_string"]


Part = tuple[frozenset[int] | None, str]
"""The characters that may stand (None: any) and how often: once, ``*`` or ``+``."""


def _parts(pattern: str) -> list[Part]:
    """Cut a pattern into its parts."""
    found: list[Part] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char in "*+":
            if not found or found[-1][1]:
                raise _invalid(pattern, at, f"flag '{char}' must be preceded by a non-flag")
            found[-1] = (found[-1][0], char)
            at += 1
            continue
        chars, at = _one(pattern, at)
        found.append((chars, ""))
    return found


def _one(pattern: str, at: int) -> tuple[frozenset[int] | None, int]:
    char = pattern[at]
    if char == "\\":
        if at + 1 >= len(pattern):
            raise _invalid(pattern, at, "input ends with a \\")
        return frozenset({ord(pattern[at + 1])}), at + 2
    if char == "[":
        return _set(pattern, at)
    if char == "]":
        raise _invalid(pattern, at, "set-close ']' with no preceding '['")
    return (None if char == "." else frozenset({ord(char)})), at + 1


def _set(pattern: str, start: int) -> tuple[frozenset[int], int]:
    chars: set[int] = set()
    at = start + 1
    while at < len(pattern) and pattern[at] != "]":
        if pattern[at] == "\\":
            at += 1
        if at + 2 < len(pattern) and pattern[at + 1] == "-" and pattern[at + 2] != "]":
            first, last = ord(pattern[at]), ord(pattern[at + 2])
            if first > last:
                raise _invalid(pattern, at, "range is out of order")
            chars.update(range(first, last + 1))
            at += 3
        else:
            chars.add(ord(pattern[at]) if at < len(pattern) else 0)
            at += 1
    if at >= len(pattern):
        raise _invalid(pattern, start, "found [ without matching ]")
    return frozenset(chars), at + 1


def _invalid(pattern: str, at: int, why: str) -> BuiltinError:
    return BuiltinError(f"input:{pattern}, pos:{at + 1}, {why}: the input provided is invalid")


def share_a_string(left: str, right: str) -> bool:
    """Say whether some string that is not empty matches both patterns.

    >>> share_a_string("a.a", ".b."), share_a_string("[a-c]+", "[0-9]*")
    (True, False)

    Raises:
        BuiltinError: one is no pattern.
    """
    ours, theirs = _parts(left), _parts(right)
    seen: set[tuple[int, int, bool]] = set()
    waiting = [(0, 0, False)]
    while waiting:
        state = waiting.pop()
        if state in seen:
            continue
        seen.add(state)
        one, two, some = state
        if one == len(ours) and two == len(theirs) and some:
            return True
        if one < len(ours) and ours[one][1] == "*":
            waiting.append((one + 1, two, some))
        if two < len(theirs) and theirs[two][1] == "*":
            waiting.append((one, two + 1, some))
        if one < len(ours) and two < len(theirs) and _meet(ours[one][0], theirs[two][0]):
            waiting += [(at, to, True) for at in _after(ours, one) for to in _after(theirs, two)]
    return False


def _meet(left: frozenset[int] | None, right: frozenset[int] | None) -> bool:
    return left is None or right is None or bool(left & right)


def _after(parts: list[Part], at: int) -> tuple[int, ...]:
    """Give where a pattern may stand after one character."""
    return (at, at + 1) if parts[at][1] else (at + 1,)
