"""Owns the static types of a policy's rules, and the errors of type that are sure: what can never hold is refused.

The rules are OPA's: a variable has the type of what first binds it; ``=`` between types that share no value, a builtin
or function called with what it never takes, and a step into what has no such member are errors. Input and base
documents may be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graven.rego.compile.unifying import Types
from graven.rego.compile.unit import Unit
from graven.rego.depths import deeper
from graven.rego.faults import PolicyError, fault
from graven.rego.readout import shown
from graven.rego.ruletree import Definition, Group
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
    Rule,
    Scalar,
    SetTerm,
    SomeDecl,
    Source,
    Term,
    Var,
    With,
    children,
)
from graven.rego.types import ANY, NUMBER, STRING, Type, array, mapping, select, setof, type_of, union
from graven.rego.values import UNDEFINED, Value
from graven.rego.walk import expressions, pattern_vars, terms, terms_of_body

__all__ = ["Inference"]

Signature = tuple[tuple[Type, ...], Type]
Known = tuple[tuple[tuple[str, ...], Type], ...]
"""Paths below ``input`` and ``data`` whose types are known, the longest first."""


class Inference:
    """Infers the types of groups on demand and keeps the errors."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.errors: list[PolicyError] = []
        self.known: dict[int, Signature] = {}
        self.schemas: Callable[[Definition], Known] = lambda _: ()
        """Gives the types of documents that schemas tell for a rule."""
        self.depth = 0

    def check(self) -> list[PolicyError]:
        """Check every group."""
        for group in self.unit.tree.groups:
            self.signature(group)
        return self.errors

    def check_query(self, source: Source, body: list[Expr]) -> list[PolicyError]:
        """Check a query."""
        _Body(self, source, Types()).body(body)
        return self.errors

    def signature(self, group: Group) -> Signature:
        """Give the types of a group's arguments and of its value."""
        found = self.known.get(group.number)
        if found is None:
            self.known[group.number] = ((ANY,) * group.arity, ANY)
            self.depth += 1
            found = self.known[group.number] = deeper(self.depth, lambda: self._signature(group))
            self.depth -= 1
        return found

    def _signature(self, group: Group) -> Signature:
        parts = [part for each in (*group.definitions, *group.defaults) for part in self._arms(group, each)]
        arguments = tuple(union(tuple(part[0][at] for part in parts)) for at in range(group.arity))
        return arguments, _whole(group, [part[1] for part in parts])

    def _arms(self, group: Group, each: Definition) -> Iterable[Signature]:
        """Give the types of each rule of an ``else`` chain."""
        for arm in (each.rule, *each.rule.orelse):
            checker = _Body(self, each.module.source, Types())
            checker.schemas = self.schemas(each)
            for arg in arm.args or []:
                checker.types.variables |= {name.name: ANY for name in pattern_vars(arg)}
            checker.body(arm.body)
            arguments = tuple(checker.of(arg) or ANY for arg in arm.args or [])
            yield arguments, checker.head(group, each, arm)


def _whole(group: Group, values: list[Type]) -> Type:
    if group.kind == "set":
        return setof(union(tuple(values)))
    return union(tuple(values)) if group.kind in ("complete", "function") else _merged(values)


def _merged(values: list[Type]) -> Type:
    """Give the type of an object to which several rules add."""
    if any(value.kind != "object" or value.item is None for value in values) or not values:
        return ANY
    return mapping((), union(tuple(v.key or ANY for v in values)), union(tuple(v.item or ANY for v in values)))


