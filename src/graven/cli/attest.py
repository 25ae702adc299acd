"""``graven attest``: attaches a signed statement to an artifact."""

from __future__ import annotations

import argparse
from pathlib import Path

from graven.cli.attachment import add_attachment, attach
from graven.cli.keyfiles import read

__all__ = ["HELP", "configure", "run"]

HELP = """Attach a signed statement to an artifact: a bill of materials, provenance, VEX, a scan, a review.

FILE is the predicate, in JSON. TYPE is a URI, or one of cyclonedx, spdx, openvex, slsaprovenance1, vuln, link.

examples:
  graven attest app/web:1.0 --key release.key --type cyclonedx --predicate web.cdx.json
  graven attest app/web:1.0 --key security.key --type openvex --predicate web.vex.json
"""
_MOST = 16 << 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--type", required=True, dest="kind", metavar="TYPE", help="predicate type")
    parser.add_argument("--predicate", required=True, type=Path, metavar="FILE", help="JSON")
    add_attachment(parser)


def run(args: argparse.Namespace) -> int:
    """Attach it."""
    from graven.evidence.predicates import predicate_type
    from graven.values import canonical

    kind = predicate_type(args.kind)
    return attach(args, kind, canonical.loads(read(args.predicate, most=_MOST), where=str(args.predicate)))
