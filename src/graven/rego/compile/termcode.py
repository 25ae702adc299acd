"""Owns the code of terms: collections, comprehensions, template strings."""

from __future__ import annotations

import ast
from collections.abc import Callable

from graven.rego.compile.emitter import call, constant, load, method
from graven.rego.compile.readiness import evaluable, outputs
from graven.rego.compile.references import ReferenceCode
from graven.rego.notation import term_text
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Expr,
    ObjectTerm,
    Ref,
    Scalar,
    SetTerm,
    Template,
    Term,
    Var,
    children,
)
from graven.rego.values import UNDEFINED, RegoObject, RegoSet, Value

__all__ = ["TermCode", "known"]


def known(term: Term) -> Value:
    """Give the value of a term that is made of scalars alone, else UNDEFINED."""
    if isinstance(term, Scalar):
        return term.value
    if isinstance(term, (ArrayTerm, SetTerm)):
        items = [known(item) for item in term.items]
        if any(item is UNDEFINED for item in items):
            return UNDEFINED
        return tuple(items) if isinstance(term, ArrayTerm) else RegoSet(items)
    if isinstance(term, ObjectTerm):
        pairs = [(known(key), known(value)) for key, value in term.pairs]
        if any(UNDEFINED in pair for pair in pairs) or len({key for key, _ in pairs}) < len(pairs):
            return UNDEFINED
        return RegoObject(pairs)
    return UNDEFINED


class TermCode(ReferenceCode):
    """Emits terms; calls and bodies are the business of subclasses."""

    def call(self, term: Call) -> ast.expr:
        """Emit a call as a value."""
        raise NotImplementedError

    def body(self, body: list[Expr]) -> None:
        """Emit the expressions of a body."""
        raise NotImplementedError

    def term(self, term: Term) -> ast.expr:
        """Emit the evaluation of a term, which fails where it is undefined, and give its value."""
        constant_value = known(term)
        if constant_value is not UNDEFINED:
            return self.value(constant_value)
        if isinstance(term, Var):
            return load(self.names[term.name]) if term.name in self.names else self.root(term.name)
        if isinstance(term, Ref):
            return self.reference(term)
        if isinstance(term, Call):
            return self.call(term)
        if isinstance(term, Comprehension):
            return self._comprehension(term)
        if isinstance(term, Template):
            return self._template(term)
        if isinstance(term, ObjectTerm):
            return self._object(term)
        items = self.terms(list(children(term)))
        made = ast.Tuple(items, ast.Load())
        return self.store(made if isinstance(term, ArrayTerm) else call("RegoSet", made))

    def terms(self, terms: list[Term]) -> list[ast.expr]:
        """Emit several terms; one that binds a variable comes before those that read it."""
        done: dict[int, ast.expr] = {}
        while len(done) < len(terms):
            ready = [at for at, term in enumerate(terms) if at not in done and evaluable(term, set(self.names))]
            if not ready:
                ready = [at for at in range(len(terms)) if at not in done]
            binding = [at for at in ready if outputs(terms[at], set(self.names))]
            for at in ready if len(ready) + len(done) == len(terms) else (binding[:1] or ready):
                done[at] = self.term(terms[at])
        return [done[at] for at in range(len(terms))]

    def _object(self, term: ObjectTerm) -> ast.expr:
        parts = self.terms([part for pair in term.pairs for part in pair])
        keys = [key for key, _ in term.pairs]
        if all(isinstance(key, Scalar) for key in keys):
            made = ast.Dict(list(parts[::2]), parts[1::2])
            return self.store(call("RegoObject", made))
        pairs = [ast.Tuple([parts[at], parts[at + 1]], ast.Load()) for at in range(0, len(parts), 2)]
        return self.store(call("RegoObject", ast.Tuple([*pairs], ast.Load())))

    def _comprehension(self, term: Comprehension) -> ast.expr:
        out = self.fresh("c")
        if term.kind == "object":
            return self._object_comprehension(term, out)
        add = "append" if term.kind == "array" else "add"
        self.assign(out, ast.List([], ast.Load()) if add == "append" else call("set"))
        self.each(self._adding(term, lambda: ast.Expr(method(load(out), add, self.term(term.value)))))
        return self.store(call("tuple" if add == "append" else "RegoSet", load(out)))

    def _object_comprehension(self, term: Comprehension, out: str) -> ast.expr:
        self.assign(out, ast.Dict([], []))
        key_term = term.key or term.value
        site = self.site(term.at)

        def entry() -> ast.stmt:
            key, value = self.terms([key_term, term.value])
            key, value = self.store(key), self.store(value)
            before = method(load(out), "setdefault", key, value)
            clash = ast.Compare(before, [ast.NotEq()], [value])
            return ast.If(clash, [ast.Expr(call("conflict", site, constant("object keys must be unique")))], [])

        self.each(self._adding(term, entry))
        return self.store(call("RegoObject", load(out)))

    def _adding(self, term: Comprehension, make: Callable[[], ast.stmt]) -> Callable[[], None]:
        def emit() -> None:
            self.body(term.body)
            self.add(make())

        return emit

    def _template(self, term: Template) -> ast.expr:
        holes = [part for part in term.parts if not isinstance(part, (str, Scalar))]
        values = dict(zip(map(id, holes), self.terms(holes), strict=True))
        site = self.site(term.at)
        parts: list[ast.expr] = []
        for part in term.parts:
            if isinstance(part, str):
                parts.append(constant(part))
            elif isinstance(part, Scalar):
                parts.append(constant(part.value if isinstance(part.value, str) else term_text(part.value)))
            else:
                name = "hole" if isinstance(part, Comprehension) else "hole_value"
                parts.append(call(name, load(self.state), site, values[id(part)]))
        return self.store(method(constant(""), "join", ast.Tuple(parts, ast.Load())))
