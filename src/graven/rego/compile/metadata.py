"""Owns what ``rego.metadata.chain()`` and ``rego.metadata.rule()`` give for a rule."""

from __future__ import annotations

from collections.abc import Iterable

from graven.rego.notation import term_text
from graven.rego.tree import Module, Rule, Scalar
from graven.rego.values import EMPTY_OBJECT, RegoObject, Value

__all__ = ["Annotated", "labelled"]


def labelled(found: dict[str, Value]) -> RegoObject:
    """Give annotations without the marks that the parser left."""
    return RegoObject({key: value for key, value in found.items() if not key.startswith("$")})


class Annotated:
    """The annotations that bear on the rules of one module."""

    def __init__(self, module: Module, modules: Iterable[Module]) -> None:
        self.package = tuple(module.package)
        found = [(tuple(other.package), each) for other in modules for each in other.annotations]
        self.documents = {(*package, *each["$ref"]): each for package, each in found if each["scope"] == "document"}
        self.packages = {package: each for package, each in found if each["scope"] == "package"}
        self.subpackages = {package: each for package, each in found if each["scope"] == "subpackages"}

    def answer(self, question: str, rule: Rule) -> Value:
        """Give the answer to ``chain`` or ``rule``; None to another question."""
        if question == "chain":
            return self.chain(rule)
        if question == "rule":
            own = rule.annotations
            return labelled(own) if own else self._document(rule) or EMPTY_OBJECT
        return None

    def _path(self, rule: Rule) -> tuple[Value, ...]:
        return (*self.package, *(step.value for step in rule.ref if isinstance(step, Scalar)))

    def _document(self, rule: Rule) -> RegoObject | None:
        found = self.documents.get(self._path(rule))
        return labelled(found) if found else None

    def chain(self, rule: Rule) -> tuple[Value, ...]:
        """Give the entries from the rule outward."""
        path = tuple(step if isinstance(step, str) else term_text(step) for step in self._path(rule))
        entries: list[dict[str, Value]] = (
            [{"path": path, "annotations": labelled(rule.annotations)}] if rule.annotations else [{"path": path}]
        )
        document = self._document(rule)
        if document is not None:
            entries = ([] if not rule.annotations else entries) + [{"path": path, "annotations": document}]
        package = self.packages.get(self.package)
        where = self.package
        if package:
            entries.append({"path": where, "annotations": labelled(package)})
        for length in range(len(self.package), 0, -1):
            found = self.subpackages.get(self.package[:length])
            if found:
                entries.append({"path": where[:length], "annotations": labelled(found)})
        return tuple(RegoObject(entry) for entry in entries)
