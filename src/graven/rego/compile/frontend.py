"""Owns the stages from texts to a program, in OPA's order: names, rule tree, calls, safety, recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from graven.rego.builtins.protocol import Builtin
from graven.rego.capabilities import Capabilities
from graven.rego.compile.assembly import Assembled, assemble, placed
from graven.rego.compile.checks import check_calls, check_recursion, check_withs, statements
from graven.rego.compile.inference import Inference
from graven.rego.compile.metadata import Annotated
from graven.rego.compile.resolve import Resolver, names_of
from graven.rego.compile.safety import Safety
from graven.rego.compile.scopes import Names, Scope
from graven.rego.compile.unit import Unit
from graven.rego.depths import on_any_stack
from graven.rego.faults import CompileFault, PolicyError, PolicyErrors, fault
from graven.rego.machine import State
from graven.rego.parse.modules import parse_module, parse_query
from graven.rego.ruletree import RuleTree
from graven.rego.tree import Expr, Module, Ref, Rule, Scalar, Source, Term, Var, With
from graven.rego.values import UNDEFINED, Value
from graven.rego.walk import bodies_of, expressions, rule_terms, terms_of_body

__all__ = ["Frontend", "begin", "prepare", "prepare_body", "prepare_query"]

Find = Callable[[str], Builtin | None]


@dataclass(frozen=True, slots=True)
class Frontend:
    """Modules that were checked."""

    modules: tuple[tuple[Module, list[Rule]], ...]
    tree: RuleTree
    base: Value
    find: Find
    mocked: frozenset[tuple[str, ...]]
    """What any ``with`` of the modules replaces, as full paths."""
    prints: bool = False
    """Calls of ``print`` are not erased."""
    allow_net: frozenset[str] | None = None
    """The hosts that builtins may ask; None: any."""


def prepare(
    modules: Mapping[str, str],
    base: Value,
    version: str | Mapping[str, str],
    find: Find,
    *,
    strict: bool = False,
    prints: bool = False,
    allowed: Capabilities | None = None,
) -> tuple[Frontend, Assembled]:
    """Compile modules.

    Raises:
        PolicyErrors: everything that is wrong with them.
    """

    def prepared() -> tuple[Frontend, Assembled]:
        parsed, restricted = _parsed(modules, version), find
        if allowed is not None:
            restricted = allowed.restrict(find)
            _raise([error for module in parsed for error in allowed.faults(module)])
        told = _Told(prints, None if allowed is None else allowed.allow_net)
        return _prepared(parsed, base, restricted, told, strict=strict)

    try:
        return on_any_stack(prepared)
    except RecursionError:
        raise _too_deep(Source(*next(iter(modules.items()), ("", "")))) from None


def _too_deep(source: Source) -> PolicyErrors:
    message = "a chain of rules, or a term, is nested too deeply"
    hint = "divide it, or put what it lists into data"
    return PolicyErrors([fault(source, 0, "rego_compile_error", message, hint)])


class _Told(NamedTuple):
    """What a program is to know of its use."""

    prints: bool
    allow_net: frozenset[str] | None


def _prepared(
    parsed: list[Module], base: Value, find: Find, told: _Told, *, strict: bool
) -> tuple[Frontend, Assembled]:
    errors: list[PolicyError] = []
    resolved = [(module, _resolved(module, parsed, errors, find, strict=strict)) for module in parsed]
    tree = RuleTree()
    tree.build(resolved)
    _raise(tree.errors and errors + tree.errors)
    errors += _base_conflicts(tree, base)
    mocked = frozenset(path for _, rules in resolved for rule in rules for path in mocks(bodies_of(rule)))
    frontend = Frontend(tuple(resolved), tree, base, find, mocked, *told)
    unit = begin(frontend, mocked)
    errors += _checked(unit, resolved)
    _raise(errors)
    return frontend, assemble(unit)


def _raise(errors: list[PolicyError]) -> None:
    if errors:
        raise PolicyErrors(errors)


def _parsed(modules: Mapping[str, str], version: str | Mapping[str, str]) -> list[Module]:
    parsed, errors = [], []
    for file, text in modules.items():
        wanted = version if isinstance(version, str) else version.get(file, "auto")
        try:
            parsed.append(parse_module(file, text, wanted))
        except PolicyErrors as error:
            errors += list(error.errors)
    _raise(errors)
    return parsed


def _resolved(
    module: Module, modules: list[Module], errors: list[PolicyError], find: Find, *, strict: bool
) -> list[Rule]:
    exported = {rule.name for other in modules if other.package == module.package for rule in other.rules}
    names = names_of(module, exported)
    resolver = Resolver(names, Annotated(module, modules), lambda name: find(name) is not None)
    resolver.strict = strict
    rules = [resolver.resolve(rule) for rule in module.rules]
    errors += names.errors
    if strict:
        errors += _unused_imports(module, names)
    return rules


def _unused_imports(module: Module, names: Names) -> Iterable[PolicyError]:
    for entry in module.imports:
        if entry.alias and entry.alias not in names.used:
            path = ".".join(entry.path)
            yield fault(module.source, entry.at, "rego_compile_error", f"import {path} unused", "remove it")


def mocks(bodies: Iterable[list[Expr]]) -> Iterable[tuple[str, ...]]:
    """Give the paths that the ``with`` of some bodies replace."""
    for body in bodies:
        for expr in expressions(body):
            for modifier in expr.withs:
                yield _path(modifier)


def _path(modifier: With) -> tuple[str, ...]:
    target = modifier.target
    head = target.head if isinstance(target, Ref) else target
    steps = target.steps if isinstance(target, Ref) else []
    name = head.name.partition("%")[0] if isinstance(head, Var) else ""
    return (name, *(str(step.value) for step in steps if isinstance(step, Scalar)))


def begin(frontend: Frontend, mocked: frozenset[tuple[str, ...]], *, traced: bool = False) -> Unit:
    """Begin a compilation in which these paths may be replaced."""
    calls, paths = set(), set()
    for path in mocked:
        if path[0] == "data" and frontend.tree.function(path[1:]) is None:
            paths.add(path[1:])
        elif path[0] != "input":
            calls.add(".".join(path))
    root = placed(frontend.tree.root)
    unit = Unit(frontend.tree, frontend.base, root, frontend.find, frozenset(paths), frozenset(calls), traced=traced)
    unit.prints, unit.allow_net = frontend.prints, frontend.allow_net
    return unit


def _checked(unit: Unit, resolved: list[tuple[Module, list[Rule]]]) -> list[PolicyError]:
    """Give the errors of calls, of safety, and, where there are none of these, of recursion and of types."""
    errors: list[PolicyError] = []
    safety = Safety(unit.arity)
    for module, rules in resolved:
        for rule in rules:
            errors += check_calls(unit, module.source, rule_terms(rule), statements(bodies_of(rule)))
            errors += check_withs(unit, module.source, bodies_of(rule))
    for module, rules in resolved:
        for rule in rules:
            if not rule.broken:
                safety.rule(rule, module.source)
    errors += safety.errors
    errors = errors or list(check_recursion(unit.tree))
    return errors or Inference(unit).check()


def _base_conflicts(tree: RuleTree, base: Value) -> Iterable[PolicyError]:
    """Yield the rules whose path has a base document too."""
    from graven.rego.values import index

    for group in tree.groups:
        found = base
        for step in group.path:
            found = index(found, step)
        if found is not UNDEFINED:
            first = (group.definitions or group.defaults)[0]
            message = f"conflicting rule for data path {'/'.join(map(str, group.path))} found"
            yield fault(first.module.source, first.rule.at, "rego_compile_error", message)


def prepare_query(
    frontend: Frontend, program: Assembled, text: str
) -> tuple[Assembled, Callable[[State, list[Value]], None], list[str]]:
    """Compile a query: the program it runs upon, its function, the names of its variables (``[""]`` for a path).

    Raises:
        PolicyErrors: what is wrong with it.
    """

    def prepared() -> tuple[Assembled, Callable[[State, list[Value]], None], list[str]]:
        parsed, source = parse_query(text)
        return prepare_body(frontend, program, parsed, Names(source, [], (), {}))

    try:
        return on_any_stack(prepared)
    except RecursionError:
        raise _too_deep(Source("query", text)) from None


def prepare_body(
    frontend: Frontend, program: Assembled, parsed: list[Expr], names: Names
) -> tuple[Assembled, Callable[[State, list[Value]], None], list[str]]:
    """Compile a query that was parsed, in which these names are known.

    Raises:
        PolicyErrors: what is wrong with it.
    """
    source = names.source
    body = Resolver(names, None, lambda name: frontend.find(name) is not None).body(parsed, Scope(names))
    _raise(names.errors)
    wanted_mocks = frozenset(mocks([body]))
    if not wanted_mocks <= frontend.mocked:
        unit = begin(frontend, frontend.mocked | wanted_mocks, traced=program.unit.traced)
        program = assemble(unit)
    unit = program.unit
    errors = list(check_calls(unit, source, terms_of_body(body), statements([body])))
    _raise(errors + list(check_withs(unit, source, [body])))
    path = _document(body)
    if path is not None:
        body = [Expr(path.at, _assigned(path))]
    safety = Safety(unit.arity)
    body, bound = safety.query(body, source)
    _raise(safety.errors)
    _raise(Inference(unit).check_query(source, body))
    wanted = [""] if path is not None else sorted(name for name in bound if not name.startswith("$"))
    try:
        return program, program.query(source, body, wanted), wanted
    except CompileFault as error:
        raise PolicyErrors([error.error]) from None


def _document(body: list[Expr]) -> Term | None:
    """Give the term of a query that is a ground reference and nothing else."""
    if len(body) != 1 or body[0].withs or body[0].negated:
        return None
    term = body[0].term
    if isinstance(term, Ref) and isinstance(term.head, Var) and all(isinstance(step, Scalar) for step in term.steps):
        return term if term.head.name in ("data", "input") else None
    return term if isinstance(term, Var) and term.name in ("data", "input") else None


def _assigned(term: Term) -> Term:
    from graven.rego.tree import Call

    return Call(term.at, ("assign",), [Var(term.at, ""), term], ":=")
