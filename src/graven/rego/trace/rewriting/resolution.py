"""Owns the first stage: names of imports and of the package's rules become references from ``data`` and ``input``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graven.rego.trace.rewriting.forms import Hole
from graven.rego.trace.rewriting.ordering import arranged
from graven.rego.trace.rewriting.variables import variables
from graven.rego.trace.rewriting.walking import Node, bodies, parts
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Import,
    Module,
    ObjectTerm,
    Ref,
    Rule,
    Scalar,
    SetTerm,
    SomeDecl,
    Template,
    Term,
    Var,
)

__all__ = ["Resolution", "declared", "exports", "globals_of"]

Path = tuple[str, ...]


def exports(modules: Iterable[Module]) -> dict[Path, set[str]]:
    """Give the names of the rules of each package."""
    found: dict[Path, set[str]] = {}
    for module in modules:
        found.setdefault(tuple(module.package), set()).update(rule.name for rule in module.rules)
    return found


def globals_of(package: Path, names: Iterable[str], imports: Iterable[Import]) -> dict[str, Path]:
    """Give what each name stands for in a module."""
    found = {name: ("data", *package, name) for name in names}
    found.update((entry.alias, tuple(entry.path)) for entry in imports if entry.path[0] in ("data", "input"))
    return found


def declared(body: list[Expr]) -> set[str]:
    """Give the variables that a body declares, what its comprehensions declare left out."""
    names: set[str] = set()
    for expr in body:
        _declared(expr, names)
    return names


def _declared(node: Node, names: set[str]) -> None:
    if isinstance(node, Comprehension):
        return
    if isinstance(node, Expr) and isinstance(node.term, Call) and node.term.name == ("assign",):
        names |= variables(node.term.args[0]) if len(node.term.args) == 2 else set()
    elif isinstance(node, SomeDecl):
        declared_terms = node.names if node.member is None else node.member.args[:-1]
        for term in declared_terms:
            names |= variables(term)
    for part in parts(node):
        _declared(part, names)


class Resolution:
    """Resolves the names of one module or query."""

    def __init__(self, names: Mapping[str, Path]) -> None:
        self._names = names
        self._hidden: list[set[str]] = []

    def rule(self, rule: Rule) -> None:
        """Resolve the names in one definition."""
        arguments: set[str] = set()
        for arg in rule.args or []:
            _patterns(arg, arguments)
        self._hidden = [arguments, declared(rule.body)]
        rule.ref[1:] = [self.term(step) for step in rule.ref[1:]]
        if rule.key is not None:
            rule.key = self.term(rule.key)
        else:
            rule.value = self.term(rule.value)
        rule.body = self._body(rule.body)

    def query(self, body: list[Expr]) -> list[Expr]:
        """Resolve the names in a query."""
        self._hidden = [declared(body)]
        return self._body(body)

    def _body(self, body: list[Expr]) -> list[Expr]:
        return [self._expr(expr) for expr in body]

    def _expr(self, expr: Expr) -> Expr:
        term = expr.term
        if isinstance(term, Call):
            term.name = self._path(term.name)
            term.args = [self.term(arg) for arg in term.args]
        elif isinstance(term, Term):
            expr.term = self.term(term)
        elif isinstance(term, SomeDecl):
            if term.member is not None:
                term.member.args = [self.term(arg) for arg in term.member.args]
        elif isinstance(term, Every):
            self._hidden.append(variables(term.value) | (variables(term.key) if term.key else set()))
            term.domain, term.body = self.term(term.domain), self._body(term.body)
            self._hidden.pop()
        else:
            for body in bodies(term):
                body[:] = self._body(body)
        for modifier in expr.withs:
            modifier.target, modifier.value = self.term(modifier.target), self.term(modifier.value)
        return expr

    def _path(self, name: Path) -> Path:
        found = self._found(name[0])
        return name if found is None else (*found, *name[1:])

    def _found(self, name: str) -> Path | None:
        return None if any(name in hidden for hidden in self._hidden) else self._names.get(name)

    def term(self, term: Term) -> Term:
        """Give a term with its names resolved."""
        if isinstance(term, Var):
            found = self._found(term.name)
            return term if found is None else _reference(term.at, found)
        if isinstance(term, Ref):
            return self._reference(term)
        if isinstance(term, Call):
            term.name = self._path(term.name)
            term.args = [self.term(arg) for arg in term.args]
        elif isinstance(term, ArrayTerm | SetTerm):
            term.items = [self.term(item) for item in term.items]
        elif isinstance(term, ObjectTerm):
            term.pairs = [(self.term(key), self.term(value)) for key, value in term.pairs]
        elif isinstance(term, Comprehension):
            self._comprehension(term)
        elif isinstance(term, Template):
            for part in term.parts:
                if isinstance(part, Hole):
                    self._expr(part.expr)
        return arranged(term)

    def _reference(self, ref: Ref) -> Ref:
        """Resolve the parts of a reference; a template string in it is left as it is, as OPA leaves it."""
        head, steps = ref.head, [step if isinstance(step, Template) else self.term(step) for step in ref.steps]
        if isinstance(head, Var):
            found = self._found(head.name)
            if found is None:
                return Ref(ref.at, head, steps)
            made = _reference(head.at, found)
            return Ref(ref.at, made.head, [*made.steps, *steps])
        return Ref(ref.at, self.term(head), steps)

    def _comprehension(self, term: Comprehension) -> None:
        self._hidden.append(declared(term.body))
        term.key = None if term.key is None else self.term(term.key)
        term.value, term.body = self.term(term.value), self._body(term.body)
        self._hidden.pop()


def _reference(at: int, path: Path) -> Ref:
    return Ref(at, Var(at, path[0]), [Scalar(at, step) for step in path[1:]])


def _patterns(term: Term, names: set[str]) -> None:
    """Add the variables that an argument binds."""
    if isinstance(term, Var):
        names.add(term.name)
    elif isinstance(term, ObjectTerm):
        for _, value in term.pairs:
            _patterns(value, names)
    elif isinstance(term, ArrayTerm | Ref):
        for part in parts(term):
            if isinstance(part, Term):
                _patterns(part, names)
