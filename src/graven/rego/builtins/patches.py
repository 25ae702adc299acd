"""Owns the builtins that take paths into a document: json.filter, json.remove, json.patch."""

from __future__ import annotations

from typing import Any

from graven.rego.builtins.protocol import Builtin, BuiltinError, builtin, operand_error
from graven.rego.values import UNDEFINED, RegoObject, RegoSet, Value, type_name

__all__ = ["BUILTINS"]

Path = tuple[Value, ...]
_PATHS = "one of {set, array} containing string paths or array of path segments"


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def _path(value: Value, position: int) -> Path:
    if value.__class__ is str:
        text = value.strip("/") if value != "/" else ""
        return tuple(_unescaped(step) for step in text.split("/")) if text or value else ()
    if value.__class__ is tuple:
        return tuple(value)
    raise operand_error(position, _PATHS, type_name(value))


def _paths(values: Value) -> list[Path]:
    items = values.ordered() if values.__class__ is RegoSet else values
    return [_path(item, 2) for item in items]


def _trie(paths: list[Path]) -> dict[Value, Any]:
    """Join paths to a tree; where one ends, what is below it does not matter."""
    root: dict[Value, Any] = {}
    for path in paths:
        node = root
        for at, step in enumerate(path):
            if step in node and node[step] is None:
                break
            if at == len(path) - 1:
                node[step] = None
            else:
                node = node.setdefault(step, {})
    return root


def _steps(container: Value) -> list[tuple[Value, Value]]:
    """Give the members of an object or array with the steps that lead to them: in an array, text."""
    if container.__class__ is RegoObject:
        return list(container.ordered_items())
    return [(str(at), item) for at, item in enumerate(container)]


def _find(node: dict[Value, Any], step: Value, container: Value) -> tuple[bool, Any]:
    if step in node:
        return True, node[step]
    if container.__class__ is tuple and int(step) in node:
        return True, node[int(step)]
    return False, None


def _filtered(target: Value, node: dict[Value, Any] | None) -> Value:
    if node is None or target.__class__ not in (RegoObject, tuple):
        return target
    kept = []
    for step, item in _steps(target):
        there, below = _find(node, step, target)
        if there:
            kept.append((step, _filtered(item, below)))
    return RegoObject(kept) if target.__class__ is RegoObject else tuple(item for _, item in kept)


def _removed(target: Value, node: dict[Value, Any]) -> Value:
    if target.__class__ not in (RegoObject, tuple):
        return target
    kept = []
    for step, item in _steps(target):
        there, below = _find(node, step, target)
        if not there:
            kept.append((step, item))
        elif below is not None:
            kept.append((step, _removed(item, below)))
    return RegoObject(kept) if target.__class__ is RegoObject else tuple(item for _, item in kept)


def _filter(target: Value, paths: Value) -> Value:
    return _filtered(target, _trie(_paths(paths)))


def _remove(target: Value, paths: Value) -> Value:
    return _removed(target, _trie(_paths(paths)))


def _index(container: Value, step: Value, *, end: bool) -> int:
    """Read a step into an array."""
    size = len(container)
    if step == "-" and end:
        return size
    if step.__class__ is str and not (step.isdigit() and (step == "0" or step[0] != "0")):
        raise BuiltinError(f"could not parse index {step!r}")
    if step.__class__ not in (str, int):
        raise BuiltinError("invalid index")
    at = int(step)
    if not 0 <= at < size + end:
        raise BuiltinError("index out of range")
    return at


def _get(target: Value, path: Path) -> Value:
    for step in path:
        if target.__class__ is RegoObject and step in target:
            target = target[step]
        elif target.__class__ is tuple:
            target = target[_index(target, step, end=False)]
        elif target.__class__ is RegoSet and step in target:
            target = step
        else:
            raise BuiltinError("path not found")
    return target


def _changed(target: Value, path: Path, value: Value, operation: str) -> Value:
    """Give the target with the value at a path added or replaced, or, if it is UNDEFINED, removed."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if rest:
        below = _changed(_get(target, (step,)), rest, value, operation)
        return _set(target, step, below, "replace")
    return _set(target, step, value, operation)


def _set(target: Value, step: Value, value: Value, operation: str) -> Value:
    if target.__class__ is RegoObject:
        if operation != "add" and step not in target:
            raise BuiltinError("path not found")
        rest = {key: item for key, item in target.items() if key != step}
        return RegoObject(rest if value is UNDEFINED else {**rest, step: value})
    if target.__class__ is tuple:
        at = _index(target, step, end=operation == "add")
        tail = target[at:] if operation == "add" else target[at + 1 :]
        return target[:at] + (() if value is UNDEFINED else (value,)) + tail
    if target.__class__ is RegoSet:
        if (operation == "add" and step != value) or (operation != "add" and step not in target):
            raise BuiltinError("path not found")
        kept = target - {step}
        return RegoSet(kept if value is UNDEFINED else {*kept, value})
    raise BuiltinError("path not found")


def _pointer(change: Value, key: str) -> Path:
    found = change.get(key, UNDEFINED)
    if found is UNDEFINED:
        raise BuiltinError(f"missing '{key}' attribute")
    if found.__class__ is str:
        return tuple(_unescaped(step) for step in found.removeprefix("/").split("/")) if found else ()
    if found.__class__ is tuple:
        return tuple(found)
    raise BuiltinError(f"attribute '{key}' must be a string or an array", "eval_type_error")


def _patch(target: Value, changes: Value) -> Value:
    for change in changes:
        if change.__class__ is not RegoObject:
            raise operand_error(2, "array of objects", f"array containing {type_name(change)}")
        target = _applied(target, change)
    return target


def _applied(target: Value, change: Value) -> Value:
    operation, path = change.get("op", UNDEFINED), _pointer(change, "path")
    if operation in ("add", "replace", "test"):
        value = change.get("value", UNDEFINED)
        if value is UNDEFINED:
            raise BuiltinError("missing 'value' attribute")
        if operation != "test":
            return _changed(target, path, value, operation)
        if _get(target, path) != value:
            raise BuiltinError("value from EditTree != expected value")
        return target
    if operation == "remove":
        _get(target, path)
        return _changed(target, path, UNDEFINED, operation) if path else UNDEFINED
    if operation in ("copy", "move"):
        source = _pointer(change, "from")
        value = _get(target, source)
        if operation == "move":
            target = _changed(target, source, UNDEFINED, "remove")
        return _changed(target, path, value, "add")
    raise BuiltinError("bad patch: unrecognized operation")


BUILTINS: tuple[Builtin, ...] = (
    builtin("json.filter", _filter),
    builtin("json.remove", _remove),
    builtin("json.patch", _patch),
)
