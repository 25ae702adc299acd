"""``graven verify``: checks the signatures of an artifact, in any registry, against a key."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graven.cli.client import add_server
from graven.cli.keyfiles import read_public
from graven.cli.output import add_output, emit
from graven.cli.registries import add_registry, registry_of

if TYPE_CHECKING:
    from graven.engines.attachments import Found
    from graven.evidence.trust import TrustRoot
    from graven.values import Digest

__all__ = ["HELP", "configure", "run"]

HELP = """Check the signatures of an artifact against a key: exit code 0 if the key signed this digest, 1 if not.

Every form is read: Sigstore bundles as referrers, and the tags .sig and .att of older clients. For each piece of
evidence it says why it does not count. With --type it looks for a signed statement of that type instead. With several
keys, one is enough.

examples:
  graven verify app/web:1.0 --key release.pub
  graven verify app/web:1.0 --key release.pub --type cyclonedx --output json
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("reference", metavar="REF", help="[HOST:PORT/]NAME@DIGEST, or NAME:TAG")
    parser.add_argument("--key", required=True, type=Path, action="append", metavar="PEM", help="public key")
    parser.add_argument("--type", dest="kind", default="", metavar="TYPE", help="look for a statement of this type")
    add_registry(parser)
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Look at each piece of evidence."""
    from graven.engines.attachments import Attachments
    from graven.evidence.predicates import predicate_type
    from graven.evidence.trust import SIGN
    from graven.values import Reference

    wanted = Reference.parse(args.reference)
    kind = predicate_type(args.kind) if args.kind else SIGN
    root = _root(args.key)
    with registry_of(args, wanted.host) as registry:
        attachments = Attachments(registry, wanted.repository)
        subject = attachments.subject(wanted.target).digest
        told = [_told(found, root, subject, wanted.repository, kind=args.kind) for found in attachments.found(subject)]
    verified = any(one["verified"] for one in told)
    document = {
        "reference": args.reference,
        "digest": str(subject),
        "predicate_type": kind,
        "keys": [key.public.fingerprint for key in root.keys],
        "verified": verified,
        "evidence": told,
    }
    emit(args, document, lambda: _show(document))
    return 0 if verified else 1


def _root(paths: list[Path]) -> TrustRoot:
    from graven.evidence.trust import TrustedKey, TrustRoot

    return TrustRoot(tuple(TrustedKey(str(path), read_public(path)) for path in paths))


def _told(found: Found, root: TrustRoot, subject: Digest, repository: str, *, kind: str) -> dict[str, Any]:
    """Verify one; a key's signature without a timestamp has no time, so any moment does."""
    from graven.evidence.candidates import Fault
    from graven.evidence.predicates import is_of_type
    from graven.evidence.trust import SIGN, Verified, verify

    one = {"evidence": str(found.one.evidence), "manifest": str(found.manifest)}
    if isinstance(found.one, Fault):
        return {**one, "verified": False, "predicate_type": "", "key": "", "reason": found.one.reason}
    result = verify(found.one, root=root, subject=subject, repository=repository, received_at="1970-01-01T00:00:00Z")
    if not isinstance(result, Verified):
        return {**one, "verified": False, "predicate_type": "", "key": "", "reason": result.reason}
    fits = is_of_type(result.predicate_type, kind or SIGN)
    wrong = "" if fits else f"it is a statement of {result.predicate_type}"
    wrong += ", which is no signature" if wrong and not kind else ""
    return {
        **one,
        "verified": not wrong,
        "predicate_type": result.predicate_type,
        "key": result.key,
        "reason": wrong,
    }


def _show(document: dict[str, Any]) -> None:
    for one in document["evidence"]:
        word = "counts" if one["verified"] else "does not count"
        by = f"signed by {one['key'][:16]}…" if one["verified"] else one["reason"]
        sys.stdout.write(f"{one['evidence']}  {word}: {by}\n")
    what = "signature" if document["predicate_type"].endswith("/cosign/sign/v1") else document["predicate_type"]
    if document["verified"]:
        sys.stdout.write(f"verified: {document['digest']}\n")
    else:
        why = "" if document["evidence"] else "; nothing is attached to it"
        sys.stdout.write(f"not verified: no {what} of {document['digest']} by this key{why}\n")
