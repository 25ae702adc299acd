"""Owns the question whether a term can be evaluated once some variables are bound, and which it binds then.

``missing`` are the variables that must be bound before; ``outputs`` those that its references bind by iteration. A
pattern binds the variables that stand in its arrays and in the values of its objects. Safety and code generation ask
the same functions, so they agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Logic,
    Negation,
    ObjectTerm,
    Ref,
    SomeDecl,
    Term,
    Var,
    children,
)
from graven.rego.walk import terms, terms_of_body

__all__ = ["ROOTS", "Arity", "bindings", "evaluable", "missing", "names", "outputs", "pattern", "unifies"]

ROOTS = frozenset({"data", "input"})
Arity = Callable[[tuple[str, ...]], int | None]
"""Gives how many arguments a function takes, or None if there is no such function."""


def names(term: Term) -> Iterator[Var]:
    """Give every variable of a term, closures included."""
    return (each for each in terms(term) if isinstance(each, Var) and each.name not in ROOTS)


def outputs(term: Term, bound: set[str]) -> set[str]:
    """Give the unbound variables that the references in a term bind by iteration."""
    found: set[str] = set()
    _outputs(term, bound, found)
    return found


def _outputs(term: Term, bound: set[str], found: set[str]) -> None:
    if isinstance(term, Ref):
        _outputs(term.head, bound, found)
        for step in term.steps:
            if isinstance(step, (Var, ArrayTerm, ObjectTerm)):
                found |= {name for name in _pattern_names(step) if name not in bound}
            else:
                _outputs(step, bound, found)
    elif not isinstance(term, Comprehension):
        for child in children(term):
            _outputs(child, bound, found)


def _pattern_names(term: Term) -> Iterator[str]:
    if isinstance(term, Var):
        if term.name not in ROOTS:
            yield term.name
    elif isinstance(term, (ArrayTerm, ObjectTerm)):
        for child in children(term):
            yield from _pattern_names(child)


def missing(term: Term, bound: set[str]) -> dict[str, int]:
    """Give the variables, with their places, that must be bound before the term can be evaluated."""
    found: dict[str, int] = {}
    _missing(term, bound, found)
    made = outputs(term, bound)
    return {name: at for name, at in found.items() if name not in made}


def _missing(term: Term, bound: set[str], found: dict[str, int]) -> None:
    if isinstance(term, Var):
        if term.name not in bound and term.name not in ROOTS:
            found.setdefault(term.name, term.at)
    elif isinstance(term, Comprehension):
        for name in term.captured - bound:
            found.setdefault(name, term.at)
    elif isinstance(term, Ref):
        _missing(term.head, bound, found)
        for step in term.steps:
            if not isinstance(step, Var):
                _missing_in_step(step, bound, found)
    else:
        for child in children(term):
            _missing(child, bound, found)


def _missing_in_step(step: Term, bound: set[str], found: dict[str, int]) -> None:
    """A composite step is a pattern: its variables are bound by it, its calls are not."""
    if isinstance(step, (ArrayTerm, ObjectTerm)):
        for child in children(step):
            if not isinstance(child, Var):
                _missing_in_step(child, bound, found)
    else:
        _missing(step, bound, found)


def evaluable(term: Term, bound: set[str]) -> bool:
    """Say whether a term can be evaluated now."""
    return not missing(term, bound)


def pattern(term: Term, bound: set[str]) -> tuple[dict[str, int], set[str]]:
    """Give what a pattern misses, and what it binds, when it is matched with a value."""
    if isinstance(term, Var):
        return {}, set() if term.name in bound or term.name in ROOTS else {term.name}
    if isinstance(term, ArrayTerm):
        return _parts(term.items, bound)
    if isinstance(term, ObjectTerm):
        lost, made = _parts([value for _, value in term.pairs], bound)
        for key, _ in term.pairs:
            lost |= missing(key, bound | made)
        return lost, made
    return missing(term, bound), outputs(term, bound)


def _parts(parts: list[Term], bound: set[str]) -> tuple[dict[str, int], set[str]]:
    """Match parts in any order that works."""
    made: set[str] = set()
    left = list(parts)
    lost: dict[str, int] = {}
    while left:
        lost, waiting = {}, []
        for part in left:
            need, binds = pattern(part, bound | made)
            if need:
                lost |= need
                waiting.append(part)
            else:
                made |= binds
        if len(waiting) == len(left):
            return lost, made
        left = waiting
    return {}, made


def unifies(left: Term, right: Term, bound: set[str]) -> tuple[dict[str, int], set[str]]:
    """Give what ``left = right`` misses, and what it binds."""
    for one, other in ((left, right), (right, left)):
        if evaluable(one, bound):
            made = outputs(one, bound)
            lost, binds = pattern(other, bound | made)
            if not lost:
                return {}, made | binds
    pairs = facing(left, right)
    if pairs is None:
        return missing(left, bound) | missing(right, bound), set()
    made, waiting = set(), pairs
    while waiting:
        lost, still = {}, []
        for one, other in waiting:
            need, binds = unifies(one, other, bound | made)
            if need:
                lost |= need
                still.append((one, other))
            else:
                made |= binds
        if len(still) == len(waiting):
            return lost, made
        waiting = still
    return {}, made


def facing(left: Term, right: Term) -> list[tuple[Term, Term]] | None:
    """Give the parts of two composites that face each other; None if they cannot be taken apart."""
    if isinstance(left, ArrayTerm) and isinstance(right, ArrayTerm) and len(left.items) == len(right.items):
        return list(zip(left.items, right.items, strict=True))
    if isinstance(left, ObjectTerm) and isinstance(right, ObjectTerm):
        ours, theirs = _by_key(left), _by_key(right)
        if ours is not None and theirs is not None and ours.keys() == theirs.keys():
            return [(ours[key], theirs[key]) for key in ours]
    return None


def _by_key(term: ObjectTerm) -> dict[object, Term] | None:
    from graven.rego.tree import Scalar

    if any(not isinstance(key, Scalar) for key, _ in term.pairs):
        return None
    return {getattr(key, "value", None): value for key, value in term.pairs}


def bindings(expr: Expr, bound: set[str], arity: Arity) -> tuple[dict[str, int], set[str]]:
    """Give what an expression misses, and what it binds."""
    lost: dict[str, int] = {}
    for modifier in expr.withs:
        lost |= missing(modifier.value, bound)
    need, made = _of_term(expr, bound, arity)
    return lost | need, made


def _of_term(expr: Expr, bound: set[str], arity: Arity) -> tuple[dict[str, int], set[str]]:
    found = expr.term
    if isinstance(found, (Negation, Logic)):
        return dict.fromkeys(found.captured - bound, found.at), set()
    if isinstance(found, Every):
        lost = missing(found.domain, bound) | dict.fromkeys(found.captured - bound, found.at)
        return lost, outputs(found.domain, bound)
    if isinstance(found, SomeDecl):
        return _of_some(found, bound)
    if expr.negated:
        return _of_negated(found, bound), set()
    if expr.closed and isinstance(found, Call):
        made, ref = found.args
        return _of_negated(ref, bound), outputs_of(made)
    if isinstance(found, Call):
        return _of_call(found, bound, arity)
    return missing(found, bound), outputs(found, bound)


def outputs_of(made: Term) -> set[str]:
    """Give the variable that an expression of the compiler's own binds."""
    return set(_pattern_names(made))


