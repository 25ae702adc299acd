"""Owns the names of a rule: which are its own, which are rules, imports or root documents.

A declared name (``:=``, ``some``, arguments, ``every``) becomes unique in its rule, so that later stages need no
scopes: two variables of one name are one variable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count

from graven.rego.faults import PolicyError, fault
from graven.rego.tree import Source, Term, Var
from graven.rego.walk import pattern_vars

__all__ = ["Names", "Scope"]


class Names:
    """What a module's rules can see beside their own variables."""

    def __init__(self, source: Source, package: list[str], rules: Iterable[str], imports: dict[str, list[str]]) -> None:
        self.source = source
        self.package = package
        self.known: dict[str, tuple[str, ...]] = {name: ("data", *package, name) for name in rules}
        self.known |= {alias: tuple(path) for alias, path in imports.items()}
        self.known |= {"data": ("data",), "input": ("input",)}
        self.used: set[str] = set()
        self.errors: list[PolicyError] = []
        self.fresh = count(1)

    def report(self, at: int, message: str, code: str = "rego_compile_error", hint: str = "") -> None:
        """Keep an error for later."""
        self.errors.append(fault(self.source, at, code, message, hint))


class Scope:
    """The variables declared in one body, and the scope around it."""

    def __init__(self, names: Names, outer: Scope | None = None) -> None:
        self.names = names
        self.outer = outer
        self.own: dict[str, tuple[str, str, int]] = {}
        self.seen: set[str] = set()
        self.read: set[str] = set()

    def inner(self) -> Scope:
        """Give a scope inside this one."""
        return Scope(self.names, self)

    def declare(self, name: Var, how: str, at: int | None = None) -> Var:
        """Make a name the scope's own: ``how`` is assigned, declared, member or arg; ``at`` is told of it in errors."""
        at = name.at if at is None else at
        if name.wild:
            return name
        if name.name in self.own:
            earlier = self.own[name.name][1]
            above = "declared" if earlier == "member" else earlier
            message = f"arg {name.name} redeclared" if earlier == "arg" else f"var {name.name} {above} above"
            if not (how == earlier == "arg"):
                self.names.report(at, message, hint="choose another name")
            return Var(name.at, self.own[name.name][0])
        if name.name in self.seen and how != "arg":
            self.names.report(at, f"var {name.name} referenced above", hint="assign it before it is used")
        unique = f"{name.name}%{next(self.names.fresh)}"
        self.own[name.name] = (unique, how, at)
        return Var(name.at, unique)

    def find(self, name: str) -> str | None:
        """Give the unique name of a declared variable, or None."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.own:
                scope.read.add(name)
                return scope.own[name][0]
            scope = scope.outer
        self.seen.add(name)
        return None

    def declare_pattern(self, term: Term, how: str, resolve: Callable[[Term], Term], at: int | None = None) -> Term:
        """Declare the variables of a pattern and give the pattern with its unique names."""
        names = {name.name for name in pattern_vars(term)}
        for name in pattern_vars(term):
            self.declare(name, how, at)
        before = names & self.read
        done = resolve(term)
        self.read -= names - before
        return done

    def unused(self, how: str) -> Iterable[tuple[str, int]]:
        """Give the names that were declared in this way and never read."""
        return [(name, at) for name, (_, kind, at) in self.own.items() if kind == how and name not in self.read]
