"""``conftest plugin install``: copies a plugin to where plugins lie."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from graven.checks.lax import LaxFault
from graven.cli.conftest import command, plugins
from graven.cli.conftest.options import Options
from graven.cli.conftest.tree import Command, help_text, usage_text

__all__ = ["COMMAND", "descend"]

COMMAND = Command("conftest plugin", short="look after plugins", long="Looks after plugins.", runs=False)

_LONG = """
Installs a plugin from a folder or a URL:

	$ conftest plugin install contrib/plugins/kubectl

It is copied to where plugins lie, under the name that its plugin.yaml gives.
"""

INSTALL = Command("conftest plugin install", "<path|url>", "install a plugin from a folder or a URL", _LONG)
_BELOW = {"install": INSTALL.short}


def descend(words: list[str]) -> int:
    """Run a command below ``plugin``."""
    names = [at for at, word in enumerate(words) if not word.startswith("-")]
    if names and words[names[0]] == "install":
        return command(INSTALL, install, words[: names[0]] + words[names[0] + 1 :])
    sys.stdout.write(help_text(COMMAND, _BELOW))
    return 0


def install(options: Options) -> int:
    """Copy a plugin.

    Raises:
        LaxFault: there is none, or it cannot be copied.
    """
    if not options.words:
        sys.stderr.write(usage_text(INSTALL))
        raise LaxFault("missing required arguments")
    source = options.words[0]
    place = plugins.folder()
    place.mkdir(parents=True, exist_ok=True)
    if not Path(source.removeprefix("file://")).is_dir():
        return _from_url(source, place)
    whole = Path(source.removeprefix("file://")).resolve()
    try:
        plugin = plugins.read(whole)
    except LaxFault as e:
        raise LaxFault(f"install: install from dir: loading plugin from dir: {e.message}") from None
    target = place / plugin.name
    _remove(target)
    target.symlink_to(whole)
    return 0


def _remove(target: Path) -> None:
    if target.is_symlink():
        target.unlink()
    shutil.rmtree(target, ignore_errors=True)


def _from_url(source: str, place: Path) -> int:
    from tempfile import TemporaryDirectory

    from graven.cli.conftest.downloads import download

    with TemporaryDirectory(prefix="conftest-plugin-", dir=place) as folder:
        try:
            download([source], folder, overwrite=True, tls=True)
            plugin = plugins.read(Path(folder))
        except LaxFault as e:
            raise LaxFault(f"install: install from url: {e.message}") from None
        _remove(place / plugin.name)
        shutil.copytree(folder, place / plugin.name)
    return 0
