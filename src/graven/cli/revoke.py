"""``graven revoke``: ends the standing of a promotion, an identity or a key at once."""

from __future__ import annotations

import argparse

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, console, emit

__all__ = ["HELP", "configure", "run"]

HELP = """End the standing of a promotion, an identity or a key, at once and for good.

A promotion is STAGE/NAME@DIGEST: clusters of the stage refuse it from now on. An identity's or a key's signatures count
no longer, whenever they were made. A reason is needed.

examples:
  graven revoke promotion production/team/web@sha256:0000000000000000000000000000000000000000000000000000000000000000 --reason 'stolen'
  graven revoke identity release@example.org --reason 'left the company'
"""  # noqa: E501 - a digest has its length


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("kind", choices=("promotion", "identity", "key"), help="what ends")
    parser.add_argument("target", help="STAGE/NAME@DIGEST, an identity, or a key's fingerprint")
    parser.add_argument("--reason", required=True, help="why, for the log and for whoever is refused")
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Revoke, and print what happened."""
    with Client.of(args) as client:
        done = client.post("/api/v1/revocations", {"kind": args.kind, "target": args.target, "reason": args.reason})
    emit(args, done, lambda: console().print(f"revoked {done['kind']} {done['target']}", markup=False))
    return 0
