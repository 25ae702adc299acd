"""Owns the builtins on objects: get, keys, filter, remove, subset, union."""

from __future__ import annotations

from functools import reduce

from graven.rego.builtins.protocol import Builtin, builtin, operand_error
from graven.rego.values import EMPTY_OBJECT, UNDEFINED, RegoObject, RegoSet, Value, boolean, index, type_name

__all__ = ["BUILTINS"]


def _get(target: Value, key: Value, default: Value) -> Value:
    """Give the value at a key, or at the path that an array of keys is."""
    found = target
    for step in key if key.__class__ is tuple else (key,):
        found = index(found, step)
        if found is UNDEFINED:
            return default
    return found


def _filter(target: Value, keys: Value) -> Value:
    wanted = set(keys)
    return RegoObject({key: value for key, value in target.items() if key in wanted})


def _remove(target: Value, keys: Value) -> Value:
    unwanted = set(keys)
    return RegoObject({key: value for key, value in target.items() if key not in unwanted})


def _union(left: Value, right: Value) -> Value:
    """Merge deeply; where both have a key and one of the values is no object, the right one wins."""
    merged = dict(left)
    for key, value in right.items():
        before = merged.get(key)
        both = before.__class__ is RegoObject and value.__class__ is RegoObject
        merged[key] = _union(before, value) if both else value
    return RegoObject(merged)


def _union_n(objects: Value) -> Value:
    for each in objects:
        if each.__class__ is not RegoObject:
            raise operand_error(1, "array of objects", f"array containing {type_name(each)}")
    return reduce(_union, objects, EMPTY_OBJECT)


def _subset(whole: Value, part: Value) -> Value:
    kinds = (whole.__class__, part.__class__)
    if kinds == (RegoObject, RegoObject):
        return boolean(_object_within(whole, part))
    if kinds == (RegoSet, RegoSet):
        return boolean(part <= whole)
    if kinds == (tuple, tuple):
        return boolean(_run_within(whole, part))
    if kinds == (tuple, RegoSet):
        return boolean(part <= set(whole))
    message = "both arguments object.subset must be of the same type or array and set"
    raise operand_error(1, message, type_name(part))


def _object_within(whole: Value, part: Value) -> bool:
    return all(key in whole and _value_within(whole[key], value) for key, value in part.items())


def _value_within(whole: Value, part: Value) -> bool:
    if whole.__class__ is RegoObject and part.__class__ is RegoObject:
        return _object_within(whole, part)
    if whole.__class__ is RegoSet and part.__class__ is RegoSet:
        return bool(part <= whole)
    if whole.__class__ is tuple and part.__class__ is tuple:
        return _run_within(whole, part)
    return bool(whole == part)


def _run_within(whole: Value, part: Value) -> bool:
    """Say whether an array stands in another, member behind member."""
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))


BUILTINS: tuple[Builtin, ...] = (
    builtin("object.get", _get),
    builtin("object.keys", RegoSet),
    builtin("object.filter", _filter),
    builtin("object.remove", _remove),
    builtin("object.union", _union),
    builtin("object.union_n", _union_n),
    builtin("object.subset", _subset),
)