def _of_some(decl: SomeDecl, bound: set[str]) -> tuple[dict[str, int], set[str]]:
    if decl.member is None:
        return {}, set()
    *patterns, domain = decl.member.args
    made = outputs(domain, bound)
    lost, binds = _parts(patterns, bound | made)
    return missing(domain, bound) | lost, made | binds


def _of_negated(term: Term, bound: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    _all_names(term, bound, found)
    return found


def _all_names(term: Term, bound: set[str], found: dict[str, int]) -> None:
    if isinstance(term, (Comprehension, Var)):
        _missing(term, bound, found)
    else:
        for child in children(term):
            _all_names(child, bound, found)


def _of_call(call: Call, bound: set[str], arity: Arity) -> tuple[dict[str, int], set[str]]:
    if call.name in (("eq",), ("assign",)):
        if call.name == ("assign",):
            made = outputs(call.args[1], bound)
            lost, binds = pattern(call.args[0], bound | made)
            return missing(call.args[1], bound) | lost, made | binds
        return unifies(call.args[0], call.args[1], bound)
    wanted = arity(call.name)
    if wanted is None or len(call.args) != wanted + 1:
        return missing(call, bound), outputs(call, bound)
    inputs = Call(call.at, call.name, call.args[:-1])
    made = outputs(inputs, bound)
    lost, binds = pattern(call.args[-1], bound | made)
    return missing(inputs, bound) | lost, made | binds


def body_names(body: list[Expr]) -> Iterator[str]:
    """Give the names of every variable of a body, closures included."""
    return (each.name for each in terms_of_body(body) if isinstance(each, Var) and each.name not in ROOTS)
