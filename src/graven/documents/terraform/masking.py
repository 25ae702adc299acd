"""Owns the masking of a plan: what its ``*_sensitive`` shapes, outputs and variables mark as sensitive is taken out.

``terraform show -json`` writes secrets in clear text. Masked are resources (``sensitive_values``), changes
(``before_sensitive``, ``after_sensitive``), outputs, variables that are declared sensitive, and the constants of the
configuration that such arguments and variables are given. A constant of a sensitive argument is masked in each
instance if it is sensitive in one.
"""

from __future__ import annotations

import re
from typing import Any

from graven.documents.position import Document, Path
from graven.errors import TooLarge

__all__ = ["MASK", "hidden", "mask"]

MASK = "(sensitive value)"
_SHAPES = (("values", "sensitive_values"), ("before", "before_sensitive"), ("after", "after_sensitive"))
_INDEX = re.compile(r'\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]')


def mask(document: Document) -> Document:
    """Give a plan without its secrets; the places stay the same.

    >>> plan = {"outputs": {"key": {"sensitive": True, "value": "hunter2"}}}
    >>> mask(Document(plan, {})).value
    {'outputs': {'key': {'sensitive': True, 'value': '(sensitive value)'}}}

    Raises:
        TooLarge: it is nested too deep.
    """
    try:
        value = _masked(document.value)
    except RecursionError as e:
        raise TooLarge("nested too deep for a plan", where=document.file) from e
    if isinstance(value, dict):
        _configuration(value, _sensitive(value))
    return Document(value, lambda: document.places, document.file, source=document.source)


def hidden(value: Any) -> frozenset[Path]:
    """Give the paths of a value at which the mask stands.

    >>> hidden({"a": ["b", "(sensitive value)"]})
    frozenset({('a', 1)})
    """
    found: list[Path] = []
    waiting: list[tuple[Path, Any]] = [((), value)]
    while waiting:
        path, one = waiting.pop()
        if one == MASK:
            found.append(path)
        elif isinstance(one, dict | list):
            waiting += (
                ((*path, key), each) for key, each in (one.items() if isinstance(one, dict) else enumerate(one))
            )
    return frozenset(found)


def _masked(value: Any) -> Any:
    if isinstance(value, list):
        return [_masked(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: _masked(one) for key, one in value.items()}
    for name, shape in _SHAPES:
        if name in found and shape in found:
            found[name] = _by_shape(found[name], found[shape])
    if found.get("sensitive") is True and "value" in found:
        found["value"] = MASK
    return found


def _by_shape(value: Any, shape: Any) -> Any:
    if shape is True:
        return None if value is None else MASK
    if isinstance(value, dict) and isinstance(shape, dict):
        return {key: _by_shape(one, shape.get(key)) for key, one in value.items()}
    if isinstance(value, list) and isinstance(shape, list):
        shapes = [*shape, *[None] * (len(value) - len(shape))]
        return [_by_shape(one, shapes[at]) for at, one in enumerate(value)]
    return value


def _sensitive(plan: dict[str, Any]) -> dict[str, list[Any]]:
    """Give the shapes of what is sensitive for each address, indexes left out."""
    found: dict[str, list[Any]] = {}
    waiting: list[Any] = [plan.get(key) for key in ("planned_values", "prior_state", "values", "resource_changes")]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("address"), str):
                shapes = found.setdefault(_INDEX.sub("", one["address"]), [])
                change = one["change"] if isinstance(one.get("change"), dict) else {}
                shapes += [one.get("sensitive_values"), change.get("before_sensitive"), change.get("after_sensitive")]
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return found


def _configuration(plan: dict[str, Any], sensitive: dict[str, list[Any]]) -> None:
    """Mask the given variables and the constants of the configuration, in place, in values that are our own."""
    configuration = plan.get("configuration")
    root = configuration.get("root_module") if isinstance(configuration, dict) else None
    if not isinstance(root, dict):
        return
    for name in _secrets(root):
        given = plan.get("variables")
        if isinstance(given, dict) and isinstance(given.get(name), dict) and "value" in given[name]:
            given[name]["value"] = MASK
    _constants(root, "", sensitive)


def _secrets(module: dict[str, Any]) -> list[str]:
    variables = module.get("variables")
    if not isinstance(variables, dict):
        return []
    found = [name for name, one in variables.items() if isinstance(one, dict) and one.get("sensitive") is True]
    for name in found:
        if "default" in variables[name]:
            variables[name]["default"] = MASK
    return found


def _constants(module: dict[str, Any], prefix: str, sensitive: dict[str, list[Any]]) -> None:
    said = module.get("resources")
    for one in said if isinstance(said, list) else ():
        if isinstance(one, dict):
            for shape in sensitive.get(f"{prefix}{one.get('address')}", ()):
                _expression(one.get("expressions"), shape)
    called = module.get("module_calls")
    for name, call in called.items() if isinstance(called, dict) else ():
        inner = call.get("module") if isinstance(call, dict) else None
        if isinstance(inner, dict):
            _expression(call.get("expressions"), dict.fromkeys(_secrets(inner), True))
            _constants(inner, f"{prefix}module.{name}.", sensitive)


def _expression(said: Any, shape: Any) -> None:
    """Mask the constants of an expression, or of the expressions in it, whose shape is true."""
    if isinstance(said, list):
        for at, one in enumerate(said):
            _expression(one, shape[at] if isinstance(shape, list) and at < len(shape) else shape is True)
    elif isinstance(said, dict):
        if "constant_value" in said:
            said["constant_value"] = _by_shape(said["constant_value"], shape)
        for key, one in said.items():
            if key not in {"constant_value", "references"}:
                _expression(one, shape.get(key) if isinstance(shape, dict) else shape is True)
