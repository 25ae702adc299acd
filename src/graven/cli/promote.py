"""``graven promote``: moves a stage's pointer to an artifact, if the rules of the stage allow it."""

from __future__ import annotations

import argparse

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, console, emit
from graven.cli.references import reference_here

__all__ = ["HELP", "configure", "run"]

HELP = """Move a stage's pointer to an artifact, if the rules of the stage allow it.

Decides first; on a refusal nothing moves, and the reasons are printed. On an allow the artifact gets a signed
verification summary (SLSA VSA), for an index also each of its children. Promoting again what stands there changes
nothing. Exit codes: 0 promoted, 1 refused, 3 undecidable.

examples:
  graven promote team/web:1.0 --to test
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("reference", metavar="REF", help="[HOST:PORT/]NAME:TAG or NAME@DIGEST")
    parser.add_argument("--to", required=True, metavar="STAGE", help="the stage to promote to")
    parser.add_argument("--reason", default="", help="why, for the log and for the rules")
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Promote, and print what happened."""
    from graven.cli.verdict import EXIT, show

    with Client.of(args) as client:
        wanted = {"reference": str(reference_here(args)), "stage": args.to, "reason": args.reason}
        done = client.post("/api/v1/promotions", wanted)
    emit(args, done, lambda: _promoted(done) if done["promoted"] else show(done["decision"]))
    return 0 if done["promoted"] else EXIT[done["decision"]["outcome"]]


def _promoted(done: dict[str, object]) -> None:
    again = " already" if done["unchanged"] else ""
    out = console()
    out.print(f"{done['stage']} holds {done['repository']}@{done['digest']}{again}, until {done['valid_until']}")
    out.print(f"decision {done['decision_digest']}")
    out.print(f"summary  {done['vsa']}")
