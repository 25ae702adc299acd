"""``conftest pull``: fetches policies."""

from __future__ import annotations

import os
import sys

from graven.checks.lax import LaxFault
from graven.cli.conftest.flags import Flag
from graven.cli.conftest.options import Options
from graven.cli.conftest.tree import Command, usage_text

__all__ = ["COMMAND", "run"]

_LONG = """
Fetches policies from a registry, a folder, a git repository or over HTTP:

	$ conftest pull oci://registry.example/team/rules:v1

They are written into the folder policy unless another is named. An absolute path is taken as one below this folder
unless --absolute-paths says that it is one:

	$ conftest pull --absolute-paths --policy /srv/policies <url>
"""

COMMAND = Command(
    "conftest pull",
    "<repository>",
    "fetch policies",
    _LONG,
    (
        Flag("absolute-paths", "bool", "take an absolute path of --policy as one"),
        Flag("policy", "string", "folder into which policies are written", "p", "policy"),
        Flag("tls", "bool", "speak TLS with the registry", "s", default=True),
    ),
)


def run(options: Options) -> int:
    """Fetch each.

    Raises:
        LaxFault: one cannot be fetched.
    """
    if not options.words:
        sys.stderr.write(usage_text(COMMAND))
        raise LaxFault("missing required arguments")
    from graven.cli.conftest.downloads import download

    folder = options.text("policy")
    if not (options.flag("absolute-paths") and folder.startswith("/")):
        folder = os.path.normpath(f"./{folder}")
    try:
        download(options.words, folder, overwrite=False, tls=options.flag("tls"))
    except LaxFault as e:
        raise LaxFault(f"download policies: {e.message}") from None
    return 0
