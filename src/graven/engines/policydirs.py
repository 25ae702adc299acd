"""Owns which policies and which data some paths stand for, as OPA's loader finds them for conftest.

Policies are the ``.rego`` files of folders, walked in the order of names. Data are the ``.json``, ``.yaml`` and
``.yml`` files; a document nests by the folders below the path that was given, and a path may say more
(``a.b:folder``). Two documents that say one thing twice do not load. ``graven://SET`` stands for a set of rules that
ships with graven. A path that begins with ``oci://`` is read by ``remote``, which the caller hands in; compiling is
left to ``compiled``.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence

from graven.engines import paths as disk
from graven.errors import GravenError, Malformed, NotFound
from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["DATA", "LoadFault", "Remote", "load_data", "load_documents", "load_policies"]

Remote = Callable[[str], Mapping[str, bytes]]
"""Gives the files of a reference by their paths."""

DATA = (".yaml", ".yml", ".json")
"""How files of data end."""
_REMOTE = "oci://"
_SHIPPED = "graven://"


class LoadFault(Malformed):
    """Files that could not be loaded; ``faults`` says of each why."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        lead = "1 error" if len(self.faults) == 1 else f"{len(self.faults)} errors"
        text = ": ".join((f"{lead} occurred during loading", self.faults[0])) if len(self.faults) == 1 else ""
        super().__init__(text or "\n".join((f"{lead} occurred during loading:", *self.faults)))


def load_policies(paths: Sequence[str], *, remote: Remote | None = None) -> dict[str, str]:
    """Read the modules that some paths stand for, by path.

    Raises:
        LoadFault: a path is not there, or not readable.
        NotFound: there is none at all.
    """
    modules: dict[str, str] = {}
    faults: list[str] = []
    for path, read, _ in _found(paths, (".rego",), remote, faults):
        try:
            modules[path] = read().decode()
        except OSError as e:
            faults.append(_reason("open", path, e))
        except UnicodeDecodeError:
            faults.append(f"{path}:0: rego_parse_error: invalid UTF-8 in policy file")
    if faults:
        raise LoadFault(faults)
    if not modules:
        raise NotFound(f"no policies found in [{' '.join(paths)}]", hint="name files or folders of .rego with --policy")
    return modules


def load_data(paths: Sequence[str], *, remote: Remote | None = None) -> dict[str, Any]:
    """Read the documents that some paths stand for, as one.

    Raises:
        LoadFault: a path is not there, a file cannot be read, or two say one thing twice.
    """
    data: dict[str, Any] = {}
    faults: list[str] = []
    for path, read, parents in _found(paths, DATA, remote, faults):
        try:
            document = _document(read(), path)
        except OSError as e:
            faults.append(_reason("open", path, e))
            continue
        except (GravenError, ValueError) as e:
            faults.append(_unreadable(path, e))
            continue
        for parent in reversed(parents):
            document = {parent: document}
        if not isinstance(document, dict):
            faults.append(f"{path}: document must be of type object")
        elif not _merge(data, document):
            faults.append(f"{path}: merge error")
    if faults:
        raise LoadFault(faults)
    return data


def load_documents(paths: Sequence[str]) -> dict[str, bytes]:
    """Give the files of data that some paths stand for as they are.

    Raises:
        LoadFault: a path is not there.
    """
    faults: list[str] = []
    found = {os.path.normpath(path): read() for path, read, _ in _found(paths, DATA, None, faults)}
    if faults:
        raise LoadFault(faults)
    return found


_Found = tuple[str, Callable[[], bytes], tuple[str, ...]]
"""A path, what reads it, and the names above its document."""


def _found(
    paths: Sequence[str], endings: tuple[str, ...], remote: Remote | None, faults: list[str]
) -> Iterator[_Found]:
    for given in paths:
        if given.startswith(_SHIPPED):
            yield from _shipped(given) if ".rego" in endings else ()
            continue
        if given.startswith(_REMOTE) and remote is not None:
            for path, content in sorted(remote(given).items()):
                if path.endswith(endings):
                    parents = tuple(path.split("/")[:-1])
                    yield f"{given}/{path}", lambda content=content: content, parents  # type: ignore[misc]
            continue
        prefix, path = _split_prefix(given)
        yield from _walk(path.removeprefix("file://"), prefix, endings, faults, depth=0)


def _shipped(given: str) -> Iterator[_Found]:
    from graven import library

    for path, text in library.rules(given.removeprefix(_SHIPPED).strip("/")).items():
        yield f"{_SHIPPED}{path}", text.encode, ()


def _walk(
    path: str, parents: tuple[str, ...], endings: tuple[str, ...], faults: list[str], *, depth: int
) -> Iterator[_Found]:
    try:
        is_folder = stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116 -- pathlib is not loaded for it, ADR 0008
    except OSError as e:
        faults.append(_reason("stat", path, e))
        return
    if not is_folder:
        if path.endswith(endings):
            yield path, lambda: disk.read(path), parents
        return
    try:
        names = disk.names(path)
    except OSError as e:
        faults.append(_reason("open", path, e))
        return
    here = (*parents, os.path.normpath(path).rpartition("/")[2]) if depth else parents
    for name in names:
        yield from _walk(os.path.normpath(f"{path}/{name}"), here, endings, faults, depth=depth + 1)


def _split_prefix(path: str) -> tuple[tuple[str, ...], str]:
    if path.find("://") == path.find(":"):
        return (), path
    prefix, _, rest = path.partition(":")
    return (tuple(prefix.split(".")), rest) if prefix else ((), path)


def _document(content: bytes, path: str) -> Any:
    if not path.endswith(".json"):
        from graven.documents.yaml import parse

        return parse(content, file=path)[0].value
    import json

    from graven.rego.numerals import parse_number

    return json.loads(content, parse_float=parse_number, parse_constant=_refused)


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> bool:
    for key, value in more.items():
        if key not in into:
            into[key] = value
        elif not (isinstance(into[key], dict) and isinstance(value, dict) and _merge(into[key], value)):
            return False
    return True


def _reason(call: str, path: str, error: OSError) -> str:
    return f"{call} {path}: {(error.strerror or str(error)).lower()}"


def _unreadable(path: str, error: Exception) -> str:
    if isinstance(error, GravenError):
        at = error.where.removeprefix(path).lstrip(": ")
        return f"{path}: error converting YAML to JSON: yaml: {at + ': ' if at else ''}{error.message}"
    return f"{path}: {error}"
