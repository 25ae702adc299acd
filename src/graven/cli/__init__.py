"""The commands: a table of names, each loaded only when it is asked for, so that ``graven --help`` is quick.

A command is a module ``graven.cli.<name>`` with

- ``HELP``: its first line says what it does; the rest, with at least one example, is shown by ``--help``,
- ``configure(parser)``: adds its arguments,
- ``run(args) -> int``: does it and gives the exit code: 0 yes, 1 refused, 2 usage, 3 could not decide.

Nothing here or at the top of a command's module imports asyncio, rich or an HTTP client.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from graven.errors import GravenError, exit_code

__all__ = ["COMMANDS", "Formatter", "main"]

sys.setrecursionlimit(4_000)  # far below what the stack of a thread holds
gc.set_threshold(50_000, 20, 20)  # what a command loads and reads stays, so to look for garbage among it is in vain
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # httpx's own command loads click and rich: 60 ms
argparse._ = str  # type: ignore[attr-defined]  # nothing is translated, and to look for catalogues loads locale

COMMANDS: dict[str, dict[str, str]] = {
    "Run": {
        "serve": "start the server",
        "doctor": "look for what is wrong, and say what to do about it",
    },
    "Artifacts": {
        "push": "send an image layout or a file",
        "pull": "fetch an artifact by tag or digest",
        "ls": "list repositories, tags and files",
        "show": "tell one artifact's life: evidence, decisions, stages",
    },
    "Evidence": {
        "keys": "make, show and import signing keys",
        "sign": "sign an artifact with a cosign-format key",
        "verify": "check an artifact's signatures against a key",
        "attest": "attach a signed statement to an artifact",
        "sbom": "make CycloneDX and SPDX documents of what is inside",
        "scan": "match what is inside against advisories",
        "vex": "state whether a vulnerability affects a product",
        "advisories": "import OSV advisories and see how old they are",
    },
    "Decide and promote": {
        "decide": "ask the rules of a stage about an artifact",
        "promote": "move a stage's pointer to an artifact",
        "rollback": "move a stage's pointer back to what stood there",
        "revoke": "end a promotion's, an identity's or a key's standing",
        "waive": "grant, list and end time-limited exceptions",
        "stages": "show and apply the stages and what is where",
        "trust": "show and apply the keys that count",
        "replay": "compute a past decision again, from its evidence",
    },
    "Run time": {
        "admit": "answer an AdmissionReview",
        "admission": "print the webhook configuration for a cluster",
    },
    "Rules": {
        "test": "test configuration files by rules",
        "parse": "show what rules see of configuration files",
        "policy": "write, check, test and bundle rules, as opa does",
        "conftest": "answer as conftest does, option for option",
    },
    "Proof and access": {
        "audit": "verify the log, prove an event, seal, rebuild",
        "tokens": "make, list and revoke access tokens",
    },
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; every error is one line with what to do, and an exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if argv is None and sys.argv[0].replace("\\", "/").rpartition("/")[2] == "conftest":
        words.insert(0, "conftest")
    try:
        return _dispatch(words)
    except GravenError as e:
        _tell(e, as_json=_wants_json(words))
        return exit_code(e)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130
    except RecursionError:
        sys.stderr.write("graven: what was given is nested too deeply to be read: simplify it, or divide it\n")
        return 3
    except Exception as e:  # the last net: no traceback reaches a user
        if os.environ.get("GRAVEN_DEBUG"):
            raise
        sys.stderr.write(f"graven: internal error: {type(e).__name__}: {e}; GRAVEN_DEBUG=1 shows where\n")
        return 3
    finally:
        if argv is None:
            gc.freeze()  # the process ends; it would look for garbage among all that is left


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        sys.stdout.write(_overview())
        return 0
    if words[0] in ("-V", "--version", "version"):
        from importlib.metadata import version

        sys.stdout.write(f"graven {version('graven')}\n")
        return 0
    name, rest = words[0], words[1:]
    if name not in _names():
        return _unknown(name)
    command = importlib.import_module(f"graven.cli.{name}")
    if name == "conftest":
        return int(command.answer(rest))
    args = _parser(name, command).parse_args(rest)
    code = command.run(args)
    sys.stdout.flush()
    return int(code)


def _names() -> dict[str, str]:
    return {name: summary for group in COMMANDS.values() for name, summary in group.items()}


def _parser(name: str, command: ModuleType) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"graven {name}",
        description=command.HELP,
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    command.configure(parser)
    return parser


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Asks for the terminal's width itself: argparse would load shutil, each time."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_width() - 2)


def _width() -> int:
    try:
        return int(os.environ.get("COLUMNS", "")) or os.get_terminal_size(1).columns
    except (ValueError, OSError):
        return 80


def _overview() -> str:
    width = max(map(len, _names())) + 2
    lines = ["Keeps software artifacts immutable and lets each one move toward production only on proof.", ""]
    lines += ["usage: graven COMMAND [OPTIONS]      graven COMMAND --help", ""]
    for group, commands in COMMANDS.items():
        lines += [f"{group}:", *(f"  {name:<{width}}{summary}" for name, summary in commands.items()), ""]
    lines += [
        "Client commands read GRAVEN_URL and GRAVEN_TOKEN.",
        "Exit codes: 0 yes, 1 refused, 2 usage, 3 undecided.",
    ]
    return "\n".join(lines) + "\n"


def _unknown(name: str) -> int:
    from difflib import get_close_matches

    near = get_close_matches(name, _names(), n=1)
    hint = f"did you mean 'graven {near[0]}'?" if near else "'graven --help' lists the commands"
    sys.stderr.write(f"graven: got the command {name!r}, which there is not: {hint}\n")
    return 2


def _wants_json(words: Sequence[str]) -> bool:
    pairs = zip(words, [*words[1:], ""], strict=True)
    return any(word == "--output=json" or (word in ("--output", "-o") and after == "json") for word, after in pairs)


def _tell(error: GravenError, *, as_json: bool) -> None:
    if as_json:
        import json

        from graven.cli.output import error_document

        sys.stdout.write(json.dumps(error_document(error)) + "\n")
    sys.stderr.write(f"graven: {error}\n")
