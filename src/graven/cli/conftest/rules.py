"""Owns the loading of policies and data in conftest's manner and words."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graven.checks.lax import LaxFault
from graven.engines.compiled import compiled
from graven.engines.policydirs import LoadFault, load_data, load_policies
from graven.errors import GravenError, NotFound
from graven.rego import World

if TYPE_CHECKING:
    from graven.rego import Policy

__all__ = ["capabilities_of", "file_info", "load", "load_modules", "moment", "reads_file", "version_of", "world"]

_VERSIONS = {"v0": "v0", "V0": "v0", "v1": "v1", "V1": "v1"}
_SUSPECT = re.compile(r"^\s*(deny|violation|warn)[A-Za-z0-9_]*\s*[\[.]", re.MULTILINE)
_FILE = re.compile(r"conftest|\bdata\b(?!\s*\.)")


def version_of(text: str) -> str:
    """Give the version of Rego that is asked for.

    Raises:
        LaxFault: there is no such version.
    """
    if text not in _VERSIONS:
        raise LaxFault(f"invalid Rego version: {text}")
    return _VERSIONS[text]


def capabilities_of(path: str) -> Mapping[str, object] | None:
    """Read what policies may use; None: everything.

    Raises:
        LaxFault: the file cannot be read.
    """
    if not path:
        return None
    try:
        found: Mapping[str, object] = json.loads(Path(path).read_bytes())
    except OSError as e:
        raise LaxFault(f"load capabilities: open {path}: {(e.strerror or str(e)).lower()}") from None
    except ValueError as e:
        raise LaxFault(f"load capabilities: {e}") from None
    return found


def load_modules(paths: Sequence[str]) -> dict[str, str]:
    """Read modules.

    Raises:
        LaxFault: a path is not there, or there is none.
    """
    try:
        return load_policies(paths)
    except LoadFault as e:
        raise LaxFault(f"load: {e.message}") from None
    except NotFound as e:
        raise LaxFault(e.message) from None


def load(modules: Mapping[str, str], data_paths: Sequence[str], **how: Any) -> Policy:
    """Compile modules with data; ``how`` is what ``compiled`` takes beside.

    Raises:
        LaxFault: what is wrong with them, in conftest's words.
    """
    try:
        data = load_data(data_paths)
    except LoadFault as e:
        _compile(modules, {}, how)
        raise LaxFault(f"load documents: {e.message}") from None
    return _compile(modules, data, how)


def _compile(modules: Mapping[str, str], data: Any, how: Mapping[str, Any]) -> Policy:
    from graven.engines.ownbuiltins import conftest_builtins
    from graven.rego.faults import PolicyErrors

    try:
        policy = compiled(modules, data=data, builtins=conftest_builtins(modules), prints=True, **how)
    except PolicyErrors as e:
        from graven.cli.conftest.refusals import refusal

        raise LaxFault(f"loading policies: {refusal(e, modules)}") from None
    except GravenError as e:
        raise LaxFault(f"loading policies: get compiler: {e.message}") from None
    for name, text in modules.items():
        if _SUSPECT.search(text):
            _refuse_if(name, text, how["version"])
    return policy


def _refuse_if(name: str, text: str, version: str) -> None:
    """Refuse a rule that makes an object where its author thought of a set.

    Raises:
        LaxFault: there is one.
    """
    from graven.rego.parse.modules import parse_module
    from graven.rego.tree import Scalar

    module = parse_module(name, text, version)
    for rule in module.rules:
        if len(rule.ref) > 1 and rule.key is None and not rule.explicit and not rule.default:
            value = rule.value
            if re.fullmatch(r"(deny|violation|warn)(_[a-zA-Z0-9]+)*", rule.name) and isinstance(value, Scalar):
                row = module.source.position(rule.at)[0]
                reason = "rule is using 'if' keyword without 'contains' keyword"
                raise LaxFault(f"loading policies: {reason}: rule in {name} at line {row}")


def world() -> World:
    """Give what rules may know of this process: its environment, and the network."""
    from graven.engines.rulehost import NETWORK

    runtime = {"env": dict(os.environ), "version": "1.21.1", "commit": ""}
    return World(entropy=os.urandom, host=NETWORK, runtime=runtime)


def moment() -> int:
    """Give the time that rules see."""
    return time.time_ns()


def reads_file(modules: Mapping[str, str]) -> bool:
    """Say whether a module may look at ``data.conftest.file``."""
    return any(_FILE.search(text) for text in modules.values())


def file_info(path: str) -> dict[str, str]:
    """Give the name and the folder of a file."""
    absolute = os.path.normpath(Path(path).absolute())
    folder, _, name = absolute.rpartition("/")
    return {"name": name or "/", "dir": folder or "/"}
