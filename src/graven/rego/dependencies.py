"""Owns what a query depends on: the base documents that it reads, and the documents that rules make for it."""

from __future__ import annotations

from collections.abc import Iterable

from graven.rego.compile.frontend import Frontend
from graven.rego.compile.resolve import Resolver
from graven.rego.compile.scopes import Names, Scope
from graven.rego.faults import PolicyErrors
from graven.rego.parse.modules import parse_query
from graven.rego.ruletree import Group
from graven.rego.tree import Call, Ref, Scalar, Term, Var
from graven.rego.values import Value, sorted_values
from graven.rego.walk import rule_terms, terms_of_body

__all__ = ["dependencies"]

Path = tuple[Value, ...]


def dependencies(frontend: Frontend, query: str) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Give the paths of base documents, no one below another, and those of rules, each in order.

    Raises:
        PolicyErrors: the query cannot be read.
    """
    parsed, source = parse_query(query, file="")
    names = Names(source, [], (), {})
    body = Resolver(names, None, lambda name: frontend.find(name) is not None).body(parsed, Scope(names))
    if names.errors:
        raise PolicyErrors(names.errors)
    base: set[Path] = set()
    seen: dict[int, Group] = {}
    waiting = _reached(frontend, terms_of_body(body), base)
    while waiting:
        group = waiting.pop()
        if group.number not in seen:
            seen[group.number] = group
            for each in (*group.definitions, *group.defaults):
                waiting += _reached(frontend, rule_terms(each.rule), base)
    least = [path for path in base if not any(path[:length] in base for length in range(1, len(path)))]
    return tuple(_ordered(least)), tuple(_ordered({("data", *group.path) for group in seen.values()}))


def _ordered(paths: Iterable[Path]) -> list[Path]:
    return list(sorted_values(paths))


def _reached(frontend: Frontend, found: Iterable[Term], base: set[Path]) -> list[Group]:
    """Give the rules that some terms read; note the base documents."""
    groups: list[Group] = []
    everything = list(found)
    heads = {id(term.head) for term in everything if isinstance(term, Ref)}
    for term in everything:
        if isinstance(term, Call) and term.name[0] == "data":
            path: Path | None = tuple(term.name)
        else:
            path = None if id(term) in heads else _path(term)
        if path is None:
            continue
        below = _groups(frontend, path[1:]) if path[0] == "data" else []
        groups += below
        if not below:
            base.add(path)
    return groups


def _path(term: Term) -> Path | None:
    """Give the fixed steps of a reference from a root."""
    head, steps = (term.head, term.steps) if isinstance(term, Ref) else (term, [])
    if not isinstance(head, Var) or head.name not in ("data", "input"):
        return None
    fixed: list[Value] = []
    for step in steps:
        if not isinstance(step, Scalar):
            break
        fixed.append(step.value)
    return (head.name, *fixed)


def _groups(frontend: Frontend, path: Path) -> list[Group]:
    node, depth = frontend.tree.find(path)
    if node.group is not None:
        return [node.group]
    return list(node.groups()) if depth == len(path) else []
