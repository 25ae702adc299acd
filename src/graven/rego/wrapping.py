"""Owns the way from generated code to builtins: operands checked, failures and answers kept, replacements called."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, operand_error
from graven.rego.faults import BudgetExhausted
from graven.rego.machine import Sites, State, U
from graven.rego.notation import term_text
from graven.rego.types import ANY, Type
from graven.rego.values import NUMBER_TYPES, Bool, RegoObject, RegoSet, Value, boolean, type_name

__all__ = [
    "call_builtin", "call_function", "change", "hole_text", "member_2", "member_3", "mock_builtin", "mock_function",
    "mock_value", "wrap",
]  # fmt: skip

_CLASSES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (Bool,),
    "number": NUMBER_TYPES,
    "string": (str,),
    "array": (tuple,),
    "object": (RegoObject,),
    "set": (RegoSet,),
}


_SIZED = frozenset({str, tuple, RegoObject, RegoSet})


def _classes(one: Type) -> frozenset[type] | None:
    """Give the Python classes that a type allows; None for all."""
    if one == ANY:
        return None
    kinds = one.members if one.kind == "any" else (one,)
    return frozenset(each for kind in kinds for each in _CLASSES[kind.kind])


_WORDED = {
    "any<string, array[string], set[string]>": "one of {string, set, array}",
    "any<array[any<string, array[any]>], set[any<string, array[any]>]>": "one of {set, array}",
    "any<array[any], object[any: any], set[any]>": "one of {object, set, array}",
}
"""Where OPA names the types in an order of its own."""


def _expected(one: Type) -> str:
    if str(one) in _WORDED:
        return _WORDED[str(one)]
    kinds = [part.kind for part in one.members] if one.kind == "any" else [one.kind]
    return kinds[0] if len(kinds) == 1 else "one of {" + ", ".join(sorted(kinds)) + "}"


def wrap(found: Builtin, sites: Sites) -> Callable[..., Value]:
    """Give the function that generated code calls: state, place, operands."""
    declaration = found.declaration
    name, function = declaration.name, found.call
    wanted = [(at, allowed) for at, one in enumerate(declaration.arguments) if (allowed := _classes(one)) is not None]
    if found.unchecked:
        wanted = []
    if declaration.nondeterministic:
        function = _recording(name, found)
    contextual = found.contextual or declaration.nondeterministic
    placed = found.contextual
    empty: Value = () if declaration.relation else U

    def wrapped(state: State, site: int, *operands: Value) -> Value:
        try:
            for at, allowed in wanted:
                if operands[at].__class__ not in allowed:
                    raise operand_error(at + 1, _expected(declaration.arguments[at]), type_name(operands[at]))
            if placed:
                state.run.context.file = sites.places[site][0].file
            result = function(state.run.context, *operands) if contextual else function(*operands)
        except BuiltinError as error:
            sites.failed(state, site, name, error)
            return empty
        kind = result.__class__
        if kind is bool:
            return boolean(result)
        if kind in _SIZED and len(result) > state.run.context.max_size:
            raise BudgetExhausted(
                f"{name} made a value of {len(result)} members or characters", hint="raise the limit of size"
            )
        return result

    return wrapped


def _recording(name: str, found: Builtin) -> Callable[..., Value]:
    """Ask a nondeterministic builtin once for each list of operands."""

    def recorded(context: Context, *operands: Value) -> Value:
        key = (name, operands)
        if key not in context.recorded:
            answer = found.call(context, *operands) if found.contextual else found.call(*operands)
            context.recorded[key] = answer
        return context.recorded[key]

    return recorded


def change(state: State, changes: Iterable[tuple[tuple[str, ...], Value]]) -> State:
    """Give the state under ``with``."""
    return state.change(changes)


def call_function(state: State, name: str, original: Callable[..., Value], *operands: Value) -> Value:
    """Call a function of a policy, or what replaces it."""
    replacement = state.mocks.get(name)
    return original(state, *operands) if replacement is None else replacement(state, 0, *operands)


def call_builtin(state: State, site: int, name: str, original: Callable[..., Value], *operands: Value) -> Value:
    """Call a builtin, or what replaces it."""
    replacement = state.mocks.get(name)
    return original(state, site, *operands) if replacement is None else replacement(state, site, *operands)


def mock_function(function: Callable[..., Value]) -> Callable[..., Value]:
    """Give what replaces a function by a function of a policy."""
    return lambda state, _site, *operands: function(state.unmocked(), *operands)


def mock_builtin(wrapped: Callable[..., Value]) -> Callable[..., Value]:
    """Give what replaces a function by a builtin."""
    return lambda state, site, *operands: wrapped(state.unmocked(), site, *operands)


def mock_value(value: Value) -> Callable[..., Value]:
    """Give what replaces a function by a value."""
    return lambda _state, _site, *_operands: value


def member_2(value: Value, container: Value) -> bool:
    """Say whether a value is in a collection."""
    if container.__class__ is RegoObject:
        return value in container.values()
    return container.__class__ in (tuple, RegoSet) and value in container


def member_3(key: Value, value: Value, container: Value) -> bool:
    """Say whether a collection has a value at a key; a member of a set is its own key."""
    from graven.rego.values import index

    found = index(container, key)
    return found is not U and bool(found == value)


def hole_text(value: Value) -> str:
    """Write a value in a template string: a string bare, all else as a term."""
    return value if value.__class__ is str else term_text(value)
