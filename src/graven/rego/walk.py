"""Owns the walks over a syntax tree: every term of a rule, its calls, the names it assigns."""

from __future__ import annotations

from collections.abc import Iterator

from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Logic,
    Negation,
    ObjectTerm,
    Rule,
    SomeDecl,
    Term,
    Var,
    children,
)

__all__ = [
    "assigned",
    "bodies_of",
    "calls",
    "expressions",
    "pattern_vars",
    "rule_terms",
    "terms",
    "terms_of_body",
    "terms_of_expr",
]


def terms(term: Term) -> Iterator[Term]:
    """Give a term and every term in it, bodies of comprehensions included."""
    waiting = [term]
    while waiting:
        now = waiting.pop()
        yield now
        if isinstance(now, Comprehension):
            inside = [*((now.key,) if now.key is not None else ()), now.value, *_roots(now.body)]
            waiting += inside[::-1]
        else:
            waiting += children(now)[::-1]


def _roots(body: list[Expr]) -> list[Term]:
    """Give the terms of a body that stand in no other term."""
    found: list[Term] = []
    for expr in body:
        term = expr.term
        if isinstance(term, Term):
            found.append(term)
        elif isinstance(term, SomeDecl):
            found += [term.member] if term.member is not None else []
        elif isinstance(term, Every):
            found += [term.domain, *_roots(term.body)]
        elif isinstance(term, Negation):
            found += _roots(term.body)
        else:
            found += _roots(term.left) + _roots(term.right)
        for modifier in expr.withs:
            found += [modifier.target, modifier.value]
    return found


def terms_of_body(body: list[Expr]) -> Iterator[Term]:
    """Give every term of a body."""
    for root in _roots(body):
        yield from terms(root)


def terms_of_expr(expr: Expr) -> Iterator[Term]:
    """Give every term of an expression."""
    return terms_of_body([expr])


def rule_terms(rule: Rule) -> Iterator[Term]:
    """Give every term of a rule, its head and the rules after ``else`` included."""
    for step in rule.ref:
        yield from terms(step)
    for arg in rule.args or []:
        yield from terms(arg)
    for part in (rule.key, rule.value):
        if part is not None:
            yield from terms(part)
    yield from terms_of_body(rule.body)
    for other in rule.orelse:
        yield from terms(other.value)
        yield from terms_of_body(other.body)


def bodies_of(rule: Rule) -> list[list[Expr]]:
    """Give the bodies of a rule: its own, those after ``else``, those of comprehensions in its heads."""
    bodies = [rule.body]
    heads = [*rule.ref, *(rule.args or []), *filter(None, (rule.key,)), rule.value]
    for other in rule.orelse:
        bodies.append(other.body)
        heads.append(other.value)
    inner = [term.body for head in heads for term in terms(head) if isinstance(term, Comprehension)]
    return bodies + inner


def calls(rule: Rule) -> Iterator[Call]:
    """Give every call of a rule."""
    return (term for term in rule_terms(rule) if isinstance(term, Call))


def expressions(body: list[Expr]) -> Iterator[Expr]:
    """Give every expression of a body and of the bodies inside it, each once."""
    waiting = [body]
    while waiting:
        for expr in waiting.pop():
            yield expr
            found = expr.term
            if isinstance(found, (Every, Negation)):
                waiting.append(found.body)
            elif isinstance(found, Logic):
                waiting += [found.left, found.right]
            waiting += _bodies_in(_own_terms(expr))


def _own_terms(expr: Expr) -> list[Term]:
    """Give the terms of an expression that stand in no body inside it."""
    found = expr.term
    if isinstance(found, Term):
        own = [found]
    elif isinstance(found, SomeDecl):
        own = [found.member] if found.member is not None else []
    else:
        own = [found.domain] if isinstance(found, Every) else []
    for modifier in expr.withs:
        own += [modifier.target, modifier.value]
    return own


def _bodies_in(waiting: list[Term]) -> list[list[Expr]]:
    """Give the bodies of the comprehensions in some terms; those inside these are not entered."""
    found: list[list[Expr]] = []
    while waiting:
        term = waiting.pop()
        if term.__class__ is Comprehension and isinstance(term, Comprehension):
            found.append(term.body)
            waiting += [part for part in (term.key, term.value) if part is not None]
        else:
            waiting += children(term)
    return found


def pattern_vars(term: Term) -> Iterator[Var]:
    """Give the variables that a pattern binds: those in arrays and values of objects."""
    if isinstance(term, Var):
        yield term
    elif isinstance(term, ObjectTerm):
        for _, value in term.pairs:
            yield from pattern_vars(value)
    elif isinstance(term, ArrayTerm):
        for child in children(term):
            yield from pattern_vars(child)


def assigned(rule: Rule) -> Iterator[tuple[str, int]]:
    """Give the names that a rule declares: arguments, ``some``, ``:=``, ``every``."""
    for arg in rule.args or []:
        yield from ((name.name, name.at) for name in pattern_vars(arg))
    for body in (rule.body, *(other.body for other in rule.orelse)):
        for expr in expressions(body):
            yield from _declared(expr)


def _declared(expr: Expr) -> Iterator[tuple[str, int]]:
    found = expr.term
    if isinstance(found, SomeDecl):
        members = found.member.args[:-1] if found.member else []
        for name in [*found.names, *(each for member in members for each in pattern_vars(member))]:
            yield name.name, name.at
    elif isinstance(found, Every):
        for each in (found.key, found.value):
            if isinstance(each, Var):
                yield each.name, each.at
    elif isinstance(found, Call) and found.infix == ":=":
        for name in pattern_vars(found.args[0]):
            yield name.name, name.at
