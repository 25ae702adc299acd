"""Installed Python packages: core metadata in ``*.dist-info`` and ``*.egg-info``, and which files are theirs.

PyPA specifications: core metadata 2.4, recording installed projects, binary distribution format.
"""

from __future__ import annotations

import re
from io import BytesIO

from graven.inventory.control import paragraphs, shown
from graven.inventory.report import Claim, Found, mark, marks

__all__ = ["named", "parse", "recorded", "top_levels"]

_KEYS = frozenset(
    {
        "name",
        "version",
        "license-expression",
        "license",
        "classifier",
        "author",
        "author-email",
        "maintainer",
        "maintainer-email",
    }
)
_CLASSIFIER = "License :: "
_LONGEST_LICENCE = 100
_QUOTED = re.compile(rb'"([^"]*(?:""[^"]*)*)"')
_SOURCE_ENDINGS = (b".py", b".pyc", b".pyi", b".txt", b".md", b".rst", b".html", b".css", b".h", b".hpp", b".json")


def parse(data: bytes, path: str) -> Found | None:
    r"""Read the headers of core metadata; none where they lack a name or a version.

    >>> parse(b"Name: six\nVersion: 1.17.0\nLicense-Expression: MIT\n\nText", "six-1.17.0.dist-info/METADATA").licence
    'MIT'
    """
    headers = data.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    block = next(paragraphs(headers.decode("utf-8", "replace"), _KEYS), {})
    told = {key: values[0] for key, values in block.items()}
    name, version = told.get("name", ""), told.get("version", "")
    if not name or not version:
        return None
    supplier = next(
        (told[key] for key in ("author", "author-email", "maintainer", "maintainer-email") if told.get(key)), ""
    )
    return Found("pypi", path, name, version, licence=_licence(block.get("classifier", ()), told), supplier=supplier)


def _licence(classifiers: object, told: dict[str, str]) -> str:
    """Prefer the expression, then a licence that is a name and not its whole text, then the classifiers."""
    named = told.get("license", "")
    if told.get("license-expression"):
        return told["license-expression"]
    if named and named != "UNKNOWN" and len(named) <= _LONGEST_LICENCE:
        return named
    rows = classifiers if isinstance(classifiers, list) else []
    return shown(" AND ".join(sorted({row.rpartition(" :: ")[2] for row in rows if row.startswith(_CLASSIFIER)})))


def named(found: Found) -> Claim:
    """Claim the folder or module that has the package's own name; of an egg all that is in it."""
    folder, _, last = found.path.rpartition("/")
    if last in ("METADATA", "PKG-INFO"):
        metadata, folder = folder, folder.rpartition("/")[0]
    else:
        metadata = found.path
    base, last = f"{folder}/" if folder else "", metadata.rpartition("/")[2]
    if last == "EGG-INFO":
        return Claim("pypi", found.path, base, metadata, mark(b"*"))
    legacy = "egg-info" in last.lower()
    names = {re.sub(r"[-.]+", "_", name) for name in (found.name, found.name.lower())}
    tops = {top for name in names for top in (name, f"{name}.py", *([f"{name}/*"] if legacy else []))}
    return Claim("pypi", found.path, base, metadata, marks(top.encode() for top in sorted(tops)))


def recorded(data: bytes, path: str) -> tuple[Claim, Claim]:
    """Read RECORD: rows of name, hash and size; what is below the folder of the dist-info, and what is elsewhere."""
    metadata, _, _ = path.rpartition("/")
    base = metadata.rpartition("/")[0]
    below, above = bytearray(), bytearray()
    tops: set[bytes] = set()
    for line in BytesIO(data):
        name = _name(line)
        tops.add(name.partition(b"/")[0])
        if name.startswith(b"../"):
            above += mark(name)
            # "pip install --target" puts scripts beside the packages, and records them as if it had not.
            below += mark(b"bin/" + name.rpartition(b"../bin/")[2])
        elif not name.endswith(_SOURCE_ENDINGS):
            below += mark(name)
    root = f"{base}/" if base else ""
    inside = Claim("pypi", path, root, metadata, bytes(below) + marks(sorted(tops)))
    return inside, Claim("pypi-above", path, root, metadata, bytes(above))


def _name(row: bytes) -> bytes:
    """Give the first field of a CSV row."""
    quoted = _QUOTED.match(row)
    return quoted[1].replace(b'""', b'"') if quoted else row.partition(b",")[0].rstrip(b"\r\n")


def top_levels(data: bytes, path: str) -> Claim:
    """Read ``top_level.txt`` of an egg-info: the modules and folders that are wholly the package's."""
    metadata, _, _ = path.rpartition("/")
    base = metadata.rpartition("/")[0]
    tops = sorted({line.strip() for line in BytesIO(data) if line.strip()})
    names = (top + ending for top in tops for ending in (b"", b".py", b"/*"))
    return Claim("pypi", path, f"{base}/" if base else "", metadata, marks(names))
