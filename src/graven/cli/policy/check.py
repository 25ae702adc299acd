"""``graven policy check``: looks for what is wrong with modules, all of it at once."""

from __future__ import annotations

import argparse
import sys

from graven.cli.policy.arguments import add_capabilities, add_ignore, add_strict, add_version, policy_of, split
from graven.cli.policy.flags import add_refused
from graven.cli.policy.schemas import add_schema, hold
from graven.errors import GravenError

__all__ = ["HELP", "configure", "run"]

HELP = """Look for what is wrong with rules: syntax, names, safety, types, conflicts; --strict for unused ones too.

Nothing is printed where nothing is wrong. Exit codes: 0 nothing is wrong, 1 something is, 3 a file cannot be read.

examples:
  graven policy check policies
  graven policy check --strict --format json policies
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="modules and folders of them")
    parser.add_argument("-f", "--format", choices=("pretty", "json"), default="pretty")
    parser.add_argument("-b", "--bundle", action="store_true", help="the paths are bundles or their folders")
    parser.add_argument("-m", "--max-errors", type=int, default=10, metavar="N", help="tell of at most so many; 0: all")
    add_schema(parser)
    both = "check it as it is, and once more with --v0-compatible"
    add_refused(parser, "--v0-v1", why=both)
    add_version(parser)
    add_strict(parser)
    add_capabilities(parser)
    add_ignore(parser)


def run(args: argparse.Namespace) -> int:
    """Compile, and tell the errors."""
    from graven.engines.policyfiles import load
    from graven.rego import PolicyErrors

    ignore = split(args.ignore)
    try:
        loaded = load((), args.paths, ignore=ignore) if args.bundle else load(args.paths, ignore=ignore, only_rego=True)
        hold(policy_of(loaded, args, strict=args.strict), loaded.modules, args.schema)
    except PolicyErrors as errors:
        kept = errors.errors[: args.max_errors] if args.max_errors > 0 else errors.errors
        _tell(PolicyErrors(kept), args.format, more=len(errors.errors) - len(kept))
        return 1
    except GravenError as error:
        _tell(error, args.format)
        return 3
    return 0


def _tell(error: GravenError, form: str, *, more: int = 0) -> None:
    from graven.cli.policy.answers import error_documents
    from graven.cli.policy.golang import document

    if form == "json":
        sys.stderr.write(document({"errors": error_documents(error)}, ordered=True))
        return
    sys.stderr.write(f"{error.message}\n")
    if more:
        sys.stderr.write(f"and {more} more: --max-errors 0 tells them all\n")
