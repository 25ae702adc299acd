"""``graven rollback``: moves a stage's pointer back to what stood there."""

from __future__ import annotations

import argparse

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, console, emit
from graven.cli.references import reference_here

__all__ = ["HELP", "configure", "run"]

HELP = """Move a stage's pointer back to an artifact that stood there before.

Needs a reason. Only what was promoted to this stage before can come back, on the decision of then: advisories that have
become known since do not stop it. What was revoked since does: the promotion, or whoever signed.

examples:
  graven rollback team/web@sha256:0000000000000000000000000000000000000000000000000000000000000000 --stage test --reason 'the new one leaks'
"""  # noqa: E501 - a digest has its length


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("reference", metavar="REF", help="[HOST:PORT/]NAME:TAG or NAME@DIGEST")
    parser.add_argument("--stage", required=True, help="the stage whose pointer moves")
    parser.add_argument("--reason", required=True, help="why, for the log")
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Roll back, and print what happened."""
    with Client.of(args) as client:
        wanted = {"reference": str(reference_here(args)), "stage": args.stage, "reason": args.reason}
        done = client.post("/api/v1/rollbacks", wanted)
    text = f"{done['stage']} holds {done['repository']}@{done['digest']} again, until {done['valid_until']}"
    emit(args, done, lambda: console().print(text))
    return 0
