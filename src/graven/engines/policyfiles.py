"""Owns which modules and data the arguments of OPA's commands stand for: files, folders, bundles.

A path of ``--data`` is a file, or a folder that is walked; its documents nest by folder and keep no file names, and
``a.b:path`` puts it below a path. A path of ``--bundle`` is a tar.gz, or a folder read as if it were one: only
``data.json``, ``data.yaml`` and modules count, and a manifest is obeyed. What bundles mean is ``decide.bundle``'s.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from graven.engines import paths as disk
from graven.engines.policydirs import LoadFault
from graven.errors import GravenError
from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Loaded", "exact_json", "exact_value", "load", "read_bundle", "walk"]

_YAML = (".yaml", ".yml")
_KNOWN = (".json", ".rego", *_YAML)
_MAX_BYTES = 1 << 30


class Loaded:
    """What was read: module texts by name, and the base documents as one."""

    __slots__ = ("data", "modules", "origins", "versions")

    def __init__(self) -> None:
        self.modules: dict[str, str] = {}
        self.data: dict[str, Any] = {}
        self.versions: dict[str, str] = {}
        """The version of those modules for which a manifest says one."""
        self.origins: list[tuple[str, dict[str, Any]]] = []
        """Which file brought which document, to tell of conflicts."""

    def join(self, path: str, document: Any, parents: Sequence[str]) -> None:
        """Add a document below a path.

        Raises:
            ValueError: it is no object, or says what another says.
        """
        from graven.decide.bundle import merge

        for parent in reversed(parents):
            document = {parent: document}
        if not isinstance(document, dict):
            raise ValueError(f"{path}: document must be of type object")  # noqa: TRY004 - it is the file's value
        conflict = merge(self.data, document)
        if conflict:
            place = "data" + "".join(f".{step}" if step.isidentifier() else f'["{step}"]' for step in conflict)
            other = next((name for name, known in self.origins if _has(known, conflict)), "")
            also = f", also defined in {other}" if other else ", data from multiple files must not overlap"
            raise ValueError(f"{path}: merge error: conflicting values at {place}{also}")
        self.origins.append((path, document))


def load(
    paths: Sequence[str] = (), bundles: Sequence[str] = (), *, ignore: Sequence[str] = (), only_rego: bool = False
) -> Loaded:
    """Read everything that some paths and some bundles stand for.

    Raises:
        LoadFault: a path is not there, a file cannot be read, or two documents say one thing.
    """
    loaded, faults, seen = Loaded(), list[str](), set[tuple[str, ...]]()
    for given in paths:
        prefix, path = _prefix(given)
        for name, parents, depth in walk(path, ignore, faults):
            key = (*prefix, "", *parents, os.path.normpath(name))
            if key in seen or (only_rego and not name.endswith(".rego")):
                continue
            seen.add(key)
            try:
                _file(loaded, name, (*prefix, *parents), depth)
            except (OSError, GravenError, ValueError) as e:
                faults.append(_reason(name, e))
    for path in bundles:
        try:
            _bundle(loaded, path, ignore)
        except (OSError, GravenError, ValueError) as e:
            faults.append(_reason(path, e, f"bundle {path}: "))
    if faults:
        raise LoadFault(faults)
    return loaded


def walk(path: str, ignore: Sequence[str], faults: list[str]) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Give the files of a path in the order of names: each with the folders above it, and how deep it lies."""
    yield from _walk(path.removeprefix("file://"), (), 0, ignore, faults)


def _walk(
    path: str, parents: tuple[str, ...], depth: int, ignore: Sequence[str], faults: list[str]
) -> Iterator[tuple[str, tuple[str, ...], int]]:
    own = path.rpartition("/")[2]
    if depth and any(_is_like(own, pattern) for pattern in ignore):
        return
    try:
        if not disk.is_folder(path):
            os.stat(path)  # noqa: PTH116 -- as in ``disk``
            yield path, parents, depth
            return
        names = disk.names(path)
    except OSError as e:
        faults.append(f"stat {path}: {(e.strerror or str(e)).lower()}")
        return
    below = (*parents, own) if depth else parents
    for name in names:
        yield from _walk(os.path.normpath(f"{path}/{name}"), below, depth + 1, ignore, faults)


