"""Owns the builtins that conftest adds to Rego: they read configuration out of a rule, or from a file beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from graven.checks.lax import LaxFault, combined
from graven.checks.laxdocuments import parse_laxly
from graven.engines.inputs import evaluated, included
from graven.rego import Builtin, BuiltinError, Context, Value, declare, from_json

__all__ = ["BUILTINS"]


def _parse_config(parser: Any, text: Any) -> Value:
    try:
        found = parse_laxly(text.encode(), file="", parser=parser, evaluate=evaluated, include=included, whole=2**53)
        return from_json(found)
    except LaxFault as e:
        raise BuiltinError(e.message.replace("new parser", "create config parser")) from None


def _parse_config_file(context: Context, path: Any) -> Value:
    return from_json(_read(_beside(context, path), "read config file {path}: "))


def _parse_combined_config_files(context: Context, paths: Any) -> Value:
    found = {place: _read(place, "") for place in (_beside(context, path) for path in paths)}
    return from_json(combined(found))


def _beside(context: Context, path: str) -> str:
    return os.path.normpath(f"{Path(context.file).parent}/{path}")


def _read(path: str, lead: str) -> Any:
    try:
        return parse_laxly(Path(path).read_bytes(), file=path, evaluate=evaluated, include=included, whole=2**53)
    except OSError as e:
        raise BuiltinError(f"{lead.format(path=path)}open {path}: {(e.strerror or str(e)).lower()}") from None
    except LaxFault as e:
        raise BuiltinError(f"{e.message}, path: {path}") from None


BUILTINS = (
    Builtin(declare("parse_config: string, string -> object[string: any]"), _parse_config),
    Builtin(declare("parse_config_file: string -> object[string: any]"), _parse_config_file, contextual=True),
    Builtin(
        declare("parse_combined_config_files: array[...string] -> object[string: any]"),
        _parse_combined_config_files,
        contextual=True,
    ),
)
"""For ``compile_modules(builtins=…)``; a path is relative to the module that calls."""
