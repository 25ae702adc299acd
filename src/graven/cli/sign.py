"""``graven sign``: signs an artifact with a key file of cosign's format."""

from __future__ import annotations

import argparse

from graven.cli.attachment import add_attachment, attach

__all__ = ["HELP", "configure", "run"]

HELP = """Sign an artifact with a key file of cosign's format.

The signature is a Sigstore bundle, attached to the artifact's digest as a referrer, in any registry; cosign 3 verifies
it. A tag is looked up first, and what is signed is the digest.

examples:
  graven sign app/web:1.0 --key release.key
  graven sign registry.example:5000/app/web@sha256:<digest> --key release.key
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_attachment(parser)


def run(args: argparse.Namespace) -> int:
    """Sign it."""
    from graven.evidence.trust import SIGN

    return attach(args, SIGN, {})
