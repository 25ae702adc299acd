"""Owns what a policy may use of the language: the capabilities of an engine, as OPA's ``capabilities.json`` says them.

The hosts of ``allow_net`` are for the builtins that ask the network (``builtins.world``, ``builtins.networks``): they
refuse others before a function of the caller is asked. Schemas are fetched from nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from graven.errors import Malformed
from graven.rego.builtins.protocol import Builtin
from graven.rego.faults import PolicyError, fault

if TYPE_CHECKING:
    from graven.rego.tree import Module

__all__ = ["Capabilities", "capabilities", "plain", "restored"]

Find = Callable[[str], Builtin | None]
_OPERATORS = frozenset({"eq", "assign", "internal.template_string", "internal.print", "print"})
"""What the compiler makes; a policy does not call them by these names."""
_V1 = ("contains", "every", "if", "in")


class Capabilities(NamedTuple):
    """The builtins, keywords and features that a policy may use."""

    builtins: frozenset[str]
    future_keywords: frozenset[str]
    features: frozenset[str]
    allow_net: frozenset[str] | None = None
    """The hosts that may be asked; None: any."""

    def restrict(self, find: Find) -> Find:
        """Give the look-up of builtins that knows only these."""
        allowed = self.builtins | _OPERATORS
        return lambda name: find(name) if name in allowed else None

    def faults(self, module: Module) -> Iterator[PolicyError]:
        """Yield the imports of a module that ask for more."""
        known = self.future_keywords | (frozenset(_V1) if "rego_v1" in self.features else frozenset())
        for entry in module.imports:
            if entry.path[:2] == ["future", "keywords"] and len(entry.path) == 3 and entry.path[2] not in known:
                message = f"unexpected keyword, must be one of [{' '.join(sorted(known))}]"
                yield fault(module.source, entry.at, "rego_parse_error", message)
            if entry.path == ["rego", "v1"] and not self.features & {"rego_v1", "rego_v1_import"}:
                yield fault(
                    module.source,
                    entry.at,
                    "rego_parse_error",
                    "invalid import, `rego.v1` is not supported by current capabilities",
                )


def capabilities(document: Mapping[str, object]) -> Capabilities:
    """Read capabilities in OPA's form.

    Raises:
        Malformed: they are of another form.

    >>> capabilities({"builtins": [{"name": "count"}]}).builtins
    frozenset({'count'})
    """
    builtins, hosts = document.get("builtins") or [], document.get("allow_net")
    if not isinstance(builtins, list) or not all(isinstance(each, dict) and "name" in each for each in builtins):
        raise Malformed(f"got {json.dumps(builtins, default=str)[:80]}, expected builtins with names", where="builtins")
    words = []
    for name in ("future_keywords", "features", "allow_net"):
        found = document.get(name) or []
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise Malformed(f"got {json.dumps(found, default=str)[:80]}, expected a list of names", where=name)
        words.append(frozenset(found))
    keywords, features, net = words
    allow_net = None if hosts is None else net
    return Capabilities(frozenset(str(each["name"]) for each in builtins), keywords, features, allow_net)


def plain(document: Mapping[str, object] | None) -> tuple[tuple[str, ...] | None, ...] | None:
    """Give capabilities in plain values.

    Raises:
        Malformed: they are of another form.
    """
    if document is None:
        return None
    return tuple(None if part is None else tuple(sorted(part)) for part in capabilities(document))


def restored(parts: Iterable[tuple[str, ...] | None]) -> Capabilities:
    """Give the capabilities that ``plain`` was given.

    >>> restored(plain({"allow_net": []}) or ()).allow_net
    frozenset()
    """
    return Capabilities(*(None if part is None else frozenset(part) for part in parts))  # type: ignore[arg-type]
