"""Owns what a GraphQL schema must keep (October 2021, section 3): names, references, interfaces, directives, cycles."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graven.rego.builtins.graphqlcursor import Node
from graven.rego.builtins.graphqltypes import (
    COMPOSITE,
    INPUT,
    LEAF,
    SchemaFault,
    Types,
    named,
    of_name,
    quoted,
    type_text,
)

__all__ = ["check", "compatible"]


def check(schema: Types, blocks: Iterable[Node], enter: Callable[[Types, Node], None]) -> None:
    """Hold a schema against the rules of type systems; its blocks are entered on the way.

    Raises:
        SchemaFault: the first rule that it breaks.
    """
    for block in blocks:
        enter(schema, block)
        _directives(schema, block, "SCHEMA")
    for name in sorted(schema.types):
        _definition(schema, schema.types[name])
    _cycles(schema)
    for name in sorted(schema.directives):
        directive = schema.directives[name]
        _name(directive, name)
        _arguments(schema, directive, within=directive)


def _name(at: Node, name: str) -> None:
    if name.startswith("__"):
        message = f'Name "{name}" must not begin with "__", which is reserved by GraphQL introspection.'
        raise SchemaFault(at, message)


def _definition(schema: Types, definition: Node) -> None:
    for field in definition.get("Fields", ()):
        _field(schema, definition, field)
    _members(schema, definition)
    for interface in definition.get("Interfaces", ()):
        _implements(schema, definition, interface)
    if definition["Kind"] in ("OBJECT", "INTERFACE", "INPUT_OBJECT"):
        _fields(schema, definition)
    elif definition["Kind"] == "ENUM":
        _values(schema, definition)
    _once(definition)
    if not definition.get("BuiltIn"):
        _name(definition, definition["Name"])
    _directives(schema, definition, definition["Kind"], single=False)


def _field(schema: Types, definition: Node, field: Node) -> None:
    _name(field, field["Name"])
    _known(schema, field["Type"])
    _arguments(schema, field)
    inputs = definition["Kind"] == "INPUT_OBJECT"
    _directives(schema, field, "INPUT_FIELD_DEFINITION" if inputs else "FIELD_DEFINITION")


def _known(schema: Types, type_: Node) -> None:
    if schema.type(type_) is None:
        raise SchemaFault(type_, f"Undefined type {of_name(type_)}.")


def _members(schema: Types, definition: Node) -> None:
    for name in definition.get("Types", ()):
        member = schema.types.get(name)
        if member is None:
            raise SchemaFault(definition, f"Undefined type {quoted(name)}.")
        if member["Kind"] != "OBJECT":
            raise SchemaFault(definition, f"{definition['Kind']} type {quoted(name)} must be OBJECT.")


def _fields(schema: Types, definition: Node) -> None:
    kind, name, fields = definition["Kind"], definition["Name"], definition.get("Fields", ())
    inputs = kind == "INPUT_OBJECT"
    if not fields:
        raise SchemaFault(
            definition, f"{kind} {name}: must define one or more {'input fields' if inputs else 'fields'}."
        )
    for field in fields:
        found = schema.types[of_name(field["Type"])]["Kind"]
        if inputs and found not in INPUT:
            message = f"{found} {field['Name']}: field must be one of SCALAR, ENUM, INPUT_OBJECT."
            raise SchemaFault(field, message)
        if not inputs and found not in COMPOSITE | LEAF:
            message = f"{kind} {name}: field must be one of SCALAR, OBJECT, INTERFACE, UNION, ENUM."
            raise SchemaFault(field, message)


def _values(schema: Types, definition: Node) -> None:
    values, name = definition.get("EnumValues", ()), definition["Name"]
    if not values:
        raise SchemaFault(definition, f"ENUM {name}: must define one or more unique enum values.")
    for value in values:
        if value["Name"] in ("true", "false", "null"):
            raise SchemaFault(definition, f"ENUM {name}: non-enum value {value['Name']}.")
        _directives(schema, value, "ENUM_VALUE")


def _once(definition: Node) -> None:
    name = definition["Name"]
    for part, said in (("Fields", "Field"), ("EnumValues", "Enum value")):
        seen: set[str] = set()
        for item in definition.get(part, ()):
            if item["Name"] in seen:
                raise SchemaFault(item, f"{said} {name}.{item['Name']} can only be defined once.")
            seen.add(item["Name"])
    members = definition.get("Types", [])
    for at, member in enumerate(members):
        if member in members[:at]:
            raise SchemaFault(definition, f"Union type {name} can only include type {member} once.")


def _arguments(schema: Types, owner: Node, *, within: Node | None = None) -> None:
    for argument in owner.get("Arguments", ()):
        _name(argument, argument["Name"])
        _known(schema, argument["Type"])
        kind = schema.types[of_name(argument["Type"])]["Kind"]
        if kind not in INPUT:
            message = (
                f"cannot use {type_text(argument['Type'])} as argument {argument['Name']} "
                f"because {kind} is not a valid input type"
            )
            raise SchemaFault(argument, message)
        _directives(schema, argument, "ARGUMENT_DEFINITION", within=within)


def _directives(schema: Types, owner: Node, location: str, *, within: Node | None = None, single: bool = True) -> None:
    """Hold the directives of a node against their declarations; those of a type and its extensions may repeat."""
    seen: set[str] = set()
    for directive in owner.get("Directives", ()):
        name = directive["Name"]
        _name(directive, name)
        if within is not None and within["Name"] == name:
            raise SchemaFault(directive, f"Directive {name} cannot refer to itself.")
        declared = schema.directives.get(name)
        if declared is None:
            raise SchemaFault(directive, f"Undefined directive {name}.")
        if single and name in seen and not declared.get("IsRepeatable"):
            raise SchemaFault(directive, f"The directive {name} can only be used once at this location.")
        seen.add(name)
        if location not in declared.get("Locations", ()):
            raise SchemaFault(directive, f"Directive {name} is not applicable on {location}.")
        _given(directive, declared)


def _given(directive: Node, declared: Node) -> None:
    """Hold the arguments of a directive against its declaration."""
    name, wanted, given = directive["Name"], declared.get("Arguments", ()), directive.get("Arguments", ())
    for argument in given:
        if named(wanted, argument["Name"]) is None:
            raise SchemaFault(argument, f"Undefined argument {argument['Name']} for directive {name}.")
    for each in wanted:
        if each["Type"].get("NonNull") and "DefaultValue" not in each:
            found = named(given, each["Name"])
            if found is None or found["Value"]["Kind"] == _NULL:
                raise SchemaFault(directive, f"Argument {each['Name']} for directive {name} cannot be null.")


_NULL = 6


def _implements(schema: Types, definition: Node, name: str) -> None:
    interface = schema.types.get(name)
    if interface is None:
        raise SchemaFault(definition, f"Undefined type {quoted(name)}.")
    if interface["Kind"] != "INTERFACE":
        raise SchemaFault(definition, f"{quoted(name)} is a non interface type {interface['Kind']}.")
    lead = f"For {definition['Name']} to implement {name}"
    for required in interface.get("Fields", ()):
        _fulfils(schema, definition, required, lead)
    for above in interface.get("Interfaces", ()):
        if above in definition["Interfaces"]:
            continue
        if above == definition["Name"]:
            message = f"Type {above} cannot implement {name} because it would create a circular reference."
        else:
            message = f"Type {definition['Name']} must implement {above} because it is implemented by {name}."
        raise SchemaFault(definition, message)


def _fulfils(schema: Types, definition: Node, required: Node, lead: str) -> None:
    """Hold a definition against one field of an interface."""
    name, field = required["Name"], named(definition.get("Fields", ()), required["Name"])
    if field is None:
        raise SchemaFault(definition, f"{lead} it must have a field called {name}.")
    if not _covariant(schema, required["Type"], field["Type"]):
        raise SchemaFault(field, f"{lead} the field {name} must have type {type_text(required['Type'])}.")
    for wanted in required.get("Arguments", ()):
        found = named(field.get("Arguments", ()), wanted["Name"])
        same = f"{lead} the field {name} must have the same arguments but"
        if found is None:
            raise SchemaFault(field, f"{same} it is missing {wanted['Name']}.")
        if not compatible(wanted["Type"], found["Type"]):
            raise SchemaFault(found, f"{same} {wanted['Name']} has the wrong type.")
    for extra in field.get("Arguments", ()):
        free = not extra["Type"].get("NonNull") or "DefaultValue" in extra
        if named(required.get("Arguments", ()), extra["Name"]) is None and not free:
            message = (
                f"{lead} any additional arguments on {name} must be optional or have a default value "
                f"but {extra['Name']} is required."
            )
            raise SchemaFault(extra, message)


def _covariant(schema: Types, required: Node, actual: Node) -> bool:
    if required.get("NonNull") and not actual.get("NonNull"):
        return False
    if required.get("NamedType"):
        name = actual.get("NamedType", "")
        possible = schema.possible.get(required["NamedType"], ())
        return required["NamedType"] == name or any(each["Name"] == name for each in possible)
    return "Elem" in actual and _covariant(schema, required["Elem"], actual["Elem"])


def compatible(one: Node, other: Node) -> bool:
    """Say whether a value of one type may stand where the other is wanted."""
    if one.get("NamedType", "") != other.get("NamedType", "") or ("Elem" in one and "Elem" not in other):
        return False
    if "Elem" in one and not compatible(one["Elem"], other["Elem"]):
        return False
    return bool(one.get("NonNull")) or not other.get("NonNull")


def _cycles(schema: Types) -> None:
    """Refuse input objects that hold themselves by fields that cannot be null."""
    done: set[str] = set()
    for name in sorted(schema.types):
        if schema.types[name]["Kind"] == "INPUT_OBJECT":
            _follow(schema, schema.types[name], [], done)


def _follow(schema: Types, definition: Node, path: list[tuple[str, Node]], done: set[str]) -> None:
    if definition["Name"] in done:
        return
    for field in definition.get("Fields", ()):
        type_ = field["Type"]
        inside = schema.types.get(type_.get("NamedType", "")) if type_.get("NonNull") else None
        if inside is None or inside["Kind"] != "INPUT_OBJECT":
            continue
        here = [*path, (definition["Name"], field)]
        names = [name for name, _ in here]
        if inside["Name"] in names:
            ring = [each for _, each in here[names.index(inside["Name"]) :]]
            fields = ".".join(each["Name"] for each in ring)
            message = (
                f"Cannot reference Input Object {quoted(inside['Name'])} within itself through "
                f"a series of non-null fields: {quoted(fields)}."
            )
            raise SchemaFault(ring[0], message)
        _follow(schema, inside, here, done)
    done.add(definition["Name"])
