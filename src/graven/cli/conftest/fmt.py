"""``conftest fmt``: formats policies."""

from __future__ import annotations

from pathlib import Path

from graven.checks.lax import LaxFault
from graven.cli.conftest import rules
from graven.cli.conftest.flags import Flag
from graven.cli.conftest.options import Options
from graven.cli.conftest.shared import REGO_VERSION
from graven.cli.conftest.tree import Command
from graven.engines.policydirs import LoadFault, load_policies
from graven.errors import GravenError, NotFound

__all__ = ["COMMAND", "run"]

COMMAND = Command(
    "conftest fmt",
    "<path> [path [...]]",
    "format policies",
    flags=(Flag("check", "bool", "answer 1 if a policy is not formatted, and change nothing"), REGO_VERSION),
)


def run(options: Options) -> int:
    """Format, or say that something is not.

    Raises:
        LaxFault: a policy cannot be read, or is not formatted.
    """
    from graven.rego.format import formatted

    try:
        version = rules.version_of(options.text("rego-version"))
    except LaxFault as e:
        raise LaxFault(f"failed to parse rego-version flag: {e.message}") from None
    try:
        modules = load_policies(options.words)
    except LoadFault as e:
        raise LaxFault(f"get rego files: {e.message}") from None
    except NotFound as e:
        raise LaxFault(e.message) from None
    check = options.flag("check")
    for path, text in modules.items():
        try:
            done = formatted(path, text, version=version)
        except GravenError as e:
            raise LaxFault(f"get rego files: {e.message}") from None
        if done == text:
            continue
        if check:
            raise LaxFault("files not formatted")
        Path(path).write_text(done)
    return 0
