"""Owns the checks over resolved rules: calls of what does not exist, wrong numbers of arguments, recursion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graven.rego.compile.unit import Unit
from graven.rego.faults import PolicyError, fault
from graven.rego.ruletree import Group, RuleTree, dotted
from graven.rego.tree import Call, Expr, Ref, Rule, Scalar, Source, Term, Var, With
from graven.rego.walk import expressions, rule_terms

__all__ = ["NO_TARGET", "check_calls", "check_recursion", "check_withs", "replaced", "statements"]

_STATEMENTS = frozenset({("eq",), ("assign",)})


def statements(bodies: Iterable[list[Expr]]) -> set[int]:
    """Give the identities of the calls that are whole expressions, which may take their result as an argument."""
    return {id(expr.term) for body in bodies for expr in expressions(body) if isinstance(expr.term, Call)}


def check_calls(unit: Unit, source: Source, terms: Iterable[Term], whole: set[int]) -> Iterator[PolicyError]:
    """Yield calls of unknown functions, and calls with a wrong number of arguments."""
    for term in terms:
        if not isinstance(term, Call) or (term.name in _STATEMENTS and id(term) in whole):
            continue
        name = ".".join(part.partition("%")[0] for part in term.name)
        if term.name == ("print",) and id(term) in whole:
            continue
        arity = unit.arity(term.name)
        if arity is None:
            yield fault(source, term.at, "rego_type_error", f"undefined function {name}", _suggestion(unit, term))
        elif len(term.args) not in ((arity, arity + 1) if id(term) in whole else (arity,)):
            got = f"got {len(term.args)} argument{'' if len(term.args) == 1 else 's'}"
            if term.name[0] == "data":
                yield fault(source, term.at, "rego_type_error", f"function {name} has arity {arity}, {got}")
            else:
                yield fault(source, term.at, "rego_type_error", f"{name}: arity mismatch", f"{got}, expected {arity}")


NO_TARGET = "with keyword target must reference existing input, data, or a function"


def replaced(unit: Unit, modifier: With) -> tuple[str, ...] | None:
    """Give the path that a ``with`` replaces, ``("call", name)`` for a function; None if there is no such thing."""
    target = modifier.target
    head = target.head if isinstance(target, Ref) else target
    steps = target.steps if isinstance(target, Ref) else []
    path = [step.value for step in steps if isinstance(step, Scalar) and isinstance(step.value, str)]
    if not isinstance(head, Var) or len(path) != len(steps):
        return None
    names = (head.name.partition("%")[0], *path)
    full = ".".join(names)
    if head.name == "data" and unit.tree.function(names[1:]) is not None:
        return ("call", full)
    if head.name in ("data", "input"):
        return names
    return ("call", full) if unit.find(full) is not None else None


def check_withs(unit: Unit, source: Source, bodies: Iterable[list[Expr]]) -> Iterator[PolicyError]:
    """Yield the ``with`` that replace nothing that exists."""
    for body in bodies:
        for expr in expressions(body):
            for modifier in expr.withs:
                path = replaced(unit, modifier)
                if path is None:
                    yield fault(source, modifier.at, "rego_type_error", NO_TARGET)
                elif path[0] == "data" and _below_a_rule(unit, path[1:]):
                    message = "with keyword cannot partially replace virtual document(s)"
                    yield fault(source, modifier.at, "rego_compile_error", message, "replace the whole document")
                elif path[0] == "call" and not _replaces(unit, path[1], modifier):
                    yield fault(source, modifier.at, "rego_type_error", f"{path[1]}: arity mismatch")


def _replaces(unit: Unit, name: str, modifier: With) -> bool:
    """Say whether what stands for a function can be called as it is; a value can."""
    value = modifier.value
    steps = value.steps if isinstance(value, Ref) and isinstance(value.head, Var) and value.head.name == "data" else []
    other = ("data", *(str(getattr(step, "value", "")) for step in steps)) if steps else ()
    other = tuple(modifier.builtin.split(".")) if modifier.builtin else other
    wanted, arity = unit.arity(tuple(name.split("."))), unit.arity(other) if other else None
    return None in (wanted, arity) or wanted == arity


def _below_a_rule(unit: Unit, path: tuple[str, ...]) -> bool:
    node, depth = unit.tree.find(path)
    return node.group is not None and depth < len(path)


def _suggestion(unit: Unit, call: Call) -> str:
    """Say what may have been meant."""
    from difflib import get_close_matches

    from graven.rego.builtins.declarations import declaration, declarations

    name = ".".join(call.name)
    if declaration(name) is not None:
        return "this builtin is not offered here"
    functions = [".".join(("data", *map(str, group.path))) for group in unit.tree.groups if group.kind == "function"]
    near = get_close_matches(name, [*declarations(), *functions], 1)
    return f"did you mean {near[0]}?" if near else ""


def references(tree: RuleTree, rule: Rule) -> Iterator[Group]:
    """Give the groups that a rule may read."""
    terms = list(rule_terms(rule))
    heads = {id(term.head) for term in terms if isinstance(term, Ref)}
    for term in terms:
        if isinstance(term, Call) and term.name[0] == "data":
            found = tree.function(term.name[1:])
            if found is not None:
                yield found
        elif isinstance(term, Ref) and isinstance(term.head, Var) and term.head.name == "data":
            yield from reached(tree, term.steps)
        elif isinstance(term, Var) and term.name == "data" and id(term) not in heads:
            yield from tree.root.groups()


def reached(tree: RuleTree, steps: list[Term]) -> Iterator[Group]:
    """Give the groups that a reference below ``data`` may lead to."""
    nodes = [tree.root]
    for step in steps:
        following = []
        for node in nodes:
            if node.group is not None:
                yield node.group
            elif isinstance(step, Scalar):
                following += [node.children[step.value]] if step.value in node.children else []
            else:
                following += list(node.children.values())
        nodes = following
    for node in nodes:
        yield from node.groups()


def check_recursion(tree: RuleTree) -> Iterator[PolicyError]:
    """Yield the groups that depend on themselves."""
    edges = {
        group.number: {
            found.number: found
            for each in (*group.definitions, *group.defaults)
            for found in references(tree, each.rule)
        }
        for group in tree.groups
    }
    circling = _circling(edges)
    for group in tree.groups:
        path = _cycle(edges, tree.groups, group) if group.number in circling else []
        if path:
            first = (group.definitions or group.defaults)[0]
            shown = " -> ".join("data." + dotted(each.path) for each in path)
            message = f"rule data.{dotted(group.path)} is recursive: {shown}"
            yield fault(first.module.source, first.rule.at, "rego_recursion_error", message)


def _circling(edges: dict[int, dict[int, Group]]) -> set[int]:
    """Give the groups from which some way never ends: all but those whose every way was seen to end."""
    open_ways = {number: len(found) for number, found in edges.items()}
    before: dict[int, list[int]] = {number: [] for number in edges}
    for number, found in edges.items():
        for other in found:
            before[other].append(number)
    ended = [number for number, count in open_ways.items() if not count]
    for number in ended:
        for earlier in before[number]:
            open_ways[earlier] -= 1
            if not open_ways[earlier]:
                ended.append(earlier)
    return edges.keys() - ended


def _cycle(edges: dict[int, dict[int, Group]], groups: list[Group], start: Group) -> list[Group]:
    """Give a path from a group back to itself, or nothing."""
    came: dict[int, int] = {}
    waiting = [start.number]
    while waiting:
        now = waiting.pop()
        for number in edges[now]:
            if number == start.number:
                path = [start]
                while now != start.number:
                    path.insert(0, groups[now])
                    now = came[now]
                return [start, *path]
            if number not in came:
                came[number] = now
                waiting.append(number)
    return []
