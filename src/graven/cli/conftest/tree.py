"""Owns which commands conftest has, how one is found among the words, and their help."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from graven.checks.lax import LaxFault
from graven.cli.conftest.flags import Flag, usages

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["COMMANDS", "GLOBAL", "ROOT", "Command", "help_text", "load", "unknown", "usage_text"]

GLOBAL = (Flag("config-file", "string", "file with settings, in place of conftest.toml here", "c"),)


class Command(NamedTuple):
    """What one command is called, does and takes."""

    path: str
    """``conftest plugin install``."""
    arguments: str = ""
    """What stands behind it in its usage."""
    short: str = ""
    long: str = ""
    flags: tuple[Flag, ...] = ()
    runs: bool = True


COMMANDS = {
    "completion": "write the script by which a shell completes these commands",
    "doc": "write a page about policies from their metadata",
    "fmt": "format policies",
    "help": "tell about a command",
    "parse": "show the document that rules see of a file",
    "plugin": "look after plugins",
    "pull": "fetch policies",
    "push": "send policies to a registry",
    "reformat": "turn results in JSON into another form",
    "test": "test configuration files by rules",
    "verify": "run the tests of policies",
}

ROOT = Command("conftest", short="Tests configuration files by rules written in Rego.", runs=False)


def load(name: str) -> ModuleType:
    """Give the module of a command."""
    return import_module(f"graven.cli.conftest.{name}")


def help_text(command: Command, below: dict[str, str] | None = None) -> str:
    """Tell what a command does, and how it is used."""
    lead = (command.long or command.short).rstrip()
    return f"{lead}\n\n{usage_text(command, below)}" if lead else usage_text(command, below)


def usage_text(command: Command, below: dict[str, str] | None = None, *, bare: bool = False) -> str:
    """Tell how a command is used; ``bare`` leaves out what every command has."""
    own = list(command.flags)
    name = command.path.rpartition(" ")[2]
    if command is ROOT:
        own += GLOBAL
    if not bare:
        own.append(Flag("help", "bool", f"help for {name}", "h"))
        if command is ROOT:
            own.append(Flag("version", "bool", "version for conftest", "v"))
    lines = ["Usage:"]
    if command.runs:
        lines.append("  " + " ".join(filter(None, (command.path, command.arguments, "[flags]" if own else ""))))
    if below:
        lines.append(f"  {command.path} [command]")
        width = max(11, *map(len, below))
        lines += ["", "Available Commands:", *(f"  {word:<{width}} {does}" for word, does in sorted(below.items()))]
    if own:
        lines += ["", "Flags:", *usages(own)]
    if command is not ROOT:
        lines += ["", "Global Flags:", *usages(GLOBAL)]
    if below:
        lines += ["", f'Use "{command.path} [command] --help" for more information about a command.']
    return "\n".join(lines) + "\n"


def unknown(word: str, names: Sequence[str]) -> LaxFault:
    """Give the error for a command that there is not."""
    near = [name for name in sorted(names) if _distance(word.lower(), name) <= 2 or name.startswith(word.lower())]
    hint = "\n\nDid you mean this?\n" + "".join(f"\t{name}\n" for name in near) if near else ""
    return LaxFault(f'unknown command "{word}" for "conftest"{hint}', hint="Run 'conftest --help' for usage.")


def _distance(one: str, other: str) -> int:
    """Count the letters to add, drop or change to make one word the other."""
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, 1):
        last, row[0] = row[0], at
        for to, letter in enumerate(other, 1):
            last, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, last + (char != letter))
    return row[-1]
