"""Owns which files are tested, and their bytes: named files, folders walked as conftest walks them, and stdin.

A folder is walked in the order of names; links are followed, each folder once. In a walk a file without a parser is
left out, and named as such; a file that is named must have one. A folder with a ``Chart.yaml`` is a chart: its
templates are no YAML yet, so they are left to whoever renders them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from graven.documents.detection import parser_for
from graven.engines import paths as disk
from graven.errors import Malformed, NotFound, TooLarge
from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MAX_BYTES", "STDIN", "Files", "evaluated", "find", "included", "protos", "read"]

STDIN = "-"
MAX_BYTES = 512 << 20

_TEMPLATED = ("templates", "charts")
"""Folders of a chart that hold what Helm fills in, and other charts."""


class Files:
    """What was found."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.skipped: list[str] = []
        """Files of walked folders that no parser is for."""
        self.charts: list[str] = []
        """Folders of charts that no other chart holds."""


def find(paths: Iterable[str], *, ignore: str = "", parser: str = "", charts: bool = True) -> Files:
    """Find the files that some paths stand for.

    Raises:
        NotFound: a path is not there, a named file has no parser, or nothing is left.
        Malformed: ``ignore`` is no regular expression.
    """
    wanted = [path for path in paths if path]
    ignored = _pattern(ignore)
    found = Files()
    for path in wanted:
        _named(path, found, _Walk(found, ignored, charts=charts), parser)
    found.files = list(dict.fromkeys(found.files))
    if not found.files and not found.charts:
        raise NotFound("no files to test", where=" ".join(wanted), hint="see --ignore; graven parse tells of parsers")
    return found


def _named(path: str, found: Files, walk: _Walk, parser: str) -> None:
    if path == STDIN:
        found.files.append(path)
    elif disk.is_folder(path):
        from pathlib import Path

        walk.folder(Path(path))
    elif not disk.exists(path):
        raise NotFound("there is no such file or folder", where=path)
    elif not walk.ignored(path):
        if not parser and parser_for(path) is None:
            raise NotFound("no parser for a file of this name", where=path, hint="name one with --parser")
        found.files.append(path)


def _pattern(text: str) -> Callable[[str], bool]:
    if not text:
        return lambda _path: False
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        pattern = re2.compile(text, options)
    except re2.error as e:
        said = e.args[0].decode(errors="replace") if isinstance(e.args[0], bytes) else e
        raise Malformed(f"no regular expression: {said}", where=f"--ignore {text}") from e
    return lambda path: pattern.search(path) is not None


class _Walk:
    """One walk through folders."""

    def __init__(self, found: Files, ignored: Callable[[str], bool], *, charts: bool) -> None:
        self.found = found
        self.ignored = ignored
        self.charts = charts
        self.seen: set[Path] = set()

    def folder(self, folder: Path, *, inside: bool = False) -> None:
        """Take what lies in a folder; ``inside`` tells that a chart holds it."""
        real = folder.resolve()
        if real in self.seen:
            return
        self.seen.add(real)
        chart = self.charts and not inside and (folder / "Chart.yaml").is_file()
        if chart:
            self.found.charts.append(str(folder))
        for path in _entries(folder):
            if not path.is_dir():
                self._file(path)
            elif not (chart and path.name in _TEMPLATED):
                self.folder(path.resolve() if path.is_symlink() else path, inside=inside or chart)

    def _file(self, path: Path) -> None:
        if self.ignored(str(path)):
            return
        if not path.exists():
            raise NotFound("a link leads nowhere", where=str(path), hint="mend it, or leave it out with --ignore")
        real = path.resolve() if path.is_symlink() else path
        into = self.found.skipped if parser_for(str(real)) is None else self.found.files
        into.append(str(real))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as e:
        raise NotFound(f"cannot read the folder: {e.strerror}", where=str(folder)) from e


def read(path: str) -> bytes:
    """Read a file, or stdin.

    Raises:
        NotFound: it cannot be read.
        TooLarge: it is larger than the limit.
    """
    try:
        data = sys.stdin.buffer.read(MAX_BYTES + 1) if path == STDIN else disk.read(path, MAX_BYTES + 1)
    except OSError as e:
        raise NotFound(f"cannot read the file: {e.strerror}", where=path) from e
    if len(data) > MAX_BYTES:
        raise TooLarge(f"got more than {MAX_BYTES} bytes", where=path)
    return data


def evaluated(data: bytes, file: str) -> bytes:
    """Run a program of jsonnet, which few files are.

    Raises:
        Malformed: it is no jsonnet, or comes to an error.
        TooLarge: it takes more than it may.
        Unsupported: its library is not installed.
    """
    from graven.engines.jsonnet import evaluate

    return evaluate(data, file)


def included(name: str) -> bytes:
    """Read a file that another one includes, as conftest does by its path from the working folder, but only in there.

    Raises:
        NotFound: it cannot be read, or lies elsewhere, links followed.
        TooLarge: it is larger than the limit.
    """
    from pathlib import Path

    if not Path(name).resolve().is_relative_to(Path.cwd().resolve()):
        raise NotFound("the file that is included lies outside of the working folder", where=name)
    return read(str(Path(name)))


def protos(folders: Iterable[str]) -> dict[str, bytes]:
    """Read the ``.proto`` files below some folders.

    Raises:
        NotFound: a folder is not there, or a file cannot be read.
    """
    from pathlib import Path

    found: dict[str, bytes] = {}
    for folder in folders:
        if not Path(folder).is_dir():
            raise NotFound("no folder of .proto files", where=folder, hint="see --proto-file-dirs")
        found |= {str(path): read(str(path)) for path in sorted(Path(folder).rglob("*.proto"))}
    return found
