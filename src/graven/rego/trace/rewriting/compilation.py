"""Owns the order of the stages: modules and queries as OPA's compiler leaves them before evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from graven.rego.builtins.declarations import Declaration, declaration
from graven.rego.compile.metadata import Annotated
from graven.rego.trace.rewriting.copies import Copier
from graven.rego.trace.rewriting.declarations import Declarations
from graven.rego.trace.rewriting.dynamics import Dynamics
from graven.rego.trace.rewriting.expansion import Expansion
from graven.rego.trace.rewriting.forms import NOWHERE, unification
from graven.rego.trace.rewriting.heads import Heads, Modifiers, equalities
from graven.rego.trace.rewriting.localnames import Generator
from graven.rego.trace.rewriting.metadata import Metadata
from graven.rego.trace.rewriting.outputs import Outputs
from graven.rego.trace.rewriting.resolution import Resolution, exports, globals_of
from graven.rego.trace.rewriting.rules import Rules
from graven.rego.trace.rewriting.safety import RESERVED, Safety
from graven.rego.trace.rewriting.templates import Prints, Templates
from graven.rego.trace.rewriting.variables import variables_of
from graven.rego.trace.rewriting.walking import Node, nodes_of, walk
from graven.rego.tree import Call, Comprehension, Expr, Import, Module, Ref, Rule, Source, Term, Var

__all__ = ["Query", "Rewriting", "rewritten", "rewritten_query"]

Find = Callable[[str], Declaration | None]


@dataclass(frozen=True, slots=True)
class Rewriting:
    """Modules after rewriting, in OPA's order."""

    modules: tuple[Module, ...]
    names: dict[str, str]
    """For each variable that was made for one in a source, the name there."""
    rules: Rules
    exported: dict[tuple[str, ...], set[str]]


@dataclass(frozen=True, slots=True)
class Query:
    """A query after rewriting."""

    body: list[Expr]
    names: dict[str, str]
    captures: dict[int, str] = field(default_factory=dict)
    """For the index of an expression as it was written, the variable that has its value."""


def rewritten(
    modules: Iterable[Module], find: Find = declaration, *, prints: bool = True, tests: bool = False
) -> Rewriting:
    """Rewrite modules that compile; they themselves stay as they are.

    ``prints`` keeps the calls of ``print``; ``tests`` binds the sides of the unifications of tests.
    """
    ordered = sorted(modules, key=lambda module: module.source.file.encode())
    copies = tuple(Copier(module.source).module(module) for module in ordered)
    stages = _Stages(copies, find, prints=prints, tests=tests)
    stages.run()
    return Rewriting(copies, stages.names, stages.rules, stages.exported)


class _Stages:
    def __init__(self, modules: tuple[Module, ...], find: Find, *, prints: bool, tests: bool) -> None:
        self._modules = modules
        self._prints = prints
        self._tests = tests
        self.rules = Rules(find)
        self.exported = exports(modules)
        self.names: dict[str, str] = {}

    def _each(self, change: Callable[[Rule], object], *, where: Callable[[Module], bool] | None = None) -> None:
        for module in self._modules:
            if where is None or where(module):
                for rule in module.rules:
                    change(rule)

    def run(self) -> None:
        """Run all stages, each over all modules before the next."""
        for module in self._modules:
            package = tuple(module.package)
            names = globals_of(package, self.exported[package], module.imports)
            self._each_of(module, Resolution(names).rule)
        generator = Generator("__local", self._written())
        self._each(Heads(generator).reference)
        self.rules.build(self._modules)
        outputs = Outputs(self.rules.arity)
        declarations = Declarations(generator, outputs, self.rules.builtin)
        self._each(declarations.rule)
        self.names = declarations.rewritten
        self._each(Templates(generator, self.rules.defined).rule)
        self._each(Prints(generator, kept=self._prints).rule)
        self._each(Expansion(generator).rule)
        for module in self._modules:
            self._each_of(module, Metadata(generator, Annotated(module, self._modules)).rule)
        self._each(Heads(generator).comprehensions)
        self._each(Heads(generator).rule)
        self._each(Modifiers(generator, self.rules).rule)
        self._each(Safety(outputs).rule)
        self._each(_equalities)
        self._each(lambda rule: _dynamic(rule, Dynamics(generator)))
        if self._tests:
            self._each(lambda rule: _tested(rule, Dynamics(generator)))

    @staticmethod
    def _each_of(module: Module, change: Callable[[Rule], object]) -> None:
        for rule in module.rules:
            for arm in _arms(rule, change):
                change(arm)

    def _written(self) -> set[str]:
        """Give the variables that the modules have."""
        rules = [arm for module in self._modules for rule in module.rules for arm in (rule, *rule.orelse)]
        nodes = (variables_of([*rule.ref[1:], *(rule.args or []), rule.value, *rule.body]) for rule in rules)
        return set().union(*nodes)


