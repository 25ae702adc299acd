"""Owns what rewriting asks of rules and builtins: how many arguments they take, and which have a value always."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graven.rego.builtins.declarations import Declaration
from graven.rego.trace.rewriting.forms import empty
from graven.rego.trace.rewriting.walking import contains
from graven.rego.tree import Call, Comprehension, Module, Ref, Rule, Scalar, Term, Var

__all__ = ["Rules"]

Find = Callable[[str], Declaration | None]
Path = tuple[object, ...]


class Rules:
    """The rules of all modules by the path that they define."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._rules: dict[Path, list[Rule]] = {}
        self._known: set[Path] = set()

    def build(self, modules: Iterable[Module]) -> None:
        """Learn the rules."""
        for module in modules:
            self._known.update(_prefixes(("data", *module.package)))
            for rule in module.rules:
                path: list[object] = ["data", *module.package]
                for step in rule.ref:
                    if not isinstance(step, Scalar):
                        break
                    path.append(step.value)
                self._known.update(_prefixes(tuple(path)))
                self._rules.setdefault(tuple(path), []).append(rule)

    def builtin(self, name: str) -> bool:
        """Say whether a name is a builtin's."""
        return self._find(name) is not None

    def arity(self, name: tuple[str, ...]) -> int:
        """Give how many arguments a function takes; -1 if there is none of the name."""
        found = self._find(".".join(name))
        if found is not None:
            return len(found.arguments)
        rules = self._rules.get(tuple(name))
        return len(rules[0].args or []) if rules else -1

    def silent(self, name: tuple[str, ...]) -> bool:
        """Say whether a call gives no value."""
        found = self._find(".".join(name))
        return found is not None and found.result is None

    def relation(self, name: tuple[str, ...]) -> bool:
        """Say whether a call may give many values."""
        found = self._find(".".join(name))
        return found is not None and found.relation

    def _of(self, ref: Term) -> list[Rule]:
        path = _path(ref)
        return self._rules.get(path, []) if path else []

    def known(self, ref: Term) -> bool:
        """Say whether a reference leads to a package, a rule or something on the way to one."""
        return _path(ref) in self._known

    def function(self, ref: Term) -> bool:
        """Say whether a reference names a function of a module."""
        return any(rule.args for rule in self._of(ref))

    def defined(self, ref: Ref) -> bool:
        """Say whether a reference to a rule has a value whatever the input."""
        rules = self._of(ref)
        if not rules or rules[0].args:
            return False
        if rules[0].default or rules[0].key is not None:
            return True
        return _constant(rules[0]) if len(rules) == 1 else any(rule.default for rule in rules[1:])


def _path(ref: Term) -> Path:
    """Give the path of a reference without variables; empty where it has some."""
    if not isinstance(ref, Ref) or not isinstance(ref.head, Var):
        return ()
    steps = [step.value for step in ref.steps if isinstance(step, Scalar)]
    return (ref.head.name, *steps) if len(steps) == len(ref.steps) else ()


def _prefixes(path: Path) -> list[Path]:
    return [path[:length] for length in range(1, len(path) + 1)]


def _constant(rule: Rule) -> bool:
    value = rule.value
    if not empty(rule.body):
        return False
    return isinstance(value, Var) or not contains(value, (Var, Ref, Call, Comprehension))
