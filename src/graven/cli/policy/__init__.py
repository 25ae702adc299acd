"""``graven policy``: the work of people who write rules; each verb is a module here, loaded when it is asked for.

A verb is a module ``graven.cli.policy.<verb>`` of the same shape as a command: ``HELP``, ``configure``, ``run``.
"""

from __future__ import annotations

import argparse
import importlib

from graven.cli import Formatter

__all__ = ["HELP", "VERBS", "configure", "run"]

VERBS = {
    "eval": "ask a query of rules, data and an input",
    "check": "look for what is wrong with rules",
    "fmt": "write rules in the one form",
    "parse": "print the syntax tree of a module",
    "test": "run the tests of rules",
    "build": "make a bundle, signed if a key is given",
    "inspect": "tell what a bundle, folder or file holds",
    "deps": "tell which documents a query depends on",
    "push": "send rules and data to a registry, signed",
    "pull": "fetch rules and data from a registry, verified",
}

HELP = """Write, check, test and bundle rules in Rego: what `opa` does, with the same arguments and the same answers.

verbs:
{}

examples:
  graven policy eval -d policies -i input.json data.policy.allow
  graven policy check --strict policies
  graven policy fmt --diff policies
  graven policy build -b policies -o bundle.tar.gz
  graven policy inspect bundle.tar.gz
""".format("\n".join(f"  {verb:<9}{what}" for verb, what in VERBS.items()))


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb; what follows it is the verb's own to read."""
    parser.add_argument("verb", choices=VERBS, metavar="VERB")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="'graven policy VERB --help' tells")


def run(args: argparse.Namespace) -> int:
    """Load the verb and do it."""
    module = importlib.import_module(f"graven.cli.policy.{args.verb}")
    parser = argparse.ArgumentParser(
        prog=f"graven policy {args.verb}",
        description=module.HELP,
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    module.configure(parser)
    return int(module.run(parser.parse_intermixed_args(args.rest)))