class _Body:
    """Checks the bodies of one rule."""

    def __init__(self, inference: Inference, source: Source, types: Types) -> None:
        self.inference = inference
        self.source = source
        self.types = types
        types.of = self.of
        self.schemas: Known = ()
        self.replaced: list[tuple[Value, ...]] = []
        """Paths below ``data`` that the ``with`` around replace by something of another type."""

    def report(self, at: int, message: str) -> None:
        """Keep an error of type."""
        self.inference.errors.append(fault(self.source, at, "rego_type_error", message))

    def head(self, group: Group, each: Definition, arm: Rule) -> Type:
        """Give the type of what a rule adds or is."""
        value = self.visit(arm.key if arm.key is not None else arm.value)
        if group.kind != "object":
            return value
        keys = [self.visit(step) for step in each.rest]
        return mapping((), keys[0], value) if len(keys) == 1 and arm.key is None else ANY

    def body(self, body: list[Expr]) -> None:
        """Check the expressions of a body in their order."""
        for expr in body:
            for modifier in expr.withs:
                self.visit(modifier.value)
            outer, self.replaced = self.replaced, [*self.replaced, *filter(None, map(_replaced, expr.withs))]
            self._expr(expr)
            self.replaced = outer

    def _expr(self, expr: Expr) -> None:
        found = expr.term
        if isinstance(found, SomeDecl):
            if found.member is not None:
                self._some(found.member.args)
        elif isinstance(found, Every):
            names = [part if part is not None else Var(found.at, "$") for part in (found.key, found.value)]
            self.types.unify(names[1], select(self.visit(found.domain), ANY) or ANY)
            self._inside_every(found.body)
        elif isinstance(found, Negation):
            self.body(found.body)
        elif isinstance(found, Logic):
            self.body(found.left)
            self.body(found.right)
        elif isinstance(found, Call) and found.name in (("eq",), ("assign",)):
            self._equality(found)
        elif isinstance(found, Call):
            self._call(found, statement=True)
        else:
            self.visit(found)

    def _inside_every(self, body: list[Expr]) -> None:
        """Check what OPA checks in the body of ``every``: references and comprehensions, no calls."""
        before = dict(self.types.variables)
        domains = {
            id(term) for expr in expressions(body) if isinstance(expr.term, Every) for term in terms(expr.term.domain)
        }
        for term in terms_of_body(body):
            if isinstance(term, Ref) and id(term) not in domains:
                self._ref(term)
            elif isinstance(term, Comprehension):
                self.visit(term)
        self.types.variables = before

    def _some(self, args: list[Term]) -> None:
        """Check ``some k, v in domain``: the patterns are keys and values of the domain."""
        *patterns, domain = args
        found = self.visit(domain)
        kinds = {part.kind for part in (found.members if found.kind == "any" else (found,))}
        if kinds and kinds <= {"null", "boolean", "number", "string"} and not isinstance(domain, Scalar):
            self.report(domain.at, f"undefined ref: {shown(domain) if isinstance(domain, Ref) else found}[_]")
            return
        value = select(found, ANY) or ANY
        self.types.unify(patterns[-1], value)
        if len(patterns) == 2:
            self.types.unify(patterns[0], _key_type(found))

    def _equality(self, call: Call) -> None:
        left, right = call.args
        one, two = self.visit_pattern(left), self.visit_pattern(right)
        if not self.types.unify_terms(left, right):
            self.report(call.at, f"match error\n\tleft  : {one or '???'}\n\tright : {two or '???'}")

    def visit_pattern(self, term: Term) -> Type | None:
        """Check the references and calls in a term that may hold unbound variables."""
        if isinstance(term, (ArrayTerm, ObjectTerm, SetTerm)):
            for child in children(term):
                self.visit_pattern(child)
        elif not isinstance(term, Var):
            self.visit(term)
        return self.of(term)

    def visit(self, term: Term) -> Type:
        """Check a term with all that is in it and give its type."""
        if isinstance(term, Call):
            return self._call(term)
        if isinstance(term, Comprehension):
            self.body(term.body)
            for part in (term.key, term.value):
                if part is not None:
                    self.visit(part)
        elif isinstance(term, Ref):
            self._ref(term)
        else:
            for child in children(term):
                self.visit(child)
        return self.of(term) or ANY

    def _ref(self, term: Ref) -> None:
        for step in term.steps:
            if not isinstance(step, (Var, Scalar)):
                self.visit_pattern(step)
        if not isinstance(term.head, Var):
            self.visit(term.head)
        if self.of(term) is None:
            self.report(term.at, f"undefined ref: {shown(term)}")

    def _call(self, call: Call, *, statement: bool = False) -> Type:
        if call.name in (("eq",), ("assign",)):
            self._equality(call)
            return ANY
        for arg in call.args:
            self.visit_pattern(arg)
        signature = self._signature(call)
        if signature is None:
            return ANY
        compared = call.infix == "in" or (statement and call.infix == "==")  # as a term, == takes anything
        if compared and not self._matches(call):
            return signature[1]
        wanted = [*signature[0], signature[1]] if statement else list(signature[0])
        if not all(self.types.unify(arg, one) for arg, one in zip(call.args, wanted, strict=False)):
            have = ", ".join(str(self.of(arg) or "???") for arg in call.args)
            want = ", ".join(map(str, signature[0]))
            name = ".".join(call.name)
            self.report(call.at, f"{name}: invalid argument(s)\n\thave: ({have})\n\twant: ({want})")
        return signature[1]

    def _matches(self, call: Call) -> bool:
        """Check the sides of ``==`` and ``in``: a member has the type of the members."""
        *left, right = call.args
        wanted = [self.of(right)]
        if call.infix == "in":
            container = wanted[0] or ANY
            wanted = [*([_key_type(container)] if len(left) == 2 else []), select(container, ANY) or ANY]
        for one, two in zip(left, wanted, strict=True):
            if two is not None and not self.types.unify(one, two):
                self.report(call.at, f"match error\n\tleft  : {self.of(one)}\n\tright : {two}")
                return False
        return True

    def _signature(self, call: Call) -> Signature | None:
        if call.name[0] == "data":
            group = self.inference.unit.tree.function(call.name[1:])
            return self.inference.signature(group) if group else None
        found = self.inference.unit.find(".".join(call.name))
        if found is None or found.declaration.variadic:
            return None
        return found.declaration.arguments, found.declaration.result or ANY

    def of(self, term: Term) -> Type | None:
        """Give the type of a term; None if a variable in it has none yet, or a reference in it is never defined."""
        if isinstance(term, Scalar):
            return type_of(term.value)
        if isinstance(term, Var):
            if term.name in ("input", "data"):
                return next((known for path, known in self.schemas if path == (term.name,)), ANY)
            return self.types.variables.get(term.name)
        if isinstance(term, Ref):
            return self._ref_type(term)
        if isinstance(term, Call):
            signature = self._signature(term)
            return ANY if signature is None else signature[1]
        if isinstance(term, Comprehension):
            return self._comprehension(term)
        if isinstance(term, ArrayTerm):
            items = [self.of(item) for item in term.items]
            return None if None in items else array(tuple(item for item in items if item))
        if isinstance(term, SetTerm):
            items = [self.of(item) for item in term.items]
            return None if None in items else setof(union(tuple(item for item in items if item)) if items else ANY)
        if isinstance(term, ObjectTerm):
            return self._object_type(term)
        return STRING

    def _object_type(self, term: ObjectTerm) -> Type | None:
        static, keys, values = [], [], []
        for key, value in term.pairs:
            one, two = self.of(key), self.of(value)
            if one is None or two is None:
                return None
            if isinstance(key, Scalar):
                static.append((key.value, two))
            else:
                keys.append(one)
                values.append(two)
        return mapping(tuple(static), *((union(tuple(keys)), union(tuple(values))) if keys else (None, None)))

    def _comprehension(self, term: Comprehension) -> Type:
        value = self.of(term.value) or ANY
        if term.kind == "array":
            return array(item=value)
        return setof(value) if term.kind == "set" else mapping((), self.of(term.key or term.value) or ANY, value)

    def _ref_type(self, term: Ref) -> Type | None:
        current, steps = self._head_type(term)
        for step in steps:
            if isinstance(step, Var) and self.types.variables.get(step.name) is None:
                if not step.wild and step.name not in ("input", "data"):
                    self.types.variables[step.name] = _key_type(current)
                following = select(current, ANY)
            else:
                constant = step.value if isinstance(step, Scalar) else UNDEFINED
                following = select(current, self.of(step) or ANY, constant)
            if following is None:
                return None
            current = following
        return current

    def _head_type(self, term: Ref) -> tuple[Type, list[Term]]:
        if not isinstance(term.head, Var) or term.head.name not in ("data", "input"):
            return self.of(term.head) or ANY, term.steps
        for known_path, known in self.schemas:
            names = (term.head.name, *(getattr(step, "value", None) for step in term.steps[: len(known_path) - 1]))
            if names == known_path:
                return known, term.steps[len(known_path) - 1 :]
        if term.head.name == "data":
            path = []
            for step in term.steps:
                if not isinstance(step, Scalar):
                    break
                path.append(step.value)
            node, depth = self.inference.unit.tree.find(path)
            if any(tuple(path[: len(each)]) == each[: len(path)] for each in self.replaced):
                return ANY, term.steps[len(path) :]
            if node.group is not None and node.group.kind != "function":
                return self.inference.signature(node.group)[1], term.steps[depth:]
            return ANY, term.steps[len(path) :]
        return ANY, term.steps


def _replaced(modifier: With) -> tuple[Value, ...] | None:
    """Give the path below ``data`` that a ``with`` replaces."""
    target = modifier.target
    head, steps = (target.head, target.steps) if isinstance(target, Ref) else (target, [])
    if not isinstance(head, Var) or head.name != "data":
        return None
    return tuple(step.value for step in steps if isinstance(step, Scalar))


def _key_type(container: Type) -> Type:
    """Give the type of the keys of a collection."""
    kinds = container.members if container.kind == "any" else (container,)
    found: list[Type] = []
    for kind in kinds:
        if kind.kind == "array":
            found.append(NUMBER)
        elif kind.kind == "set":
            found.append(kind.item or ANY)
        elif kind.kind == "object":
            found += [type_of(key) for key, _ in kind.keys] + ([kind.key] if kind.key else [])
    return union(tuple(found)) if found else ANY
