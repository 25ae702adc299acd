"""Owns what of a term an index can look at: scalars, arrays of these, members written out, patterns of globs."""

from __future__ import annotations

from collections.abc import Mapping

from graven.rego.trace.terms import NOWHERE, Closure, Const
from graven.rego.tree import ArrayTerm, ObjectTerm, Ref, Scalar, SetTerm, Term, Var
from graven.rego.values import RegoObject, RegoSet, Value

__all__ = ["alike", "glob_array", "indexed", "members", "plain", "plugged", "split"]

_COMPOSITE = (tuple, RegoObject, RegoSet)


def alike(one: Term, two: Term) -> bool:
    """Say whether two constraints are the same."""
    if isinstance(one, Var) or isinstance(two, Var):
        return isinstance(one, Var) and isinstance(two, Var) and one.name == two.name
    return isinstance(one, Scalar) and isinstance(two, Scalar) and one.value == two.value


def indexed(term: Term) -> bool:
    """Say whether a term is a scalar, a variable, or an array of these."""
    if isinstance(term, Scalar):
        if term.value.__class__ is tuple:
            return not any(each.__class__ in _COMPOSITE for each in term.value)
        return term.value.__class__ not in (RegoObject, RegoSet)
    if isinstance(term, ArrayTerm):
        return all(
            isinstance(item, Var) or (isinstance(item, Scalar) and item.value.__class__ not in _COMPOSITE)
            for item in term.items
        )
    return isinstance(term, Var)


def members(term: Term) -> list[Term] | None:
    """Give the members of a collection that is written out."""
    if isinstance(term, Scalar):
        if term.value.__class__ is RegoObject:
            return [Const(NOWHERE, each) for each in term.value.ordered_values()]
        if term.value.__class__ is RegoSet:
            return [Const(NOWHERE, each) for each in term.value.ordered()]
        return [Const(NOWHERE, each) for each in term.value] if term.value.__class__ is tuple else None
    if isinstance(term, (ArrayTerm, SetTerm)):
        return None if any(isinstance(item, (Ref, Closure)) for item in term.items) else list(term.items)
    return [value for _, value in term.pairs] if isinstance(term, ObjectTerm) else None


def split(text: str, delimiters: str) -> list[str]:
    r"""Cut a text at each delimiter that has no backslash before it.

    >>> split("a.b\\.c", ".")
    ['a', 'b\\.c']
    """
    parts, part, escaped = [], "", False
    for char in text:
        if char == "\\" or escaped:
            escaped = not escaped
            part += char
        elif char in delimiters:
            parts.append(part)
            part = ""
        else:
            part += char
    return [*parts, part]


def glob_array(pattern: Value, delimiters: str) -> Term | None:
    """Give the parts of a pattern as an array; None where a part has more than text or is more than ``*``."""
    if pattern.__class__ is not str:
        return None
    items: list[Term] = []
    for part in split(pattern, delimiters):
        if part == "*":
            items.append(Var(NOWHERE, "$globwildcard"))
            continue
        escaped = False
        for char in part:
            if char == "\\":
                escaped = not escaped
                continue
            if not escaped and char in "[?{*":
                return None
            escaped = False
        items.append(Const(NOWHERE, part))
    if all(isinstance(item, Scalar) for item in items):
        return Const(NOWHERE, tuple(item.value for item in items))  # type: ignore[attr-defined]
    return ArrayTerm(NOWHERE, items)


def plain(term: Term) -> bool:
    """Say whether a term is a scalar."""
    return isinstance(term, Scalar) and term.value.__class__ not in _COMPOSITE


def plugged(term: Term, constants: Mapping[str, Term]) -> Term:
    """Put the scalars that are known in for the variables of a reference."""
    if not isinstance(term, Ref):
        return term
    steps = [constants.get(step.name, step) if isinstance(step, Var) else step for step in term.steps]
    return Ref(term.at, term.head, [new if plain(new) else old for new, old in zip(steps, term.steps, strict=True)])
