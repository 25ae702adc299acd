"""Owns the functions of Terraform whose value depends on their arguments alone, those that configurations use most.

What is not in the table is not known before a run. ``SHALLOW`` are those that hand on what their arguments hold, so
that something unknown inside a list or an object does them no harm.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial, reduce
from typing import Any

from graven.documents.hcl.values import MAX_TEXT, Failed, boolean, distinct, equal, number, string, united

__all__ = ["FUNCTIONS", "SHALLOW"]

_MANY = 1024
_VERB = re.compile("(0?)([0-9]{0,3})(.?)", re.DOTALL)


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Failed
    return value


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Failed
    return value


def _length(value: Any) -> int:
    if not isinstance(value, str | list | dict):
        raise Failed
    return len(value)


def _merge(*objects: Any) -> dict[str, Any]:
    return {key: value for one in objects if one is not None for key, value in _mapping(one).items()}


def _concat(*lists: Any) -> list[Any]:
    return [item for one in lists for item in _items(one)]


def _lookup(where: Any, key: Any, *default: Any) -> Any:
    found = _mapping(where)
    if string(key) in found:
        return found[string(key)]
    if not default:
        raise Failed
    return default[0]


def _element(where: Any, index: Any) -> Any:
    items = _items(where)
    if not items:
        raise Failed
    return items[int(number(index)) % len(items)]


def _flatten(value: Any) -> list[Any]:
    found: list[Any] = []
    for one in _items(value):
        found += _flatten(one) if isinstance(one, list) else [one]
    return found


def _coalesce(*values: Any) -> Any:
    for one in united(list(values)):
        if one is not None and one != "":
            return one
    raise Failed


def _replace(text: Any, old: Any, new: Any) -> str:
    old = string(old)
    if len(old) > 1 and old[0] == old[-1] == "/":
        raise NotImplementedError  # a pattern in another dialect of regular expressions than Python's
    return _bounded(string(text).replace(old, string(new)))


def _format(form: Any, *values: Any) -> str:
    text, left, found = string(form), list(values), ""
    while "%" in text:
        before, _, text = text.partition("%")
        zeros, digits, verb = _VERB.match(text).groups()  # type: ignore[union-attr] # it matches nothing, too
        text = text[len(zeros) + len(digits) + len(verb) :]
        found += before
        if verb == "%":
            found += "%"
        elif verb not in {"s", "d", "v"} or (zeros and verb != "d"):
            raise NotImplementedError  # precision and other verbs
        elif not left:
            raise Failed
        else:
            shown = _formatted(verb, left.pop(0))
            found += shown.zfill(int(digits or 0)) if zeros else shown.rjust(int(digits or 0))
    if left:
        raise Failed
    return _bounded(found + text)


def _formatted(verb: str, value: Any) -> str:
    if verb == "d":
        whole = number(value)
        if not isinstance(whole, int):
            raise Failed
        return str(whole)
    if verb == "v" and (value is None or isinstance(value, list | dict)):
        return _json(value)
    return string(value)


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise NotImplementedError  # longer than is worth to know
    return text


def _json(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return _bounded(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _from_json(text: Any) -> Any:
    try:
        return json.loads(string(text))
    except (ValueError, RecursionError) as e:
        raise Failed from e


def _range(*bounds: Any) -> list[Any]:
    if not 1 <= len(bounds) <= 3 or (len(bounds) == 3 and number(bounds[2]) == 0):
        raise Failed
    found = range(*(int(number(one)) for one in bounds))
    if len(found) > 1024:
        raise Failed
    return list(found)


def _set(value: Any) -> list[Any]:
    items = distinct(united(_items(value)))
    return sorted(items) if all(isinstance(one, str) for one in items) else items


def _zipmap(keys: Any, values: Any) -> dict[str, Any]:
    if len(_items(keys)) != len(_items(values)):
        raise Failed
    return dict(zip(map(string, keys), values, strict=True))


def _subnet(prefix: Any, bits: Any, index: Any) -> str:
    import ipaddress

    try:
        network = ipaddress.ip_network(string(prefix), strict=False)
        length = network.prefixlen + int(number(bits))
        if not 0 <= number(index) < 1 << (length - network.prefixlen) or length > network.max_prefixlen:
            raise Failed
        first = int(network.network_address) + (int(number(index)) << (network.max_prefixlen - length))
        return f"{type(network.network_address)(first)}/{length}"
    except ValueError as e:
        raise Failed from e


def _extreme(choose: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def chosen(*values: Any) -> Any:
        if not values:
            raise Failed
        return choose([number(one) for one in values])

    return chosen


def _slice(items: Any, start: Any, end: Any) -> list[Any]:
    if not 0 <= number(start) <= number(end) <= len(_items(items)):
        raise Failed
    return list(items[int(number(start)) : int(number(end))])


def _split(separator: Any, text: Any) -> list[str]:
    return string(text).split(string(separator)) if string(separator) else list(string(text))


def _host(prefix: Any, index: Any) -> str:
    import ipaddress

    try:
        network = ipaddress.ip_network(string(prefix), strict=False)
    except ValueError as e:
        raise Failed from e
    at = int(number(index))
    if not -network.num_addresses <= at < network.num_addresses:
        raise Failed
    return str(network[at])


def _substring(text: Any, offset: Any, length: Any) -> str:
    whole, start, size = string(text), int(number(offset)), int(number(length))
    if not whole.isascii():
        raise NotImplementedError  # it counts what a reader takes for letters
    start = max(0, start + len(whole)) if start < 0 else start
    return whole[start:] if size < 0 else whole[start : start + size]


def _chunks(items: Any, size: Any) -> list[list[Any]]:
    width = int(number(size))
    if width < 1:
        raise Failed
    return [_items(items)[at : at + width] for at in range(0, len(items), width)]


def _product(*sets: Any) -> list[list[Any]]:
    found: list[list[Any]] = [[]]
    for one in sets:
        if len(found) * len(_items(one)) > _MANY:
            raise NotImplementedError  # more than is worth to know
        found = [[*before, each] for before in found for each in one]
    return found


def _kept(left: Any, right: Any, *, common: bool) -> list[Any]:
    return _set([one for one in _items(left) if any(equal(one, other) for other in _items(right)) is common])


def _index(items: Any, wanted: Any) -> int:
    for at, one in enumerate(_items(items)):
        if equal(one, wanted):
            return at
    raise Failed


def _first_list(*lists: Any) -> list[Any]:
    for one in lists:
        if _items(one):
            return list(one)
    raise Failed


def _format_list(form: Any, *values: Any) -> list[str]:
    lengths = {len(one) for one in values if isinstance(one, list)}
    if len(lengths) > 1:
        raise Failed
    turns = range(*lengths) if lengths else range(1)
    return [_format(form, *(one[at] if isinstance(one, list) else one for one in values)) for at in turns]


def _encoded(text: Any) -> str:
    import base64

    return _bounded(base64.b64encode(string(text).encode()).decode())


def _decoded(text: Any) -> str:
    import base64

    try:
        return base64.b64decode(string(text), validate=True).decode()
    except ValueError as e:
        raise Failed from e


def _one(value: Any) -> Any:
    if len(_items(value)) > 1:
        raise Failed
    return value[0] if value else None


SHALLOW: Mapping[str, Callable[..., Any]] = {
    "chunklist": _chunks,
    "coalescelist": _first_list,
    "concat": _concat,
    "element": _element,
    "flatten": _flatten,
    "keys": lambda value: sorted(_mapping(value)),
    "length": _length,
    "lookup": _lookup,
    "merge": _merge,
    "one": _one,
    "slice": _slice,
    "values": lambda value: [value[key] for key in sorted(_mapping(value))],
    "zipmap": _zipmap,
}
"""Functions that look at the outside of lists and objects only."""

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": lambda value: abs(number(value)),
    "alltrue": lambda value: all(boolean(one) for one in _items(value)),
    "anytrue": lambda value: any(boolean(one) for one in _items(value) if one is not None),
    "base64decode": _decoded,
    "base64encode": _encoded,
    "ceil": lambda value: -int(-number(value) // 1),
    "chomp": lambda text: string(text).rstrip("\r\n"),
    "cidrhost": _host,
    "cidrsubnet": _subnet,
    "coalesce": _coalesce,
    "compact": lambda value: [one for one in _items(value) if one not in (None, "")],
    "contains": lambda items, value: any(equal(one, value) for one in _items(items)),
    "distinct": lambda value: distinct(_items(value)),
    "endswith": lambda text, end: string(text).endswith(string(end)),
    "floor": lambda value: int(number(value) // 1),
    "format": _format,
    "formatlist": _format_list,
    "index": _index,
    "join": lambda separator, items: _bounded(string(separator).join(map(string, _items(items)))),
    "jsondecode": _from_json,
    "jsonencode": _json,
    "lower": lambda text: string(text).lower(),
    "max": _extreme(max),
    "min": _extreme(min),
    "nonsensitive": lambda value: value,
    "range": _range,
    "replace": _replace,
    "reverse": lambda value: _items(value)[::-1],
    "sensitive": lambda value: value,
    "setintersection": lambda first, *sets: reduce(partial(_kept, common=True), sets, first),
    "setproduct": _product,
    "setsubtract": partial(_kept, common=False),
    "setunion": lambda *sets: _set(_concat(*sets)),
    "sort": lambda value: sorted(map(string, _items(value))),
    "split": _split,
    "startswith": lambda text, start: string(text).startswith(string(start)),
    "strcontains": lambda text, part: string(part) in string(text),
    "strrev": lambda text: string(text)[::-1],
    "substr": _substring,
    "sum": lambda value: sum(map(number, _items(value))),
    "title": lambda text: " ".join(word[:1].upper() + word[1:] for word in string(text).split(" ")),
    "tobool": lambda value: None if value is None else boolean(value),
    "tolist": lambda value: united(list(_items(value))),
    "tomap": lambda value: dict(zip(_mapping(value), united(list(value.values())), strict=True)),
    "tonumber": lambda value: None if value is None else number(value),
    "toset": _set,
    "tostring": lambda value: None if value is None else string(value),
    "trim": lambda text, letters: string(text).strip(string(letters)),
    "trimprefix": lambda text, start: string(text).removeprefix(string(start)),
    "trimspace": lambda text: string(text).strip(),
    "trimsuffix": lambda text, end: string(text).removesuffix(string(end)),
    "upper": lambda text: string(text).upper(),
}
"""Functions that look at all of their arguments."""
