"""Owns the way from generated code to builtins: operands checked, failures and answers kept, replacements called."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graven.record import TYPE_CHECKING, Record
from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, operand_error
from graven.rego.faults import BudgetExhausted
from graven.rego.machine import Sites, State, U
from graven.rego.notation import term_text
from graven.rego.values import FALSE, NUMBER_TYPES, TRUE, Bool, RegoObject, RegoSet, Value, type_name

if TYPE_CHECKING:
    from graven.rego.builtins.declarations import Declaration
    from graven.rego.types import Type

__all__ = [
    "Signature", "call_builtin", "call_function", "change", "hole_text", "member_2", "member_3", "mock_builtin",
    "mock_function", "mock_value", "signature", "wrap",
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


class Signature(Record):
    """What is looked at when a builtin is called, in plain values."""

    wanted: tuple[tuple[int, tuple[str, ...], str], ...]
    """For each operand that is looked at: its place, the kinds that it may be, and how a message names these."""
    relation: bool
    nondeterministic: bool


def signature(declaration: Declaration) -> Signature:
    """Give what a declaration asks of a call."""
    wanted = []
    for at, one in enumerate(declaration.arguments):
        kinds = one.members if one.kind == "any" else (one,)
        if kinds:
            wanted.append((at, tuple(kind.kind for kind in kinds), _expected(one)))
    return Signature(tuple(wanted), declaration.relation, declaration.nondeterministic)


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


def wrap(found: Builtin, asked: Signature, sites: Sites) -> Callable[..., Value]:
    """Give the function that generated code calls: state, place, operands."""
    name, function = found.name, found.call
    wanted = () if found.unchecked else asked.wanted
    checks = [(at, frozenset(each for kind in kinds for each in _CLASSES[kind])) for at, kinds, _ in wanted]
    if asked.nondeterministic:
        function = _recording(name, found)
    contextual = found.contextual or asked.nondeterministic
    empty: Value = () if asked.relation else U

    def wrapped(state: State, site: int, *operands: Value) -> Value:
        try:
            for at, allowed in checks:
                if operands[at].__class__ not in allowed:
                    raise _refused(wanted, at, operands[at])
            if contextual:
                context = state.run.context
                context.called_at = site
                result = function(context, *operands)
            else:
                result = function(*operands)
        except BuiltinError as error:
            sites.failed(state, site, name, error)
            return empty
        kind = result.__class__
        if kind is Bool:
            return result
        if kind is bool:
            return TRUE if result else FALSE
        if kind in _SIZED and len(result) > state.run.context.max_size:
            raise BudgetExhausted(
                f"{name} made a value of {len(result)} members or characters", hint="raise the limit of size"
            )
        return result

    return wrapped


def _refused(wanted: Iterable[tuple[int, tuple[str, ...], str]], at: int, operand: Value) -> BuiltinError:
    """Give the error of an operand that is of none of the kinds that are wanted."""
    text = next(text for position, _, text in wanted if position == at)
    return operand_error(at + 1, text, type_name(operand))


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
