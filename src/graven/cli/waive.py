"""``graven waive``: grants, lists and ends time-limited exceptions from single rules."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, console, emit, table

__all__ = ["HELP", "configure", "run"]

HELP = """Grant, list and end time-limited exceptions from single rules.

A waiver excuses what a rule says about one thing, until it expires: an advisory or a path (--term), a package
(--component), in one repository or digest, at one stage or all. Two people take part: the owner who wants it, and who
approves, which is you. What could not be decided cannot be waived.

examples:
  graven waive grant --rule vulnerabilities --repository 'team/*' --term CVE-2026-1 --owner ann --expires 2030-01-01T00:00:00Z --reason 'not reachable'
  graven waive list
  graven waive end 0198c5f0-5a3e-7000-8000-000000000000 --reason 'mended'
"""  # noqa: E501 - an example is one line

_SCOPE = ("rule", "repository", "digest", "stage", "term", "component")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    grant = verbs.add_parser("grant", help="grant a waiver, which you approve")
    for name in _SCOPE:
        grant.add_argument(f"--{name}", required=name == "rule", default="", help=f"the {name} that it is about")
    grant.add_argument("--owner", required=True, help="who wants it: the name or id of a principal")
    grant.add_argument("--expires", required=True, metavar="TIME", help="such as 2030-01-01T00:00:00Z")
    grant.add_argument("--reason", required=True, help="why")
    grant.set_defaults(work=_grant)
    verbs.add_parser("list", help="list the waivers that were not ended").set_defaults(work=_list)
    end = verbs.add_parser("end", help="end a waiver before its time")
    end.add_argument("waiver", help="its id, as the list shows it")
    end.add_argument("--reason", required=True, help="why, for the log")
    end.set_defaults(work=_end)
    for verb in verbs.choices.values():
        add_server(verb)
        add_output(verb)


def run(args: argparse.Namespace) -> int:
    """Do the verb."""
    with Client.of(args) as client:
        work: Callable[[argparse.Namespace, Client], None] = args.work
        work(args, client)
    return 0


def _grant(args: argparse.Namespace, client: Client) -> None:
    scope = {name: value for name in _SCOPE if (value := getattr(args, name))}
    wanted = {"scope": scope, "owner": args.owner, "expires": args.expires, "reason": args.reason}
    done = client.post("/api/v1/waivers", wanted)
    emit(args, done, lambda: console().print(f"waiver {done['waiver']} holds until {done['expires']}", markup=False))


def _list(args: argparse.Namespace, client: Client) -> None:
    found = client.get("/api/v1/waivers")
    rows = [(one["waiver"], one["standing"], one["expires"], _about(one["scope"])) for one in found["waivers"]]
    emit(args, found, lambda: table(("waiver", "standing", "expires", "about"), rows))


def _end(args: argparse.Namespace, client: Client) -> None:
    from urllib.parse import quote

    client.delete(f"/api/v1/waivers/{quote(args.waiver, safe='')}?reason={quote(args.reason, safe='')}")
    emit(args, {"ended": args.waiver}, lambda: console().print(f"ended {args.waiver}", markup=False))


def _about(scope: dict[str, Any]) -> str:
    return " ".join(f"{name}={scope[name]}" for name in _SCOPE if scope.get(name))
