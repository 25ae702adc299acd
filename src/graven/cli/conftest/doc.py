"""``conftest doc``: writes a page about policies from their metadata."""

from __future__ import annotations

from pathlib import Path

from graven.checks.lax import LaxFault
from graven.cli.conftest.flags import Flag
from graven.cli.conftest.options import Options
from graven.cli.conftest.tree import Command, usage_text

__all__ = ["COMMAND", "run"]

COMMAND = Command(
    "conftest doc",
    "<path> [path [...]]",
    "write a page about policies from their metadata",
    flags=(
        Flag("outDir", "string", "folder for the page", "o", "."),
        Flag("template", "string", "template of Go's text/template for the page", "t"),
    ),
)


def run(options: Options) -> int:
    """Write a page for each folder.

    Raises:
        LaxFault: a folder or a template cannot be read.
    """
    import sys

    if not options.words:
        sys.stderr.write(usage_text(COMMAND))
        raise LaxFault("missing required arguments")
    for path in options.words:
        _write(path, Path(options.text("outDir")), options.text("template"))
    return 0


def _write(path: str, folder: Path, template: str) -> None:
    from graven.cli.conftest.pages import page

    place = Path(path)
    if not place.exists():
        raise LaxFault(f"stat {path}: no such file or directory")
    if not place.is_dir():
        raise LaxFault(f"{path} is not a directory")
    name = place.name if place.name not in ("", ".", "..") else "policy"
    target = folder / f"{name}.md"
    try:
        target.touch(mode=0o600)
    except OSError as e:
        reason = f"open {target}: {(e.strerror or str(e)).lower()}"
        raise LaxFault(f"opening {target} for writing output: {reason}") from None
    try:
        text = page(path, template)
    except LaxFault as e:
        raise LaxFault(f"generating document: {e.message}") from None
    target.write_text(text)
