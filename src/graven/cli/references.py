"""Reads the reference of a command that asks the server of GRAVEN_URL, and no other."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from graven.cli.client import server_url

if TYPE_CHECKING:
    from graven.values import Reference

__all__ = ["reference_here"]


def reference_here(args: argparse.Namespace) -> Reference:
    """Read ``args.reference``; it names no host, or that of the server.

    Raises:
        Malformed: it is no reference, or is on another host.
    """
    from urllib.parse import urlsplit

    from graven.errors import Malformed
    from graven.values import Reference

    wanted, here = Reference.parse(args.reference), urlsplit(server_url(args)).netloc
    if wanted.host not in (None, here):
        hint = f"set GRAVEN_URL to the address of {wanted.host}"
        raise Malformed(f"got a reference on {wanted.host}, expected one on {here}", where=args.reference, hint=hint)
    return wanted
