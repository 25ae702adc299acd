"""``graven serve``: starts the server, with settings from flags or the environment."""

from __future__ import annotations

import argparse
import os
import sys

from graven.settings import documented, read

__all__ = ["HELP", "configure", "run"]

HELP = """Start the server: registry, evidence, rules, promotion, admission and log on one address.

Everything is kept in one folder. The first start makes the administrator's token: it is written to the file that
--admin-token-file names, or else printed once. SIGTERM ends it when the requests that run are answered.

  graven serve --data ./graven-data --listen 127.0.0.1:7331 --admin-token-file ./admin.token
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add a flag for each setting."""
    for flag, variable, about in documented():
        default = f"; default: {about['default']}" if about["default"] not in ("", "0") else ""
        words = f"{about['help']} ({variable}{default})".replace("%", "%%")
        if about["metavar"]:
            parser.add_argument(flag, metavar=about["metavar"], help=words)
        else:
            parser.add_argument(flag, action="store_const", const="1", help=words)


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    settings = read(vars(args), os.environ)
    import asyncio

    from graven.app.http import new_loop
    from graven.app.server import run as serve

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(serve(settings, say=_say))
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
