"""Owns which format a file is read as: conftest's choice by name, or the one that is forced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from graven.documents.position import Document
from graven.errors import NotFound

__all__ = ["PARSERS", "parse", "parser_for"]

PARSERS = (
    "codeowners",
    "cue",
    "cyclonedx",
    "dockerfile",
    "dotenv",
    "edn",
    "groovy",
    "hcl1",
    "hcl2",
    "hocon",
    "ignore",
    "ini",
    "json",
    "jsonc",
    "jsonnet",
    "nginx",
    "properties",
    "spdx",
    "textproto",
    "toml",
    "vcl",
    "xml",
    "yaml",
)
"""The names that ``--parser`` takes; each that is offered is the module of that name beside this one."""

_EXTENSIONS = {
    **dict.fromkeys(("yml", "yaml"), "yaml"),
    "dockerfile": "dockerfile",
    **dict.fromkeys(("hcl", "tf", "tfvars"), "hcl2"),
    **dict.fromkeys(("gitignore", "dockerignore"), "ignore"),
    "env": "dotenv",
    **dict.fromkeys(("textproto", "textpb"), "textproto"),
}
_WHOLE = {"-": "yaml", "nginx.conf": "nginx", "codeowners": "codeowners"}
_STEMS = {"dockerfile": "dockerfile", ".env": "dotenv", "jenkinsfile": "groovy"}
"""Names that may be followed by a dot and anything."""


def parser_for(file: str) -> str | None:
    """Name the parser of a file by its name, which is all that conftest looks at; None if there is none.

    >>> parser_for("deploy/Dockerfile.prod"), parser_for("main.tf"), parser_for("-"), parser_for("README")
    ('dockerfile', 'hcl2', 'yaml', None)
    """
    name = file.replace("\\", "/").rpartition("/")[2].lower()
    if name in _WHOLE:
        return _WHOLE[name]
    for stem, parser in _STEMS.items():
        if name == stem or name.startswith(f"{stem}."):
            return parser
    extension = name.rpartition(".")[2] if "." in name else ""
    return _EXTENSIONS.get(extension) or (extension if extension in PARSERS else None)


def parse(
    data: bytes,
    *,
    file: str,
    parser: str = "",
    protos: Mapping[str, bytes] | None = None,
    evaluate: Callable[[bytes, str], bytes] | None = None,
    include: Callable[[str], bytes] | None = None,
) -> tuple[Document, ...]:
    """Read a file with the parser that is named, or else with that of its name.

    ``protos`` are the definitions for ``textproto``, ``evaluate`` runs a program of ``jsonnet``, and ``include`` gives
    the bytes of a file that one of ``hocon`` includes.

    Raises:
        NotFound: there is no such parser, or none for a file of that name.
        Unsupported: the text uses a part of its format that is not read.
        Malformed: the text cannot be read.
        TooLarge: it goes beyond a limit of its format.
    """
    chosen = parser or parser_for(file)
    if chosen is None:
        raise NotFound("no parser for a file of this name", where=file, hint="name one with --parser")
    if chosen not in PARSERS:
        raise NotFound(f"got the parser {chosen!r}, there are {', '.join(PARSERS)}", where=file)
    module = import_module(f"graven.documents.{chosen}")
    more: dict[str, object] = {"protos": protos} if protos and chosen == "textproto" else {}
    if chosen == "jsonnet":
        more["evaluate"] = evaluate
    elif chosen == "hocon":
        more["include"] = include
    found: tuple[Document, ...] = module.parse(data, file=file, **more)
    return found
