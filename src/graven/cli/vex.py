"""``graven vex``: writes an OpenVEX document, and checks one."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graven.cli.client import add_server
from graven.cli.output import add_output, emit, table
from graven.cli.registries import add_registry, registry_of
from graven.errors import NotFound, Unsupported

if TYPE_CHECKING:
    from graven.evidence.vex import VexStatement
    from graven.values import Digest

__all__ = ["HELP", "configure", "run"]

HELP = """State whether a vulnerability affects a product (OpenVEX 0.2.0).

The product is an artifact (NAME@DIGEST; a tag is looked up on the server) or a package URL; --subcomponent narrows the
statement to packages in it. A statement counts only when it is signed by somebody who is trusted for the product: with
--key it is signed and attached to the artifact; else sign the document that this writes with 'graven attest'.

  graven vex create --product app/web@sha256:<digest> --subcomponent pkg:pypi/left@1.0 --vulnerability CVE-2026-0001 \\
      --status not_affected --justification vulnerable_code_not_in_execute_path > web.vex.json
  graven vex create --product app/web:1.0 --vulnerability CVE-2026-0001 --status fixed --key security.key
  graven vex check web.vex.json
"""
_STATUSES = ("not_affected", "affected", "fixed", "under_investigation")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="write a document to standard output, or attach it")
    create.add_argument("--product", required=True, metavar="REF|PURL", help="what it is about")
    create.add_argument("--subcomponent", action="append", default=[], metavar="PURL", help="a package in it")
    create.add_argument("--vulnerability", required=True, metavar="ID", help="such as CVE-2026-0001")
    create.add_argument("--status", required=True, choices=_STATUSES)
    create.add_argument("--justification", default="", metavar="WORD", help="why a product is not affected")
    create.add_argument("--impact", default="", metavar="TEXT", help="why a product is not affected, in words")
    create.add_argument("--action", default="", metavar="TEXT", help="what to do about a product that is affected")
    create.add_argument("--author", default="graven", help="who says so (default: graven)")
    create.add_argument("--key", type=Path, help="sign with this private key file, and attach it to the artifact")
    create.set_defaults(work=_create)
    add_registry(create)
    add_server(create)
    add_output(create)
    check = verbs.add_parser("check", help="say what a document states, or why it is none")
    check.add_argument("file", type=Path)
    check.set_defaults(work=_check)
    add_output(check)


def run(args: argparse.Namespace) -> int:
    """Do the verb."""
    args.work(args)
    return 0


def _create(args: argparse.Namespace) -> None:
    """Write the document, or attach it; what could not be read back is neither."""
    import json

    from graven.cli.attachment import attach
    from graven.evidence import vex
    from graven.values import Digest, canonical

    if args.key and args.product.startswith("pkg:"):
        raise Unsupported(
            f"got the package {args.product}, and a statement is attached to an artifact",
            hint="name the artifact as the product and the package with --subcomponent",
        )
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    told = {
        "justification": args.justification,
        "impact_statement": args.impact,
        "action_statement": args.action,
    }
    statement = {
        "vulnerability": {"name": args.vulnerability},
        "products": [_product(args)],
        "status": args.status,
        "timestamp": moment,
        **{name: text for name, text in told.items() if text},
    }
    name = Digest.of(canonical.dumps([args.author, statement])).hex
    document = {
        "@context": vex.PREDICATE_TYPE,
        "@id": f"urn:graven:vex:{name}",
        "author": args.author,
        "timestamp": moment,
        "version": 1,
        "statements": [statement],
    }
    vex.read(document, where="what was asked for")
    if args.key:
        attach(args, vex.PREDICATE_TYPE, document)
        return
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _product(args: argparse.Namespace) -> dict[str, Any]:
    from graven.values import Purl

    parts = [{"@id": str(Purl.parse(part))} for part in args.subcomponent]
    more = {"subcomponents": parts} if parts else {}
    if args.product.startswith("pkg:"):
        return {"@id": str(Purl.parse(args.product)), **more}
    repository, digest = _artifact(args)
    purl = Purl.make("oci", repository.rpartition("/")[2], str(digest), repository_url=repository)
    return {"@id": str(purl), "hashes": {digest.algorithm.replace("sha", "sha-"): digest.hex}, **more}


def _artifact(args: argparse.Namespace) -> tuple[str, Digest]:
    """Look a tag up once: what is signed is about the digest that it is attached to."""
    from graven.values import Reference

    wanted = Reference.parse(args.product)
    digest = wanted.digest
    if digest is None:
        with registry_of(args, wanted.host) as registry:
            digest = registry.manifest(wanted.repository, wanted.target).digest
    args.reference = f"{wanted.host}/" * bool(wanted.host) + f"{wanted.repository}@{digest}"
    return wanted.repository, digest


def _check(args: argparse.Namespace) -> None:
    from graven.evidence import vex

    if not args.file.is_file():
        raise NotFound("no such file", where=str(args.file))
    statements = vex.parse(args.file.read_bytes(), where=str(args.file))
    rows = [(", ".join(s.vulnerabilities), s.status, s.justification, _about(s)) for s in statements]
    keys = ("vulnerability", "status", "justification", "products")
    emit(args, [dict(zip(keys, row, strict=True)) for row in rows], lambda: table(keys, rows))


def _about(statement: VexStatement) -> str:
    return "; ".join(", ".join(product.names or map(str, product.hashes)) for product in statement.products)
