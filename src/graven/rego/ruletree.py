"""Owns the tree of rules over all modules: which rules make one document, of which kind, and where they conflict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from graven.rego.faults import PolicyError, fault
from graven.rego.readout import shown
from graven.rego.tree import Module, Rule, Scalar, Term
from graven.rego.values import Value

__all__ = ["Definition", "Group", "Node", "RuleTree", "dotted"]


def dotted(path: Iterable[Value]) -> str:
    """Write a path below ``data`` as Rego does, so that no two paths are written alike.

    >>> dotted(["a", "b"]), dotted(["a", "b.c", 1])
    ('a.b', 'a["b.c"][1]')
    """
    return shown(path).removeprefix(".")


@dataclass(slots=True, eq=False)
class Definition:
    """One rule of a group."""

    rule: Rule
    module: Module
    rest: list[Term]
    """The steps of its head behind the path of the group."""

    @property
    def full(self) -> str:
        """Give its path for a message."""
        return f"data.{dotted((*self.module.package, self.rule.name))}"


@dataclass(slots=True, eq=False)
class Group:
    """The rules that make one document or one function."""

    number: int
    path: tuple[Value, ...]
    kind: str
    """complete, set, object, function."""
    definitions: list[Definition] = field(default_factory=list)
    defaults: list[Definition] = field(default_factory=list)
    arity: int = 0


@dataclass(slots=True, eq=False)
class Node:
    """One step of the tree below ``data``."""

    children: dict[Value, Node] = field(default_factory=dict)
    group: Group | None = None
    package: Module | None = None

    def groups(self) -> Iterator[Group]:
        """Give every group at this node and below."""
        if self.group is not None:
            yield self.group
        for child in self.children.values():
            yield from child.groups()


class RuleTree:
    """All groups by their path."""

    def __init__(self) -> None:
        self.root = Node()
        self.groups: list[Group] = []
        self.errors: list[PolicyError] = []

    def build(self, modules: Iterable[tuple[Module, list[Rule]]]) -> None:
        """Sort the rules of all modules into groups."""
        found = list(modules)
        for module, _ in found:
            self._at(tuple(module.package)).package = module
        for module, rules in found:
            for rule in rules:
                self._insert(module, rule)
        self._hoist(self.root, ())
        for group in self.root.groups():
            group.number = len(self.groups)
            self.groups.append(group)
            self._check(group)
        self._check_tree(self.root, ())

    def _at(self, path: Iterable[Value]) -> Node:
        node = self.root
        for step in path:
            node = node.children.setdefault(step, Node())
        return node

    def find(self, path: Iterable[Value]) -> tuple[Node, int]:
        """Give the deepest node on a path, stopping at a group, and how many steps lead there."""
        node, depth = self.root, 0
        for step in path:
            if node.group is not None or step not in node.children:
                break
            node, depth = node.children[step], depth + 1
        return node, depth

    def function(self, path: tuple[str, ...]) -> Group | None:
        """Give the function at a path below ``data``."""
        node, depth = self.find(path)
        group = node.group if depth == len(path) else None
        return group if group and group.kind == "function" else None

    def _insert(self, module: Module, rule: Rule) -> None:
        ground = 0
        while ground < len(rule.ref) and isinstance(rule.ref[ground], Scalar):
            ground += 1
        if rule.args is not None and not all(map(_is_text, rule.ref)):
            self._report(module, rule, "rego_parse_error", "function names must be made of strings")
            return
        path = (*module.package, *(step.value for step in rule.ref[:ground] if isinstance(step, Scalar)))
        rest = rule.ref[ground:]
        kind = "object" if rest else "function" if rule.args is not None else "set" if rule.key else "complete"
        node = self._at(path)
        if node.group is None:
            node.group = Group(0, path, kind)
        group = node.group
        if group.kind != kind:
            known = (group.definitions or group.defaults)[0]
            if {group.kind, kind} == {"object", "complete"} and rule.default:
                self._report(module, rule, "rego_type_error", f"conflicting rules data.{dotted(path)} found")
                return
            hint = f"the other is at {module.source.file}:{module.source.position(rule.at)[0]}"
            message = f"conflicting rules data.{dotted(path)} found"
            self._report(known.module, known.rule, "rego_type_error", message, hint)
            return
        (group.defaults if rule.default else group.definitions).append(Definition(rule, module, rest))

    def _hoist(self, node: Node, path: tuple[Value, ...]) -> None:
        """Let a node with a head like ``p[x].q`` own the rules below it, such as ``p.a.q``."""
        group = node.group
        if group is not None and group.kind == "object":
            for below in [each for child in node.children.values() for each in child.groups()]:
                for each in (*below.definitions, *below.defaults):
                    steps: list[Term] = [Scalar(each.rule.at, step) for step in below.path[len(path) :]]
                    each.rest = [*steps, *each.rest]
                    if below.kind == "function":
                        self._report(each.module, each.rule, "rego_type_error", f"conflicting rules {each.full} found")
                    (group.defaults if each.rule.default else group.definitions).append(each)
            node.children = {}
        for step, child in node.children.items():
            self._hoist(child, (*path, step))

    def _check(self, group: Group) -> None:
        if group.kind == "function":
            group.arity = len((group.definitions or group.defaults)[0].rule.args or [])
            for each in (*group.definitions, *group.defaults):
                if len(each.rule.args or []) != group.arity:
                    first, hint = (group.definitions or group.defaults)[0], f"the other is at {self._place(each)}"
                    message = f"conflicting rules {each.full} found"
                    self._report(first.module, first.rule, "rego_type_error", message, hint)
                    break
        if group.kind == "set" and group.defaults:
            each = group.defaults[0]
            self._report(each.module, each.rule, "rego_type_error", f"conflicting rules {each.full} found")
        if len(group.defaults) > 1 and group.kind != "object":
            first = group.defaults[0]
            message = f"multiple default rules {first.full} found at {', '.join(map(self._place, group.defaults))}"
            self.errors.append(fault(first.module.source, first.module.package_at, "rego_type_error", message))

    def _check_tree(self, node: Node, path: tuple[Value, ...]) -> None:
        """Refuse a package, or another rule, below a rule."""
        group = node.group
        if group is not None:
            first = (group.definitions or group.defaults)[0]
            if node.package is not None:
                message = f"package {dotted(path)} conflicts with rule {path[-1]} defined at {self._place(first)}"
                errors = fault(node.package.source, node.package.package_at, "rego_type_error", message)
                self.errors.append(errors)
            below = [each for child in node.children.values() for each in child.groups()]
            if below:
                places = ((each.path, self._place((each.definitions or each.defaults)[0])) for each in below)
                lines = "".join(f"\n  rule data.{dotted(other)} at {place}" for other, place in places)
                message = f"rule data.{dotted(path)} conflicts with:{lines}"
                self._report(first.module, first.rule, "rego_type_error", message)
        for step, child in node.children.items():
            self._check_tree(child, (*path, step))

    @staticmethod
    def _place(each: Definition) -> str:
        return f"{each.module.source.file}:{each.module.source.position(each.rule.at)[0]}"

    def _report(self, module: Module, rule: Rule, code: str, message: str, hint: str = "") -> None:
        self.errors.append(fault(module.source, rule.at, code, message, hint))


def _is_text(term: Term) -> bool:
    return isinstance(term, Scalar) and isinstance(term.value, str)
