"""Owns the rules that a GraphQL query must keep (October 2021, section 5), apart from values and merging of fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graven.rego.builtins.graphqlcursor import Node
from graven.rego.builtins.graphqlmerging import merging
from graven.rego.builtins.graphqltypes import COMPOSITE, INPUT, LEAF, Types, of_name, quoted, type_text
from graven.rego.builtins.graphqlvalues import allowed_position, correct_type, one_of, unique_fields
from graven.rego.builtins.graphqlwalk import Rule, Walk

__all__ = ["validate"]

_DEEPEST_LISTS = 3


def validate(schema: Types, document: Node) -> list[tuple[Node, str]]:
    """Give what is wrong with a query, in the order in which OPA names it."""
    walk = Walk(schema, document, _RULES)
    walk.run()
    return walk.found


def _fields_on_correct_type(walk: Walk, field: Node) -> None:
    if field["parent"] is not None and field["definition"] is None:
        walk.error(field, f'Cannot query field "{field["Name"]}" on type "{field["parent"]["Name"]}".')


def _inline_on_composite(walk: Walk, inline: Node) -> None:
    found = walk.schema.types.get(inline.get("TypeCondition", ""))
    if found is not None and found["Kind"] not in COMPOSITE:
        walk.error(inline, f'Fragment cannot condition on non composite type "{found["Name"]}".')


def _fragment_on_composite(walk: Walk, fragment: Node) -> None:
    found = fragment["definition"]
    if found is not None and found["Kind"] not in COMPOSITE:
        message = f'Fragment "{fragment["Name"]}" cannot condition on non composite type "{found["Name"]}".'
        walk.error(fragment, message)


def _known_arguments(said: Callable[[Node], str]) -> Rule:
    def rule(walk: Walk, owner: Node) -> None:
        definition = owner["definition"]
        if definition is None or owner.get("parent", definition) is None:
            return
        known = {each["Name"] for each in definition.get("Arguments", ())}
        for argument in owner.get("Arguments", ()):
            if argument["Name"] not in known:
                walk.error(owner, f'Unknown argument "{argument["Name"]}" on {said(owner)}.')

    return rule


def _known_directives(walk: Walk, directive: Node) -> None:
    declared, name = directive["definition"], directive["Name"]
    if declared is None:
        walk.error(directive, f'Unknown directive "@{name}".')
    elif directive["location"] not in declared.get("Locations", ()):
        seen = walk.memory.setdefault("misplaced", set())
        key = (name, directive.get("Position"))
        if key not in seen:
            seen.add(key)
            walk.error(directive, f'Directive "@{name}" may not be used on {directive["location"]}.')


def _known_fragments(walk: Walk, spread: Node) -> None:
    if spread["definition"] is None:
        walk.error(spread, f'Unknown fragment "{spread["Name"]}".')


def _known_root(walk: Walk, operation: Node) -> None:
    kind = operation.get("Operation", "")
    if (kind or "query") not in walk.schema.roots:
        walk.error(operation, f'Schema does not support operation type "{kind}"')


def _known_type(name_of: Callable[[Node], str]) -> Rule:
    def rule(walk: Walk, owner: Node) -> None:
        name = name_of(owner)
        if name and name not in walk.schema.types:
            walk.error(owner, f'Unknown type "{name}".')

    return rule


def _lone_anonymous(walk: Walk, operation: Node) -> None:
    if not operation.get("Name") and len(walk.operations) > 1:
        walk.error(operation, "This anonymous operation must be the only defined operation.")


def _introspection_depth(walk: Walk, field: Node) -> None:
    if field["Name"] in ("__schema", "__type") and _too_deep(walk, field, frozenset(), 0):
        walk.error(field, "Maximum introspection depth exceeded")


def _too_deep(walk: Walk, owner: Node, inside: frozenset[str], depth: int) -> bool:
    if owner.get("Name") in ("fields", "interfaces", "possibleTypes", "inputFields") and "Alias" in owner:
        depth += 1
        if depth >= _DEEPEST_LISTS:
            return True
    for selection in owner.get("SelectionSet", ()):
        target, within = selection, inside
        if "Alias" not in selection and "SelectionSet" not in selection:
            found = walk.fragment(selection.get("Name", ""))
            if found is None or selection["Name"] in inside:
                continue
            target, within = found, inside | {selection["Name"]}
        if _too_deep(walk, target, within, depth):
            return True
    return False


def _spreads(owner: Node) -> list[Node]:
    """Give the spreads below a node, those of the nearest sets first."""
    found: list[Node] = []
    waiting = [owner]
    while waiting:
        for selection in waiting.pop().get("SelectionSet", ()):
            if "Alias" in selection or "SelectionSet" in selection:
                waiting.append(selection)
            else:
                found.append(selection)
    return found


def _fragment_cycles(walk: Walk, fragment: Node) -> None:
    visited: set[str] = walk.memory.setdefault("cycles", set())
    _follow(walk, fragment, visited, [], {})


def _follow(walk: Walk, fragment: Node, visited: set[str], path: list[Node], index: dict[str, int]) -> None:
    name = fragment["Name"]
    if name in visited:
        return
    visited.add(name)
    index[name] = len(path)
    for spread in _spreads(fragment):
        target = spread["Name"]
        if target in index:
            ring = ", ".join(quoted(each["Name"]) for each in path[index[target] :])
            via = f" via {ring}" if ring else ""
            walk.error(spread, f'Cannot spread fragment "{target}" within itself{via}.')
        elif (found := walk.fragment(target)) is not None:
            _follow(walk, found, visited, [*path, spread], index)
    del index[name]


def _undefined_variables(walk: Walk, value: Node) -> None:
    if walk.operation is None or value["Kind"] != 0 or value.get("variable") is not None:
        return
    name = walk.operation.get("Name")
    walk.error(value, f'Variable "${value["Raw"]}" is not defined' + (f' by operation "{name}".' if name else "."))


def _used_fragments(walk: Walk, spread: Node) -> None:
    if walk.operation is not None:
        walk.memory.setdefault("used", set()).add(spread["Name"])


def _unused_fragments(walk: Walk, fragment: Node) -> None:
    if fragment["Name"] not in walk.memory.get("used", ()):
        walk.error(fragment, f'Fragment "{fragment["Name"]}" is never used.')


def _unused_variables(walk: Walk, operation: Node) -> None:
    name = operation.get("Name")
    for variable in operation.get("VariableDefinitions", ()):
        if not variable.get("used"):
            where = f' in operation "{name}".' if name else "."
            walk.error(variable, f'Variable "${variable["Variable"]}" is never used{where}')


def _impossible(walk: Walk, parent: Node | None, condition: str) -> bool:
    if parent is None or parent["Kind"] not in COMPOSITE:
        return False
    target = walk.schema.types.get(condition)
    if target is None or target["Kind"] not in COMPOSITE:
        return False
    here = {each["Name"] for each in walk.schema.possible_types(parent)}
    return not any(each["Name"] in here for each in walk.schema.possible_types(target))


def _possible_inline(walk: Walk, inline: Node) -> None:
    parent, condition = inline["parent"], inline.get("TypeCondition", "")
    if _impossible(walk, parent, condition):
        lead = "Fragment cannot be spread here as objects of type"
        walk.error(inline, f'{lead} "{parent["Name"]}" can never be of type "{condition}".')


def _possible_spread(walk: Walk, spread: Node) -> None:
    parent, fragment = spread["parent"], spread["definition"]
    if fragment is not None and _impossible(walk, parent, fragment.get("TypeCondition", "")):
        lead = f'Fragment "{spread["Name"]}" cannot be spread here as objects of type'
        walk.error(spread, f'{lead} "{parent["Name"]}" can never be of type "{fragment["TypeCondition"]}".')


def _required_arguments(said: str) -> Rule:
    def rule(walk: Walk, owner: Node) -> None:
        given = {each["Name"] for each in owner.get("Arguments", ())}
        for each in (owner["definition"] or {}).get("Arguments", ()):
            if each["Type"].get("NonNull") and "DefaultValue" not in each and each["Name"] not in given:
                lead = f'{said}{owner["Name"]}" argument "{each["Name"]}" of type "{type_text(each["Type"])}"'
                walk.error(owner, f"{lead} is required, but it was not provided.")

    return rule


def _scalar_leaves(walk: Walk, field: Node) -> None:
    type_ = walk.schema.type(field["definition"]["Type"]) if field["definition"] else None
    if type_ is None:
        return
    leaf, selects, name = type_["Kind"] in LEAF, bool(field.get("SelectionSet")), field["Name"]
    if leaf and selects:
        message = f'Field "{name}" must not have a selection since type "{type_["Name"]}" has no subfields.'
        walk.error(field, message)
    elif not leaf and not selects:
        lead = f'Field "{name}" of type "{type_text(field["definition"]["Type"])}"'
        walk.error(field, f'{lead} must have a selection of subfields. Did you mean "{name} {{ ... }}"?')


def _top_fields(walk: Walk, owner: Node, entered: set[str]) -> Iterable[Node]:
    for selection in owner.get("SelectionSet", ()):
        if "Alias" in selection:
            yield selection
        elif "SelectionSet" in selection:
            yield from _top_fields(walk, selection, entered)
        else:
            found = walk.fragment(selection["Name"])
            if found is None:
                return
            if found["Name"] not in entered:
                entered.add(found["Name"])
                yield from _top_fields(walk, found, entered)


def _single_subscription(walk: Walk, operation: Node) -> None:
    if "subscription" not in walk.schema.roots or operation.get("Operation") != "subscription":
        return
    fields: dict[str, Node] = {}
    for field in _top_fields(walk, operation, set()):
        fields.setdefault(field["Name"], field)
    name = f'Subscription "{operation["Name"]}"' if operation.get("Name") else "Anonymous Subscription"
    if len(fields) > 1:
        walk.error(list(fields.values())[1], f"{name} must select only one top level field.")
    for field in fields.values():
        if field["Name"].startswith("__"):
            walk.error(field, f"{name} must not select an introspection top level field.")


def _unique_arguments(walk: Walk, owner: Node) -> None:
    counts: dict[str, int] = {}
    for argument in owner.get("Arguments", ()):
        name = argument["Name"]
        counts[name] = counts.get(name, 0) + 1
        if counts[name] == _TWICE:
            walk.error(argument, f'There can be only one argument named "{name}".')


_TWICE = 2


def _unique_directives(walk: Walk, directives: list[Node]) -> None:
    seen: set[str] = set()
    for directive in directives:
        name, declared = directive["Name"], directive["definition"]
        if name in seen and not (declared or {}).get("IsRepeatable"):
            walk.error(directive, f'The directive "@{name}" can only be used once at this location.')
        seen.add(name)


def _unique(what: str) -> Rule:
    def rule(walk: Walk, it: Node) -> None:
        seen = walk.memory.setdefault(what, set())
        name = it.get("Name", "")
        if name in seen:
            walk.error(it, f'There can be only one {what} named "{name}".')
        seen.add(name)

    return rule


def _unique_variables(walk: Walk, operation: Node) -> None:
    counts: dict[str, int] = {}
    for variable in operation.get("VariableDefinitions", ()):
        name = variable["Variable"]
        counts[name] = counts.get(name, 0) + 1
        if counts[name] == _TWICE:
            walk.error(variable, f'There can be only one variable named "${name}".')


def _input_variables(walk: Walk, operation: Node) -> None:
    for variable in operation.get("VariableDefinitions", ()):
        if variable["definition"] is not None and variable["definition"]["Kind"] not in INPUT:
            lead = f'Variable "${variable["Variable"]}" cannot be non-input type'
            walk.error(variable, f'{lead} "{type_text(variable["Type"])}".')


def _field_name(field: Node) -> str:
    return f'field "{field["parent"]["Name"]}.{field["Name"]}"'


_RULES: tuple[tuple[str, Rule], ...] = (
    ("field", _fields_on_correct_type),
    ("inline", _inline_on_composite),
    ("fragment", _fragment_on_composite),
    ("field", _known_arguments(_field_name)),
    ("directive", _known_arguments(lambda directive: f'directive "@{directive["Name"]}"')),
    ("directive", _known_directives),
    ("spread", _known_fragments),
    ("operation", _known_root),
    ("variable", _known_type(lambda variable: of_name(variable["Type"]))),
    ("inline", _known_type(lambda inline: str(inline.get("TypeCondition", "")))),
    ("fragment", _known_type(lambda fragment: str(fragment.get("TypeCondition", "")))),
    ("operation", _lone_anonymous),
    ("field", _introspection_depth),
    ("fragment", _fragment_cycles),
    ("value", _undefined_variables),
    ("spread", _used_fragments),
    ("fragment", _unused_fragments),
    ("operation", _unused_variables),
    *merging(),
    ("inline", _possible_inline),
    ("spread", _possible_spread),
    ("field", _required_arguments('Field "')),
    ("directive", _required_arguments('Directive "@')),
    ("field", _scalar_leaves),
    ("operation", _single_subscription),
    ("field", _unique_arguments),
    ("directive", _unique_arguments),
    ("directives", _unique_directives),
    ("fragment", _unique("fragment")),
    ("value", unique_fields),
    ("operation", _unique("operation")),
    ("operation", _unique_variables),
    ("value", correct_type),
    ("operation", _input_variables),
    ("value", allowed_position),
    ("value", one_of),
)
"""By the names of the rules in OPA's parser, in their order."""
