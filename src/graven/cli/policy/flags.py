"""Owns the flags of ``opa`` that ask for what is so anyway, and those that are refused with what to do instead."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["add_refused", "add_runs", "add_target", "add_unneeded", "only", "runs"]

_UNNEEDED = "no answer depends on it"


def add_unneeded(parser: argparse.ArgumentParser, *names: str, value: str = "") -> None:
    """Add a flag that changes no answer here; ``value`` names what it takes, if anything."""
    if value:
        parser.add_argument(*names, action="append", metavar=value, help=_UNNEEDED)
    else:
        parser.add_argument(*names, action="store_true", help=_UNNEEDED)
        said = [f"{names[-1]}={word}" for word in ("true", "false")]  # as Go's flags are written
        parser.add_argument(*said, action="store_true", help=argparse.SUPPRESS)


def add_refused(parser: argparse.ArgumentParser, *names: str, why: str, value: bool = False) -> None:
    """Add a flag that is refused, with the reason and what to do instead."""
    parser.add_argument(*names, action=_Refusal, nargs=None if value else 0, why=why, help=f"not done: {why}")


class _Refusal(argparse.Action):
    """Ends the command: what is asked for is not done."""

    def __init__(self, *args: Any, why: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.why = why

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        _namespace: argparse.Namespace,
        _values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Say so."""
        parser.exit(2, f"{parser.prog}: {option_string} is not done here: {self.why}\n")


def only(wanted: str, why: str) -> Callable[[str], str]:
    """Give what reads a value of which there is one here.

    >>> only("0", "rules are not rewritten")("0")
    '0'
    """

    def read(text: str) -> str:
        if text != wanted:
            raise argparse.ArgumentTypeError(f"got {text!r}, expected {wanted!r}: {why}")
        return text

    return read


def add_target(parser: argparse.ArgumentParser) -> None:
    """Add what rules are compiled to."""
    wasm = "nothing is compiled to WebAssembly or to a plan; `opa build -t` does"
    parser.add_argument("-t", "--target", type=only("rego", wasm), default="rego", metavar="rego")


_RUNS = ("index_excluded", "early_exit")


def add_runs(parser: argparse.ArgumentParser) -> None:
    """Add the kinds of what was not covered."""
    kinds = "kinds told of what was not covered: index_excluded; early_exit is never told; empty: none"
    parser.add_argument("--coverage-runs", action="append", type=_run, metavar="KINDS", help=kinds)


def _run(text: str) -> str:
    wrong = [each for each in text.split(",") if each and each not in _RUNS]
    if wrong:
        raise argparse.ArgumentTypeError(f"got {wrong[0]!r}, expected {' or '.join(_RUNS)}")
    return text


def runs(args: argparse.Namespace) -> bool:
    """Say whether the kinds of what was not covered are told."""
    return args.coverage_runs is None or any("index_excluded" in each for each in args.coverage_runs)
