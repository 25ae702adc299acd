"""``graven decide``: asks the rules of a stage about an artifact; changes nothing but the log."""

from __future__ import annotations

import argparse

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, emit
from graven.cli.references import reference_here

__all__ = ["HELP", "configure", "run"]

HELP = """Ask the rules of a stage about an artifact.

Says allow, deny or undecidable, with each reason, the rule and the line that said so, and the smallest change that
would turn a refusal. The decision is kept and can be computed again. Exit codes: 0 allow, 1 deny, 3 undecidable.

examples:
  graven decide team/web:1.0 --stage production
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("reference", metavar="REF", help="[HOST:PORT/]NAME:TAG or NAME@DIGEST")
    parser.add_argument("--stage", required=True, help="the stage whose gate is asked")
    parser.add_argument("--reason", default="", help="why you ask; the rules see it")
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Ask, and print the answer."""
    from graven.cli.verdict import EXIT, show

    with Client.of(args) as client:
        wanted = {"reference": str(reference_here(args)), "stage": args.stage, "reason": args.reason}
        decision = client.post("/api/v1/decisions", wanted)
    emit(args, decision, lambda: show(decision))
    return EXIT[decision["outcome"]]
