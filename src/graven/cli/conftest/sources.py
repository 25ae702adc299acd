"""Owns which files conftest tests, and what it sees of them."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from graven.checks.lax import LaxFault
from graven.checks.laxdocuments import parse_laxly, supported
from graven.documents.detection import parser_for
from graven.engines.inputs import evaluated, included

__all__ = ["configurations", "find_files"]


def find_files(paths: Sequence[str], ignore: str) -> list[str]:
    """Find the files that paths stand for; folders are walked, and links followed.

    Raises:
        LaxFault: a path is not there, or nothing is left.
    """
    ignored = _ignoring(ignore)
    found: list[str] = []
    for path in filter(None, paths):
        if path == "-":
            found.append(path)
        elif stat.S_ISDIR(_stat(path, "get file info: ").st_mode):
            found += _walk(path, ignored, set())
        elif not ignored(path):
            found.append(path)
    if not found:
        raise LaxFault("no files found")
    return found


def _ignoring(pattern: str) -> Callable[[str], bool]:
    if not pattern:
        return lambda _path: False
    from graven.rego.builtins.protocol import BuiltinError
    from graven.rego.builtins.regex import tester

    try:
        search = tester(pattern)
    except BuiltinError as e:
        raise LaxFault(f"given regexp couldn't be parsed :{e.message}") from None
    return lambda path: search(os.fsencode(path)) is not None


def _walk(folder: str, ignored: Callable[[str], bool], visited: set[str]) -> Iterator[str]:
    if folder in visited:
        return
    visited.add(folder)
    for name in sorted(os.listdir(folder), key=os.fsencode):  # noqa: PTH208 - as it was given, "./" too
        path = os.path.normpath(f"{folder}/{name}")
        place = Path(path)
        if place.is_dir() and not place.is_symlink():
            yield from _walk(path, ignored, visited)
        elif ignored(path):
            continue
        elif place.is_symlink():
            real = os.path.realpath(path)
            mode = _stat(real, "get files from directory: ").st_mode
            real = os.path.relpath(real) if not path.startswith("/") and _within(real) else real
            yield from _walk(real, ignored, visited) if stat.S_ISDIR(mode) else [real] * supported(real)
        elif supported(path):
            yield path


def _within(path: str) -> bool:
    return path.startswith(f"{Path.cwd()}/")


def _stat(path: str, lead: str) -> os.stat_result:
    try:
        return Path(path).stat()
    except OSError as e:
        raise LaxFault(f"{lead}stat {path}: {(e.strerror or str(e)).lower()}") from None


def configurations(files: Sequence[str], parser: str, protos: Sequence[str] = ()) -> dict[str, Any]:
    """Read files into what rules see of them.

    Raises:
        LaxFault: one cannot be read, or has no parser.
    """
    found: dict[str, Any] = {}
    for path in files:
        try:
            definitions = _protos(protos) if (parser or parser_for(path)) == "textproto" else {}
            content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
            found[path] = parse_laxly(
                content, file=path, parser=parser, protos=definitions, evaluate=evaluated, include=included
            )
        except OSError as e:
            reason = f"{_call(e)} {path if isinstance(e, IsADirectoryError) else Path(path).absolute()}"
            text = f"open file: {reason}: {(e.strerror or str(e)).lower()}"
            raise LaxFault(f"get configuration content: {text}, path: {path}") from None
        except LaxFault as e:
            raise LaxFault(f"{e.message}, path: {path}") from None
    return found


def _protos(folders: Sequence[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for folder in folders:
        _stat(folder, f'new parser: find proto files: walk dir "{folder}": l')
        found |= {str(place): place.read_bytes() for place in sorted(Path(folder).rglob("*.proto"))}
    return found


def _call(error: OSError) -> str:
    return "read" if isinstance(error, IsADirectoryError) else "open"
