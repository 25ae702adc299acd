"""``graven conftest``, and graven under the name ``conftest``: answers as conftest does, its laxness included.

Options, exit codes and what is printed where are conftest's; see the how-to page on replacing it. ``graven test`` is
the command that refuses where this one lets pass.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from graven.checks.lax import LaxFault
from graven.errors import GravenError

if TYPE_CHECKING:
    from graven.cli.conftest.tree import Command

__all__ = ["HELP", "answer", "configure", "run"]

HELP = """Answer as conftest does, option for option, so that a pipeline changes by a symbolic link.

A link named conftest that points to graven is this command too. It is as lax as conftest: a namespace that matches
nothing passes, and so does a rule whose message is undefined. graven test is not.

  graven conftest --version
  graven conftest test deployment.yaml --policy policy
"""

VERSION = "Conftest: 0.71.1\nOPA: 1.21.1\n"
"""Of what this answers for."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Take all words as they are."""
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="ARGS", help="the words of conftest's command line")
    parser.add_argument("--version", dest="versioned", action="store_true", help="tell whose answers these are")


def run(args: argparse.Namespace) -> int:
    """Answer, and give the exit code."""
    return answer(["--version"] if args.versioned else args.words)


def answer(words: Sequence[str]) -> int:
    """Answer a command line."""
    try:
        code = _dispatch(list(words))
    except GravenError as e:
        sys.stdout.flush()
        hint = f"\n{e.hint}" if e.hint.startswith("Run 'conftest") else ""
        sys.stderr.write(f"Error: {e.message}{hint}\n")
        code = e.code if isinstance(e, LaxFault) and e.code else 1
    sys.stdout.flush()
    return code


def _dispatch(words: list[str]) -> int:
    from graven.cli.conftest import plugins, tree
    from graven.cli.conftest.flags import Flag, positional

    helping = Flag("help", "bool", "", "h")
    found = plugins.installed()
    below = {**tree.COMMANDS, **{name: each.usage for name, each in found.items()}}
    places = positional(words, (*tree.GLOBAL, helping, Flag("version", "bool", "", "v")))
    if not places:
        return _root(words, below)
    name = words[places[0]]
    rest = words[: places[0]] + words[places[0] + 1 :]
    if name in found and name not in tree.COMMANDS:
        return plugins.execute(found[name], rest)
    if name == "help":
        return _help(rest, below)
    if name not in tree.COMMANDS:
        raise tree.unknown(name, list(below))
    module = tree.load(name)
    if hasattr(module, "descend"):
        return int(module.descend(rest))
    return command(module.COMMAND, module.run, rest)


def command(described: Command, function: object, words: list[str]) -> int:
    """Run a command with its options."""
    from graven.cli.conftest.flags import Flag, read_flags
    from graven.cli.conftest.options import Options
    from graven.cli.conftest.tree import GLOBAL, help_text
    from graven.engines.conftestconfig import read_config
    from graven.errors import Malformed

    flags = (*described.flags, *GLOBAL)
    parsed = read_flags(words, (*flags, Flag("help", "bool", "", "h")))
    if parsed.values.get("help"):
        sys.stdout.write(help_text(described))
        return 0
    try:
        config = read_config(os.environ, path=str(parsed.values.get("config-file", "")))
    except Malformed as e:
        raise Malformed(f"read in config: error reading config: {e.message}") from None
    return int(function(Options(flags, parsed, config)))  # type: ignore[operator] # every command's run is one


def _root(words: list[str], below: dict[str, str]) -> int:
    from graven.cli.conftest.flags import Flag, read_flags
    from graven.cli.conftest.tree import GLOBAL, ROOT, help_text

    own = (*GLOBAL, Flag("help", "bool", "", "h"), Flag("version", "bool", "", "v"))
    parsed = read_flags(words, own)
    if parsed.words:
        from graven.cli.conftest.tree import unknown

        raise unknown(parsed.words[0], list(below))
    asked = parsed.values.get("version") and not parsed.values.get("help")
    sys.stdout.write(VERSION if asked else help_text(ROOT, below))
    return 0


def _help(words: list[str], below: dict[str, str]) -> int:
    from graven.cli.conftest import tree

    names = [word for word in words if not word.startswith("-")]
    if not names:
        sys.stdout.write(tree.help_text(tree.ROOT, below))
    elif names[0] not in tree.COMMANDS or names[0] == "help":
        topic = " ".join(f"`{name}`" for name in names)
        sys.stderr.write(f"Unknown help topic [{topic}]\n{tree.usage_text(tree.ROOT, below, bare=True)}")
    else:
        module = tree.load(names[0])
        if hasattr(module, "descend"):
            return int(module.descend([*names[1:], "--help"]))
        sys.stdout.write(tree.help_text(module.COMMAND))
    return 0
