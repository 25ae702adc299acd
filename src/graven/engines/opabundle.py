"""Owns the policies of a run as a bundle that OPA serves: modules under names of ours, the data, and a manifest.

Each module is told to OPA as of the version of Rego in which it was read here, so that both read the same text in the
same way. ``conftest`` is left out of the roots: what ``data.conftest.file`` is goes there, file by file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from graven.checks.agreement import ABSENT
from graven.engines.opa import Opa, Server
from graven.errors import Unsupported
from graven.rego import Value
from graven.rego.notation import json_text
from graven.rego.parse.modules import parse_module
from graven.rego.tree import Module
from graven.rego.values import RegoObject
from graven.rego.walk import calls

__all__ = ["Bench", "served"]

_FILE = ("conftest", "file")
_OUTWARD = ("http.send", "net.lookup_ip_addr")


class Bench:
    """A running OPA that holds the policies of a run."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.info: Mapping[str, str] | None = None

    def ask(self, steps: Sequence[str], given: str, info: Mapping[str, str] | None) -> Any:
        """Give the document at some steps for an input in JSON, or ``ABSENT``.

        Raises:
            Malformed: OPA says an error, that of a builtin among them.
            Unavailable: it does not answer.
        """
        if info is not None and info != self.info:
            self.server.put(_FILE, json.dumps(dict(info)))
            self.info = info
        return self.server.document(steps, given).get("result", ABSENT)


@contextmanager
def served(
    modules: Mapping[str, str], base: Value, *, version: str, unknown: Iterable[str], reads_file: bool
) -> Iterator[Bench]:
    """Serve some modules and base documents; ``unknown`` are the names of builtins that only we have.

    Raises:
        Unsupported: the modules call what OPA does not have, or must not have here.
        Unavailable: there is no OPA, or it does not start.
    """
    parsed = {name: parse_module(name, text, version) for name, text in modules.items()}
    _refuse(parsed, frozenset(unknown))
    opa = Opa.found()
    with TemporaryDirectory(prefix="graven-opa-") as folder:
        _write(Path(folder), parsed, modules, base, reads_file=reads_file)
        with Opa(opa.program, bundles=(folder,)).serve() as server:
            yield Bench(server)


def _refuse(parsed: Mapping[str, Module], unknown: frozenset[str]) -> None:
    for file, module in parsed.items():
        for rule in module.rules:
            for call in calls(rule):
                name = ".".join(call.name)
                if name in unknown:
                    raise Unsupported(
                        f"got a call of {name}, which OPA does not have",
                        where=file,
                        hint="leave out --engine opa and --cross-check, or this module",
                    )
                if name in _OUTWARD:
                    raise Unsupported(
                        f"got a call of {name}: rules that are tested speak to no network, and OPA would let them",
                        where=file,
                        hint="leave out --engine opa and --cross-check, or this module",
                    )


def _write(
    folder: Path, parsed: Mapping[str, Module], modules: Mapping[str, str], base: Value, *, reads_file: bool
) -> None:
    """Write a bundle."""
    keys = [str(key) for key in base] if isinstance(base, RegoObject) else []
    roots = sorted({module.package[0] for module in parsed.values()} | set(keys))
    if reads_file and _FILE[0] in roots:
        raise Unsupported("got policies or data named conftest, expected that to be the tested file's")
    names = {file: f"{number:04}-{_tame(file)}" for number, file in enumerate(parsed)}
    versions = {f"/{names[file]}": int(module.strict_v1) for file, module in parsed.items()}
    manifest = {"roots": roots, "rego_version": 1, "file_rego_versions": versions}
    (folder / ".manifest").write_text(json.dumps(manifest))
    (folder / "data.json").write_text(json_text(base) if keys else "{}")
    for file, name in names.items():
        (folder / name).write_text(modules[file])


def _tame(file: str) -> str:
    last = re.sub(r"[^\w.-]", "_", file.rpartition("/")[2], flags=re.ASCII)
    return last if last.endswith(".rego") else f"{last}.rego"
