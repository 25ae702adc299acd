"""Owns how a survey of mutants is made and told by ``graven policy test --mutate``."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from graven.errors import Malformed

if TYPE_CHECKING:
    from graven.engines.policyfiles import Loaded
    from graven.rego.mutation import Survey

__all__ = ["listed", "survey_of"]


def survey_of(loaded: Loaded, args: argparse.Namespace) -> int:
    """Make the mutants of what was loaded, run the tests, tell, and give the exit code.

    Raises:
        PolicyErrors: the rules do not compile as they are.
        Malformed: a test fails as it is, or the list of equivalent mutants cannot be read.
    """
    from graven.cli.policy.arguments import version_of
    from graven.engines.ownbuiltins import artifact_builtins
    from graven.rego.mutation import survey

    known = listed(args.equivalent) if args.equivalent else ()
    found = survey(
        loaded.modules,
        data=loaded.data,
        version=version_of(args),
        builtins=artifact_builtins(loaded.modules),
        equivalent=known,
        watch=_watch(),
    )
    if args.format == "json":
        from graven.cli.policy.golang import document

        sys.stdout.write(document(_value(found), ordered=True))
    else:
        _tell(found)
    return int(bool(found.survivors or found.unlisted))


def listed(path: str) -> tuple[str, ...]:
    """Read the names of mutants that mean the same as the rule, each on a line with its reason.

    Raises:
        Malformed: a line gives no reason.
    """
    from pathlib import Path

    from graven.cli.keyfiles import read

    names = []
    for number, line in enumerate(read(Path(path)).decode(errors="replace").splitlines(), start=1):
        name, sign, reason = line.partition("  # ")
        if not line.strip() or line.startswith("#"):
            continue
        if not sign or not reason.strip():
            raise Malformed(
                f"got {line[:80]!r}, expected the name of a mutant, two blanks, # and the reason",
                where=f"{path}:{number}",
            )
        names.append(name.strip())
    return tuple(names)


def _watch() -> Any:
    """Show how far it is, on a terminal."""
    if not sys.stderr.isatty():
        return None

    def watch(done: int, total: int) -> None:
        sys.stderr.write(f"\r{done}/{total} mutants" + ("\n" if done == total else ""))
        sys.stderr.flush()

    return watch


def _tell(found: Survey) -> None:
    for verdict in found.survivors:
        one = verdict.mutant
        change = f"{_line(one.before)} -> {_line(one.after) or 'nothing'}"
        sys.stdout.write(f"{one.file}:{one.row}:{one.col}: {one.operator}: {change}\n  {one.id}\n")
    for name in found.unlisted:
        sys.stdout.write(f"listed as equivalent, but no survivor: {name}\n")
    counts = Counter(verdict.outcome for verdict in found.verdicts)
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
    sys.stdout.write(f"{len(found.verdicts)} mutants: {told or 'none'}; {100 * found.score:.1f} % noticed\n")


def _line(text: str) -> str:
    return " ".join(text.split())[:60]


def _value(found: Survey) -> dict[str, Any]:
    rows = [
        {
            "id": verdict.mutant.id,
            "file": verdict.mutant.file,
            "row": verdict.mutant.row,
            "col": verdict.mutant.col,
            "operator": verdict.mutant.operator,
            "before": verdict.mutant.before,
            "after": verdict.mutant.after,
            "outcome": verdict.outcome,
            "test": verdict.test,
        }
        for verdict in found.verdicts
    ]
    return {"score": found.score, "unlisted": list(found.unlisted), "mutants": rows}
