"""Owns the walk over a GraphQL query beside its schema, in the order in which OPA's parser names what is wrong.

The walk adds to each node, under names in small letters, what the rules ask: ``definition`` (of the schema), ``parent``
(the type it stands in), ``variable``, ``expected`` (the type of a value) and ``defaulted``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from graven.rego.builtins.graphqlcursor import Node
from graven.rego.builtins.graphqltypes import Types, named, of_name

__all__ = ["Rule", "Walk"]

Rule = Callable[["Walk", Any], None]
"""Is told of a node when the walk leaves it."""
_TYPENAME: Node = {"Name": "__typename", "Type": {"NamedType": "String", "NonNull": False}}
_NULL, _LIST, _OBJECT = 6, 8, 9


class Walk:
    """A query, its schema, where the walk stands, and what was found."""

    def __init__(self, schema: Types, document: Node, rules: Iterable[tuple[str, Rule]]) -> None:
        self.schema = schema
        self.operations: list[Node] = document.get("Operations", [])
        self.fragments: list[Node] = document.get("Fragments", [])
        self.operation: Node | None = None
        self.found: list[tuple[Node, str]] = []
        self.memory: dict[str, Any] = {}
        """What rules keep between nodes."""
        self._entered: set[str] = set()
        self._rules: dict[str, list[Rule]] = {}
        for event, rule in rules:
            self._rules.setdefault(event, []).append(rule)

    def error(self, at: Node, message: str) -> None:
        """Note what is wrong."""
        self.found.append((at, message))

    def fragment(self, name: str) -> Node | None:
        """Give the fragment of a name."""
        return named(self.fragments, name)

    def run(self) -> None:
        """Go over the whole document."""
        for operation in self.operations:
            self._entered = set()
            self._operation(operation)
        for fragment in self.fragments:
            self._entered = set()
            definition = fragment["definition"] = self.schema.types.get(fragment.get("TypeCondition", ""))
            self._directives(fragment, "FRAGMENT_DEFINITION")
            self._selections(definition, fragment)
            self._tell("fragment", fragment)

    def _tell(self, event: str, it: Any) -> None:
        for rule in self._rules.get(event, ()):
            rule(self, it)

    def _operation(self, operation: Node) -> None:
        self.operation = operation
        variables = operation.get("VariableDefinitions", ())
        for variable in variables:
            variable["definition"] = self.schema.type(variable["Type"])
            self._tell("variable", variable)
        for variable in variables:
            if "DefaultValue" in variable:
                self._value(variable["DefaultValue"], variable)
            self._directives(variable, "VARIABLE_DEFINITION")
        kind = operation.get("Operation") or "query"
        self._directives(operation, kind.upper())
        self._selections(self.schema.roots.get(kind), operation)
        self._tell("operation", operation)
        self.operation = None

    def _directives(self, owner: Node, location: str) -> None:
        directives = owner.get("Directives", [])
        for directive in directives:
            declared = directive["definition"] = self.schema.directives.get(directive["Name"])
            directive["location"] = location
            self._arguments(directive, declared)
            self._tell("directive", directive)
        self._tell("directives", directives)

    def _arguments(self, owner: Node, declared: Node | None) -> None:
        wanted = declared.get("Arguments", ()) if declared else ()
        for argument in owner.get("Arguments", ()):
            self._value(argument["Value"], named(wanted, argument["Name"]))

    def _value(self, value: Node, wanted: Node | None) -> None:
        """Go over a value; ``wanted`` is the argument, field or variable that it is for."""
        if wanted is not None:
            default = wanted.get("DefaultValue")
            value["expected"], value["definition"] = wanted["Type"], self.schema.types.get(of_name(wanted["Type"]))
            value["defaulted"] = default is not None and default is not value and default["Kind"] != _NULL
        if value["Kind"] == 0 and self.operation is not None:
            self._variable(value, self.operation)
        definition = value.get("definition")
        for child in value.get("Children", ()):
            self._value(child["Value"], self._inside(value, child, definition))
        self._tell("value", value)

    def _inside(self, value: Node, child: Node, definition: Node | None) -> Node | None:
        if value["Kind"] == _OBJECT:
            return named(definition.get("Fields", ()), child.get("Name", "")) if definition else None
        inner = value.get("expected", {}).get("Elem") if value["Kind"] == _LIST else None
        return {"Type": inner} if inner else None

    @staticmethod
    def _variable(value: Node, operation: Node) -> None:
        defined = operation.get("VariableDefinitions", ())
        found = next((each for each in defined if each["Variable"] == value["Raw"]), None)
        value["variable"] = found
        if found is not None:
            found["used"] = True

    def _selections(self, parent: Node | None, owner: Node) -> None:
        for selection in owner.get("SelectionSet", ()):
            if "Alias" in selection:
                self._field(parent, selection)
            elif "SelectionSet" in selection or "Name" not in selection:
                self._inline(parent, selection)
            else:
                self._spread(parent, selection)

    def _field(self, parent: Node | None, field: Node) -> None:
        definition = _TYPENAME if field["Name"] == "__typename" else None
        if definition is None and parent is not None:
            definition = named(parent.get("Fields", ()), field["Name"])
        field["definition"], field["parent"] = definition, parent
        self._arguments(field, definition)
        self._directives(field, "FIELD")
        self._selections(self.schema.type(definition["Type"]) if definition else None, field)
        self._tell("field", field)

    def _inline(self, parent: Node | None, inline: Node) -> None:
        inline["parent"] = parent
        condition = inline.get("TypeCondition")
        self._directives(inline, "INLINE_FRAGMENT")
        self._selections(self.schema.types.get(condition) if condition else parent, inline)
        self._tell("inline", inline)

    def _spread(self, parent: Node | None, spread: Node) -> None:
        fragment = spread["definition"] = self.fragment(spread["Name"])
        spread["parent"] = parent
        self._directives(spread, "FRAGMENT_SPREAD")
        if fragment is not None and spread["Name"] not in self._entered:
            self._entered.add(spread["Name"])
            self._directives(fragment, "FRAGMENT_DEFINITION")
            self._selections(self.schema.types.get(fragment.get("TypeCondition", "")), fragment)
        self._tell("spread", spread)
