"""Owns the way to libyaml: its events, from PyYAML's extension module and without the rest of PyYAML.

``import yaml`` takes longer than reading a small file does: it builds character classes, resolvers and constructors
that nobody needs for events. So the extension is loaded beside stand-ins for the modules from which it takes nothing
but a class of errors. They are taken away again at once; a later ``import yaml`` finds everything as it should be.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.machinery import PathFinder
from types import ModuleType

from graven.errors import Unavailable
from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "AliasEvent", "DocumentEndEvent", "DocumentStartEvent", "Error", "Fault", "MappingStartEvent", "ScalarEvent",
    "SequenceStartEvent", "events", "fault",
]  # fmt: skip

_ERRORS = ("Composer", "Constructor", "Emitter", "Parser", "Reader", "Representer", "Scanner", "Serializer")


def _extension() -> Any:
    if "yaml" in sys.modules:
        return import_module("yaml._yaml")
    spec = PathFinder.find_spec("yaml")
    package = ModuleType("yaml")
    package.__path__ = list(spec.submodule_search_locations or ()) if spec else []
    sys.modules["yaml"] = package
    stand_ins = ["yaml"]
    try:
        marked = import_module("yaml.error").MarkedYAMLError
        for name in _ERRORS:
            module = ModuleType(f"yaml.{name.lower()}")
            setattr(module, f"{name}Error", type(f"{name}Error", (marked,), {}))
            sys.modules[module.__name__] = module
            setattr(package, name.lower(), module)
            stand_ins.append(module.__name__)
        for name in ("tokens", "events", "nodes"):
            import_module(f"yaml.{name}")
        return import_module("yaml._yaml")
    finally:
        for name in stand_ins:
            del sys.modules[name]


try:
    _yaml: Any = _extension()
except ImportError:
    raise Unavailable("PyYAML was built without libyaml", hint="install a wheel of pyyaml") from None

Error: type[Exception] = _yaml.YAMLError
AliasEvent = _yaml.AliasEvent
DocumentEndEvent = _yaml.DocumentEndEvent
DocumentStartEvent = _yaml.DocumentStartEvent
MappingStartEvent = _yaml.MappingStartEvent
ScalarEvent = _yaml.ScalarEvent
SequenceStartEvent = _yaml.SequenceStartEvent


class Fault(ValueError):
    """A text that is no YAML, and its line and column, which are 0 where the text is none at all."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def events(data: bytes) -> Iterator[Any]:
    """Give the events of a stream one by one; where they come to what is no YAML, they end with an ``Error``."""
    return iter(_yaml.CParser(data).get_event, None)


def fault(error: Any) -> Fault:
    """Say what an ``Error`` says, and where."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None or isinstance(mark, str):
        reason = getattr(error, "reason", None) or error.args[-1:] or ("it cannot be read",)
        return Fault(" ".join(str(reason if isinstance(reason, str) else reason[0]).split()))
    message = " ".join(filter(None, (error.context, error.problem)))
    return Fault(message, mark.line + 1, mark.column + 1)
