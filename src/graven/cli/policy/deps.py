"""``graven policy deps``: tells which base documents and which rules a query depends on."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from graven.cli.policy.arguments import add_capabilities, add_ignore, add_version, policy_of, split
from graven.errors import GravenError

__all__ = ["HELP", "configure", "run"]

HELP = """Tell which documents a query depends on: those that are given (base), and those that rules make (virtual).

examples:
  graven policy deps -d policies data.policy.allow
  graven policy deps -d policies --format json 'data.policy.deny[x]'
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("query")
    parser.add_argument("-d", "--data", action="append", default=[], metavar="PATH", help="rules or data")
    parser.add_argument("-b", "--bundle", action="append", default=[], metavar="PATH", help="a bundle or its folder")
    parser.add_argument("-f", "--format", choices=("pretty", "json"), default="pretty")
    add_version(parser)
    add_capabilities(parser)
    add_ignore(parser)


def run(args: argparse.Namespace) -> int:
    """Follow the query's references."""
    from graven.cli.policy import answers, golang
    from graven.engines.policyfiles import load

    try:
        policy = policy_of(load(args.data, args.bundle, ignore=split(args.ignore)), args)
        base, virtual = policy.dependencies(args.query)
    except GravenError as error:
        return answers.tell_errors(error, args.format)
    if args.format == "json":
        found = {"base": [_ref(path) for path in base], "virtual": [_ref(path) for path in virtual]}
        sys.stdout.write(golang.document({key: value for key, value in found.items() if value}, ordered=True))
        return 0
    columns = [
        (heading, [_text(path) for path in paths])
        for heading, paths in (("BASE DOCUMENTS", base), ("VIRTUAL DOCUMENTS", virtual))
        if paths
    ]
    if columns:
        longest = max(len(column) for _, column in columns)
        filled = [column + [""] * (longest - len(column)) for _, column in columns]
        sys.stdout.write(golang.table([heading for heading, _ in columns], list(zip(*filled, strict=True))))
    return 0


def _ref(path: tuple[Any, ...]) -> list[dict[str, Any]]:
    kinds = {str: "string", int: "number", float: "number", bool: "boolean"}
    return [{"type": "var", "value": path[0]}, *({"type": kinds[type(step)], "value": step} for step in path[1:])]


def _text(path: tuple[Any, ...]) -> str:
    from graven.rego.readout import shown

    return str(path[0]) + shown(path[1:])
