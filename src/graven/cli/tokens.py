"""``graven tokens``: makes, lists and revokes access tokens; says whose the one in use is; erases names."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, emit, table

__all__ = ["HELP", "configure", "run"]

HELP = """Make, list and revoke access tokens.

A token belongs to a person or a service, and is good for what its scopes say: ACTION or ACTION:PATTERN, where ACTION is
one of pull, push, sign, promote, approve, audit, admin, trust, and PATTERN matches repositories or stages ('*' matches
slashes too). The secret is shown once.

  graven tokens create ci --scope 'push:app/*' --scope 'pull:app/*' --expires 2030-01-01T00:00:00Z
  graven tokens list
  graven tokens revoke 0198c5f0-5a3e-7000-8000-000000000000 --reason 'left the team'
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="make a token; its secret is shown this once")
    create.add_argument("name", help="whose it is; made where there is none of that name")
    create.add_argument("--scope", action="append", required=True, metavar="SCOPE", help="ACTION or ACTION:PATTERN")
    create.add_argument("--expires", metavar="TIME", help="such as 2030-01-01T00:00:00Z (default: never)")
    create.add_argument("--kind", choices=("person", "service"), default="service", help="(default: service)")
    create.set_defaults(work=_create)
    verbs.add_parser("list", help="list the tokens that work").set_defaults(work=_list)
    revoke = verbs.add_parser("revoke", help="end a token at once")
    revoke.add_argument("token", help="its id, as the list shows it")
    revoke.add_argument("--reason", default="", help="why, for the log")
    revoke.set_defaults(work=_revoke)
    verbs.add_parser("whoami", help="say whose GRAVEN_TOKEN is").set_defaults(work=_whoami)
    erase = verbs.add_parser("erase", help="forget the name of a principal; the log keeps its opaque id")
    erase.add_argument("principal", help="its id, as the list shows it")
    erase.set_defaults(work=_erase)
    for verb in verbs.choices.values():
        add_server(verb)
        add_output(verb)


def run(args: argparse.Namespace) -> int:
    """Do the verb."""
    with Client.of(args) as client:
        work: Callable[[argparse.Namespace, Client], None] = args.work
        work(args, client)
    return 0


def _create(args: argparse.Namespace, client: Client) -> None:
    wanted = {"name": args.name, "kind": args.kind, "scopes": args.scope}
    if args.expires:
        wanted["expires"] = args.expires
    made = client.post("/api/v1/tokens", wanted)
    emit(args, made, lambda: _say(made["secret"]))


def _list(args: argparse.Namespace, client: Client) -> None:
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = client.get("/api/v1/tokens", after=after, limit=1000)
        found += page["tokens"]
        after = page["next"]
    rows = [(t["token"], t["name"] or "(erased)", " ".join(t["scopes"]), t["expires"] or "never") for t in found]
    emit(args, {"tokens": found}, lambda: table(("token", "name", "scopes", "expires"), rows))


def _revoke(args: argparse.Namespace, client: Client) -> None:
    client.delete(f"/api/v1/tokens/{_word(args.token)}?reason={_word(args.reason)}")
    emit(args, {"revoked": args.token}, lambda: _say(f"revoked {args.token}"))


def _whoami(args: argparse.Namespace, client: Client) -> None:
    who = client.get("/api/v1/whoami")
    emit(args, who, lambda: _say(f"{who['principal']} may {' '.join(who['scopes'])}"))


def _erase(args: argparse.Namespace, client: Client) -> None:
    client.delete(f"/api/v1/principals/{_word(args.principal)}/name")
    emit(args, {"erased": args.principal}, lambda: _say(f"erased the name of {args.principal}"))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _word(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")