def _arms(rule: Rule, change: Callable[[Rule], object]) -> list[Rule]:
    """Give what a stage changes: a rule with what follows after ``else``, or each for itself."""
    return [rule, *rule.orelse] if isinstance(getattr(change, "__self__", None), Resolution) else [rule]


def _equalities(rule: Rule) -> None:
    for arm in [rule, *rule.orelse]:
        for node in nodes_of(arm):
            equalities(node)


def _dynamic(rule: Rule, dynamics: Dynamics) -> None:
    for arm in [rule, *rule.orelse]:
        arm.body = dynamics.body(arm.body)


def _tested(rule: Rule, dynamics: Dynamics) -> None:
    if rule.name.startswith("test_") and len(rule.ref) == 1:
        for arm in [rule, *rule.orelse]:
            arm.body = dynamics.tested(arm.body)


def rewritten_query(
    body: list[Expr],
    source: Source,
    rewriting: Rewriting,
    *,
    package: tuple[str, ...] = (),
    imports: Iterable[Import] = (),
    prints: bool = True,
    capture: bool = True,
) -> Query:
    """Rewrite a query upon modules; ``capture`` gives each expression's value a variable, as OPA's interface does."""
    rules, found, captures = rewriting.rules, Copier(source).query(body), dict[int, str]()
    names = globals_of(package, rewriting.exported.get(package, ()) if package else (), imports)
    found = Resolution(names).query(found)
    if capture:
        found, captures = _captured(found, rules)
    outputs = Outputs(rules.arity)
    declarations = Declarations(_generator(found), outputs, rules.builtin)
    found = declarations.query(found)
    found = Templates(_generator(found), rules.defined).body(found)
    found = Prints(_generator(found), kept=prints).body(found)
    found = Expansion(_generator(found)).body(found)
    found = Heads(_generator(found)).body(found)
    found = Modifiers(_generator(found), rules).body(found)
    found = Safety(outputs).body(found, RESERVED)
    found = Dynamics(_generator(found)).body(found)
    return Query(found, declarations.rewritten, captures)


def _generator(body: list[Expr]) -> Generator:
    return Generator("__localq", variables_of(body))


def _captured(body: list[Expr], rules: Rules) -> tuple[list[Expr], dict[int, str]]:
    """Give each expression that has a value a variable for it; where there may be many, ask that it be true."""
    checked = len(body) > 1 or any(_iterates(expr, rules) for expr in body)
    found, captures = list(body), dict[int, str]()
    for at, expr in enumerate(body):
        name = f"$term{len(captures) + 1}"
        if not expr.negated and _capture(expr, name, rules):
            captures[at] = name
            if checked:
                found.append(Expr(expr.at, Var(NOWHERE, name), made=True))
    return found, captures


def _capture(expr: Expr, name: str, rules: Rules) -> bool:
    term = expr.term
    if isinstance(term, Call):
        if term.name in (("eq",), ("assign",)) or rules.silent(term.name):
            return False
        if rules.arity(term.name) != len(term.args):
            return False
        term.args.append(Var(NOWHERE, name))
        return True
    if isinstance(term, Term):
        expr.term = unification(expr.at, term, Var(NOWHERE, name)).term
    return isinstance(term, Term)


def _iterates(expr: Expr, rules: Rules) -> bool:
    """Say whether an expression may hold in several ways."""
    found: list[bool] = []

    def visit(node: Node) -> bool:
        if isinstance(node, Comprehension):
            return True
        call = node.term if isinstance(node, Expr) else node
        if isinstance(call, Call) and rules.relation(call.name):
            found.append(True)
        elif isinstance(node, Ref):
            found.extend(True for step in node.steps if isinstance(step, Var))
        return bool(found)

    walk(expr, visit)
    return bool(found)
