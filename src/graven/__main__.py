"""The command ``graven``, and ``python -m graven``."""

from __future__ import annotations

import sys

from graven.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
