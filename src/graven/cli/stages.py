"""``graven stages``: what is where; shows and applies the stages and the policy set."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, console, emit, table
from graven.cli.policies import read_file, read_policy

__all__ = ["HELP", "configure", "run"]

HELP = """Show what stands in which stage; show and apply the stages and the policy set.

A file changes nothing by itself: 'apply' and 'apply-policy' make it take effect, as one event. A policy set is a folder
with a policy.yaml (rules, language, data) and the Rego modules beside it.

examples:
  graven stages list
  graven stages show
  graven stages apply stages.yaml
  graven stages apply-policy policies/
  graven stages history production team/web
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="list the stages and what stands in each").set_defaults(work=_list)
    verbs.add_parser("show", help="show the stages document").set_defaults(work=_show)
    apply = verbs.add_parser("apply", help="make a stages document take effect")
    apply.add_argument("file", help="YAML")
    apply.set_defaults(work=_apply)
    verbs.add_parser("show-policy", help="show the policy set").set_defaults(work=_show_policy)
    policy = verbs.add_parser("apply-policy", help="make a policy set take effect")
    policy.add_argument("folder", help="holds policy.yaml and modules in Rego")
    policy.set_defaults(work=_apply_policy)
    history = verbs.add_parser("history", help="list what stood in a stage, newest first")
    history.add_argument("stage")
    history.add_argument("repository")
    history.set_defaults(work=_history)
    for verb in verbs.choices.values():
        add_server(verb)
        add_output(verb)


def run(args: argparse.Namespace) -> int:
    """Do the verb."""
    with Client.of(args) as client:
        work: Callable[[argparse.Namespace, Client], None] = args.work
        work(args, client)
    return 0


def _list(args: argparse.Namespace, client: Client) -> None:
    found = client.get("/api/v1/stages")
    rows = [
        (stage["name"], one["repository"], one["digest"], one["since"], one["valid_until"])
        for stage in found["stages"]
        for one in stage["holds"] or [{"repository": "(nothing)", "digest": "", "since": "", "valid_until": ""}]
    ]
    emit(args, found, lambda: table(("stage", "repository", "digest", "since", "valid until"), rows))


def _show(args: argparse.Namespace, client: Client) -> None:
    found = client.get("/api/v1/documents/stages")
    rows = [
        (
            stage["name"],
            " ".join(f"{rule}={mode}" for rule, mode in stage["rules"].items()),
            " ".join(f"{name}={value}" for name, value in stage["parameters"].items()),
            " ".join(stage["clusters"]),
            stage["grace"],
            stage["valid-for"],
        )
        for stage in found["body"]["stages"]
    ]
    emit(args, found, lambda: table(("stage", "rules", "parameters", "clusters", "grace", "valid for"), rows))


def _apply(args: argparse.Namespace, client: Client) -> None:
    done = client.post_bytes("/api/v1/documents/stages", read_file(args.file), media_type="application/yaml")
    emit(args, done, lambda: console().print(f"the stages are {done['document']} from now on"))


def _show_policy(args: argparse.Namespace, client: Client) -> None:
    found = client.get("/api/v1/documents/policy")
    rows = [
        (rule["name"], rule.get("default", "enforce"), " ".join(rule["entries"])) for rule in found["body"]["rules"]
    ]
    emit(args, found, lambda: table(("rule", "default", "entry points"), rows))


def _apply_policy(args: argparse.Namespace, client: Client) -> None:
    done = client.post("/api/v1/documents/policy", read_policy(args.folder))
    emit(args, done, lambda: console().print(f"the policy set is {done['document']} from now on"))


def _history(args: argparse.Namespace, client: Client) -> None:
    found = client.get(f"/api/v1/stages/{args.stage}/history", repository=args.repository)
    rows = [(one["time"], one["kind"], one["digest"], one["actor"], one["reason"]) for one in found["history"]]
    emit(args, found, lambda: table(("time", "kind", "digest", "by", "reason"), rows))
