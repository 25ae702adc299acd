"""``graven policy fmt``: writes modules in the one form."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graven.cli.policy.arguments import add_version, version_of
from graven.cli.policy.flags import add_unneeded
from graven.errors import GravenError, NotFound

__all__ = ["HELP", "configure", "run"]

HELP = """Write rules in the one form, that of `opa fmt`, comments kept; what they mean never changes.

Without a path stdin is formatted. Exit codes: 0, with --fail 1 if a file is not in the form, 3 if one cannot be read.

examples:
  graven policy fmt --list --fail policies
  graven policy fmt --write policies
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="modules and folders of them")
    parser.add_argument("-w", "--write", action="store_true", help="change the files")
    parser.add_argument("-l", "--list", action="store_true", help="name the files that would change")
    parser.add_argument("-d", "--diff", action="store_true", help="show what would change")
    parser.add_argument("--fail", action="store_true", help="answer 1 if a file would change")
    add_unneeded(parser, "--check-result")  # what is written is always read again
    parser.add_argument("--rego-v1", action="store_true", help="read v0, write what means the same in v0 and v1")
    parser.add_argument("--v0-v1", action="store_true", help="the same")
    parser.add_argument("--drop-v0-imports", action="store_true", help="leave out imports that v1 does not need")
    add_unneeded(parser, "--capabilities", value="FILE")
    add_version(parser)


@dataclass(frozen=True, slots=True)
class _Form:
    version: str
    target: str
    drop: bool

    def of(self, name: str, text: str) -> str:
        from graven.rego.format import formatted

        return formatted(name, text, version=self.version, target=self.target, drop_imports=self.drop)


def run(args: argparse.Namespace) -> int:
    """Format each file; the first that cannot be read ends it."""
    both = args.rego_v1 or args.v0_v1
    version = "v0" if both and not args.v1_compatible else version_of(args)
    form = _Form(version, "v0v1" if both else "", args.drop_v0_imports)
    try:
        if not args.paths:
            sys.stdout.write(form.of("stdin", sys.stdin.read()))
            return 0
        for given in args.paths:
            for path in _modules(Path(given.removeprefix("file://"))):
                if _one(args, path, form):
                    sys.stderr.write("unexpected diff\n")
                    return 1
    except GravenError as error:
        sys.stderr.write(f"failed to format Rego source file: {error.message}\n")
        return 3
    return 0


def _modules(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(each for each in path.rglob("*.rego") if each.is_file())
    elif not path.exists():
        raise NotFound(f"lstat {path}: no such file or directory")
    elif path.suffix == ".rego":
        yield path


def _one(args: argparse.Namespace, path: Path, form: _Form) -> bool:
    """Format a file; say whether it ends the command."""
    text = _text(path)
    written = form.of(str(path), text)
    changed = text != written
    if args.list:
        sys.stdout.write(f"{path}\n" * changed)
    elif args.diff:
        sys.stdout.write(_difference(text, written, str(path)) if changed else "")
    elif args.fail and changed:
        return True
    elif not args.write:
        sys.stdout.write(written)
    elif changed:
        path.write_bytes(written.encode())
    return bool(args.fail and changed)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as e:
        raise NotFound(f"failed to open file: {e}", where=str(path)) from e


def _difference(text: str, written: str, name: str) -> str:
    from difflib import unified_diff

    lines = unified_diff(text.splitlines(keepends=True), written.splitlines(keepends=True), name, name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ no line end\n" for line in lines)
