"""Which parser a file gets: conftest's choice, by its name alone."""

from __future__ import annotations

import pytest

from graven.documents import PARSERS, parse, parser_for
from graven.errors import NotFound


@pytest.mark.parametrize(
    ("file", "parser"),
    [
        ("-", "yaml"),
        ("a/b.YAML", "yaml"),
        ("Dockerfile", "dockerfile"),
        ("Dockerfile.prod", "dockerfile"),
        ("web.dockerfile", "dockerfile"),
        ("main.tf", "hcl2"),
        ("prod.tfvars", "hcl2"),
        (".gitignore", "ignore"),
        (".env.local", "dotenv"),
        ("prod.env", "dotenv"),
        ("etc/nginx.conf", "nginx"),
        ("Jenkinsfile", "groovy"),
        ("a.textpb", "textproto"),
        ("a.spdx", "spdx"),
        ("a.jsonc", "jsonc"),
        ("README", None),
        ("a.md", None),
        ("json", None),
    ],
)
def test_the_name_chooses(file: str, parser: str | None) -> None:
    assert parser_for(file) == parser


def test_a_parser_that_there_is_not_is_named_with_those_that_there_are() -> None:
    with pytest.raises(NotFound, match=PARSERS[0]):
        parse(b"", file="a.json", parser="jsn")
    with pytest.raises(NotFound, match="no parser"):
        parse(b"", file="README")