def _is_like(name: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    return fnmatchcase(name, pattern)


def read_bundle(path: str, ignore: Sequence[str] = ()) -> Any:
    """Read a bundle from a tar.gz or from a folder; its signature is not looked at.

    Raises:
        OSError: it cannot be read.
        Malformed: it is no bundle.
        TooLarge: it is larger than a bundle may be.
    """
    from graven.decide.bundle import of_files, parse

    if not disk.is_folder(path):
        return parse(disk.read(path), where=path)
    faults: list[str] = []
    files = {}
    for name, parents, _ in walk(path, ignore, faults):
        base = name.rpartition("/")[2]
        if base.endswith((".rego", "data.json", "data.yaml", "data.yml")) or base.startswith("."):
            files["/".join((*parents, base))] = disk.read(name)
    if faults:
        raise LoadFault(faults)
    return of_files(files, where=path)


def _bundle(loaded: Loaded, path: str, ignore: Sequence[str], parents: Sequence[str] = ()) -> None:
    bundle = read_bundle(path, ignore)
    for name, text in bundle.modules.items():
        full = os.path.normpath(f"{path}/{name}")
        loaded.modules[full] = text
        version = bundle.manifest.version(f"/{name}")
        if version:
            loaded.versions[full] = version
        _permitted(bundle, full, text)
    loaded.join(path, bundle.data, parents)


def _permitted(bundle: Any, name: str, text: str) -> None:
    """Refuse a module whose package lies outside of the bundle's roots."""
    if bundle.manifest.roots == ("",):
        return
    from graven.rego.parse.modules import parse_module

    package = parse_module(name, text).package
    if not bundle.manifest.permits("/".join(package)):
        roots, said = " ".join(bundle.manifest.roots), ".".join(package)
        raise ValueError(f"manifest roots [{roots}] do not permit 'package {said}' in module '{name}'")


def _file(loaded: Loaded, path: str, parents: Sequence[str], depth: int) -> None:
    if path.endswith(".tar.gz"):
        _bundle(loaded, path, (), parents)
    elif path.endswith(".rego"):
        loaded.modules[path.strip("/") if path.startswith("//") else path] = disk.read(path).decode()
    elif path.endswith((".json", *_YAML)):
        loaded.join(path, document(path), parents)
    elif depth == 0:
        raise ValueError(f"{path}: can't recognize file type")


def document(path: str) -> Any:
    """Read a file of JSON or YAML.

    Raises:
        OSError: it cannot be read.
        Malformed: it is neither.
    """
    content = disk.read(path)
    return exact_json(content) if path.endswith(".json") else yaml_value(content, path)


def yaml_value(content: bytes, file: str) -> Any:
    """Give what a text of YAML says, by OPA's reading of scalars; of several documents the first.

    Raises:
        Malformed: it is no YAML.
    """
    from graven.documents.datayaml import read

    return read(content, file)


def exact_json(content: bytes) -> Any:
    """Give what a text of JSON says, each number exactly.

    Raises:
        ValueError: it is no JSON.
    """
    return _json(content)


def exact_value(content: bytes) -> Any:
    """Give what a text of JSON says as a value of Rego, each number exactly.

    Raises:
        ValueError: it is no JSON.
    """
    from graven.rego.values import adopted, from_json

    try:
        return from_json(_json(content, object_hook=adopted))
    except RecursionError:
        raise ValueError("nested too deep") from None


def _json(content: bytes, **how: Any) -> Any:
    import json

    from graven.rego.notation import whole_characters
    from graven.rego.numerals import parse_number

    text = whole_characters(content.decode(json.detect_encoding(content))) if b"\\u" in content else content
    try:
        return json.loads(text, parse_float=parse_number, parse_constant=_refused, **how)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _prefix(given: str) -> tuple[tuple[str, ...], str]:
    if given.find("://") == given.find(":"):
        return (), given
    before, _, rest = given.partition(":")
    return (tuple(before.split(".")), rest) if before else ((), given)


def _has(known: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if not isinstance(known, dict) or step not in known:
            return False
        known = known[step]
    return True


def _reason(path: str, error: Exception, lead: str = "") -> str:
    if isinstance(error, OSError):
        call = "error reading" if lead else "open"
        return f"{lead}{call} {path}: {(error.strerror or str(error)).lower()}"
    text = error.message if isinstance(error, GravenError) else str(error)
    named = f"{error.where}: {text}" if isinstance(error, GravenError) and error.where else text
    return named if named.startswith((path, lead or path)) else f"{lead or path + ': '}{named}"
