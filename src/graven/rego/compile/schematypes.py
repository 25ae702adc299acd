"""Owns the types that JSON schemas give to the input and to base documents, and the check of rules against them.

What is read of a schema is what OPA reads of it: the first ``type``, ``properties`` and nothing beside them, ``items``,
``allOf`` and ``anyOf`` as one object, references within the schema. Everything else may be anything. The schemas of
annotations bear on the rules of their scope, one for a longer path before one for a shorter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graven.rego.compile.inference import Inference
from graven.rego.compile.metadata import Annotated
from graven.rego.compile.unit import Unit
from graven.rego.faults import PolicyError, fault
from graven.rego.notation import to_json
from graven.rego.ruletree import Definition
from graven.rego.types import ANY, BOOLEAN, NULL, NUMBER, STRING, Type, array, mapping
from graven.rego.values import Value

__all__ = ["Schemas", "check_schemas", "type_of_schema"]

_SCALARS = {"string": STRING, "boolean": BOOLEAN, "number": NUMBER, "integer": NUMBER, "null": NULL}
_DEEPEST = 40
"""A schema that refers to itself is followed so far."""


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schemas that are given beside the modules."""

    input: object = None
    """That of the input, in every rule."""
    named: Mapping[tuple[str, ...], object] = field(default_factory=dict)
    """Those that annotations may name, by their path below ``schema``."""


def type_of_schema(schema: object) -> Type:
    """Give the type of the values that a schema describes, as far as it is read.

    >>> str(type_of_schema({"properties": {"a": {"type": "string"}}}))
    'object<a: string>'
    """
    return _type(schema, schema, 0)


def _type(schema: object, root: object, depth: int) -> Type:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return ANY
    if isinstance(schema.get("$ref"), str):
        return _type(_referred(schema["$ref"], root), root, depth + 1)
    said = schema.get("type")
    kind = said[0] if isinstance(said, list) and said else said
    if isinstance(kind, str) and kind in _SCALARS:
        return _SCALARS[kind]
    if kind == "array":
        return _array(schema.get("items"), root, depth)
    properties = dict(_properties(schema, root, depth))
    if properties:
        return mapping(tuple((name, _type(each, root, depth + 1)) for name, each in sorted(properties.items())))
    return mapping((), ANY, ANY) if kind == "object" else ANY


def _array(items: object, root: object, depth: int) -> Type:
    if isinstance(items, list):
        return array(tuple(_type(each, root, depth + 1) for each in items))
    return array(item=_type(items, root, depth + 1))


def _properties(schema: dict[str, Any], root: object, depth: int) -> Iterator[tuple[str, object]]:
    """Give the properties of a schema and of those that it joins."""
    if isinstance(schema.get("$ref"), str) and depth <= _DEEPEST:
        schema = _referred(schema["$ref"], root)
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return
    for name in ("anyOf", "allOf"):
        for each in schema.get(name) or ():
            if isinstance(each, dict):
                yield from _properties(each, root, depth + 1)
    found = schema.get("properties")
    if isinstance(found, dict):
        yield from found.items()


def _referred(path: str, root: object) -> Any:
    """Give what a reference within a schema names; nothing is fetched."""
    if not path.startswith("#"):
        return None
    found = root
    for step in path.lstrip("#").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if name:
            found = found.get(name) if isinstance(found, dict) else None
    return found


def check_schemas(unit: Unit, schemas: Schemas) -> tuple[PolicyError, ...]:
    """Give what the schemas, and those of annotations, tell to be wrong with rules that compile without them."""
    scopes = _Scopes(unit, schemas)
    inference = Inference(unit)
    inference.schemas = scopes.of
    errors = inference.check()
    places = {(error.file, error.row, error.col, error.message): error for error in (*scopes.errors, *errors)}
    return tuple(places.values())


class _Scopes:
    """Says which schemas bear on which rule."""

    def __init__(self, unit: Unit, schemas: Schemas) -> None:
        self.schemas = schemas
        definitions = [each for group in unit.tree.groups for each in (*group.definitions, *group.defaults)]
        self.modules = {id(each.module): each.module for each in definitions}
        self.annotated = {key: Annotated(module, self.modules.values()) for key, module in self.modules.items()}
        self.errors: list[PolicyError] = []

    def of(self, definition: Definition) -> tuple[tuple[tuple[str, ...], Type], ...]:
        """Give the paths that have a schema in a rule, the longest first."""
        found: dict[tuple[str, ...], Type] = {}
        if self.schemas.input is not None:
            found["input",] = type_of_schema(self.schemas.input)
        for block in self._blocks(definition):
            for path, schema in _entries(block):
                made = self._named(schema, definition)
                found |= {} if made is None else {tuple(path.split(".")): made}
        return tuple(sorted(found.items(), key=lambda entry: -len(entry[0])))

    def _blocks(self, definition: Definition) -> Iterator[dict[str, Value]]:
        """Give the annotations from the outermost inward."""
        annotated = self.annotated[id(definition.module)]
        package = annotated.package
        around: Iterable[dict[str, Value] | None] = (
            *(annotated.subpackages.get(package[:length]) for length in range(1, len(package) + 1)),
            annotated.packages.get(package),
            annotated.documents.get((*package, *(getattr(step, "value", None) for step in definition.rule.ref))),
            definition.rule.annotations,
        )
        yield from filter(None, around)

    def _named(self, schema: object, definition: Definition) -> Type | None:
        """Give the type of a schema that is written out, or named; None if no schemas are given to name."""
        if not isinstance(schema, str):
            return type_of_schema(schema)
        if not self.schemas.named:
            return None
        path = _path(schema)
        if path not in self.schemas.named:
            source, message = definition.module.source, f"undefined schema: {schema}"
            self.errors.append(fault(source, definition.rule.at, "rego_type_error", message))
            return None
        return type_of_schema(self.schemas.named[path])


def _entries(block: dict[str, Value]) -> Iterator[tuple[str, object]]:
    found = to_json(block["schemas"]) if "schemas" in block else []
    for each in found if isinstance(found, list) else ():
        if isinstance(each, dict):
            yield from each.items()


def _path(name: str) -> tuple[str, ...]:
    """Give the path below ``schema`` that a name says.

    >>> _path('schema.acl["my-schema"]')
    ('acl', 'my-schema')
    """
    steps = name.replace('"]', "").replace('["', ".").split(".")
    return tuple(steps[1:])
