"""Owns conftest's plugins: folders with a ``plugin.yaml`` whose command becomes one of conftest's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

from graven.checks.lax import LaxFault
from graven.errors import GravenError

__all__ = ["Plugin", "execute", "folder", "installed", "read"]


class Plugin(NamedTuple):
    """What a ``plugin.yaml`` says."""

    name: str
    usage: str
    description: str
    command: str


def installed() -> dict[str, Plugin]:
    """Give the plugins by name. A folder without a readable ``plugin.yaml`` is deleted, as conftest does."""
    place = next(filter(Path.exists, _places()), None)
    if place is None:
        return {}
    found: dict[str, Plugin] = {}
    for each in sorted(place.iterdir()):
        try:
            plugin = read(each)
        except LaxFault:
            _remove(each)
            continue
        found[plugin.name] = plugin
    return found


def _remove(place: Path) -> None:
    if place.is_symlink() or place.is_file():
        place.unlink()
    else:
        import shutil

        shutil.rmtree(place, ignore_errors=True)


def read(place: Path) -> Plugin:
    """Read a plugin's ``plugin.yaml``.

    Raises:
        LaxFault: there is none, or it cannot be read.
    """
    path = place / "plugin.yaml"
    try:
        content = path.read_bytes()
    except OSError as e:
        raise LaxFault(f"read config: open {path}: {(e.strerror or str(e)).lower()}") from None
    from graven.documents.yaml import parse

    try:
        document: Any = parse(content, file=str(path))[0].value or {}
    except GravenError as e:
        raise LaxFault(f"unmarshal plugin: {e.message}") from None
    if not isinstance(document, dict):
        raise LaxFault(f"unmarshal plugin: got a {type(document).__name__}, expected an object")
    return Plugin(*(str(document.get(key) or "") for key in ("name", "usage", "description", "command")))


def execute(plugin: Plugin, words: list[str]) -> int:
    """Run a plugin's command and give its exit code.

    Raises:
        LaxFault: it cannot be started.
    """
    import subprocess

    env = {**os.environ, "CONFTEST_PLUGIN_DIR": str(folder() / plugin.name)}
    program, arguments = _divided(_expanded(plugin.command, env))
    if not program:
        raise LaxFault("execute plugin: parse command: prepare plugin command: no command found")
    try:
        ended = subprocess.run([program, *arguments, *words], env=env, check=False)  # noqa: S603 - the user's plugin
    except FileNotFoundError:
        at = f"fork/exec {program}: no such file or directory" if "/" in program else _unfound(program)
        raise LaxFault(f"execute plugin: exit: {at}") from None
    except OSError as e:
        raise LaxFault(f"execute plugin: exit: fork/exec {program}: {(e.strerror or str(e)).lower()}") from None
    if ended.returncode:
        raise PluginExit(ended.returncode)
    return 0


class PluginExit(LaxFault):
    """A plugin that ended with another code than 0, which becomes that of the command."""

    def __init__(self, code: int) -> None:
        super().__init__(f"execute plugin: plugin exited with status {code}")
        self.code = code


def _unfound(program: str) -> str:
    return f'exec: "{program}": executable file not found in $PATH'


def _expanded(command: str, env: dict[str, str]) -> str:
    import re

    names = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
    return names.sub(lambda found: env.get(found[1] or found[2], ""), command)


def _divided(command: str) -> tuple[str, list[str]]:
    """Divide a command at blanks, but not within the folder of its program."""
    if command.startswith(("/", "./", "../")):
        place, _, last = command.rpartition("/")
        program, *arguments = last.split(" ")
        return os.path.normpath(f"{place}/{program}"), arguments
    program, *arguments = command.split(" ")
    return program, arguments


def folder() -> Path:
    """Give where plugins lie: the first of XDG's data folders that has them, else the one in which they may."""
    places = _places()
    there = next(filter(Path.exists, places), None)
    return there or next(filter(_writable, places), places[-1])


def _places() -> list[Path]:
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    below = (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    return [Path(place) / ".conftest" / "plugins" for place in (home, *below, str(Path.home()))]


def _writable(place: Path) -> bool:
    from tempfile import mkdtemp

    try:
        Path(mkdtemp(prefix=".conftestcheck-", dir=place.parents[1])).rmdir()
    except OSError:
        return False
    return True
