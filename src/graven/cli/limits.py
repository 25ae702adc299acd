"""Owns the reading of limits on the command line."""

from __future__ import annotations

import argparse

__all__ = ["steps"]


def steps(text: str) -> int:
    """Read a limit of steps.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"got {text!r}, expected a number of steps from 1")
    return int(text)
