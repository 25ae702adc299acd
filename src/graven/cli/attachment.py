"""What ``graven sign`` and ``graven attest`` share: a statement, signed with a key file, attached to an artifact."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from graven.cli.client import add_server
from graven.cli.keyfiles import open_private
from graven.cli.output import add_output, emit
from graven.cli.registries import add_registry, registry_of

__all__ = ["add_attachment", "attach"]


def add_attachment(parser: argparse.ArgumentParser) -> None:
    """Add the reference and the key."""
    parser.add_argument("reference", metavar="REF", help="[HOST:PORT/]NAME@DIGEST, or NAME:TAG")
    parser.add_argument("--key", required=True, type=Path, help="private key file of cosign's format")
    add_registry(parser)
    add_server(parser)
    add_output(parser)


def attach(args: argparse.Namespace, predicate_type: str, predicate: Any) -> int:
    """Sign the statement and attach it; print where it is."""
    from datetime import UTC, datetime

    from graven.engines.attachments import Attachments
    from graven.values import Reference

    wanted = Reference.parse(args.reference)
    key = open_private(args.key)
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251 - the command is its own clock
    with registry_of(args, wanted.host) as registry:
        attachments = Attachments(registry, wanted.repository)
        subject = attachments.subject(wanted.target)
        made = attachments.attach(subject, predicate_type, predicate, key=key, created=created)
    done = {
        "subject": str(subject.digest),
        "predicate_type": predicate_type,
        "key": key.public.fingerprint,
        "manifest": str(made.manifest),
        "evidence": str(made.evidence),
    }
    emit(args, done, lambda: _tell(done))
    return 0


def _tell(done: dict[str, str]) -> None:
    sys.stdout.write("".join(f"{name.replace('_', ' ') + ':':<16}{text}\n" for name, text in done.items()))
