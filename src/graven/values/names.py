"""Names of repositories, tags and files, and references to artifacts (distribution-spec, "Pulling manifests")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NewType

from graven.errors import Malformed
from graven.values.digest import Digest

__all__ = ["Reference", "RepositoryName", "StageName", "Tag", "repository_name", "stage_name", "tag"]

RepositoryName = NewType("RepositoryName", str)
"""A name that matched the specification's pattern and leaves room for a host."""

Tag = NewType("Tag", str)
"""A tag that matched the specification's pattern."""

StageName = NewType("StageName", str)
"""A stage: lower-case letters, digits and inner hyphens, at most 63 characters (a DNS label)."""

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
_STAGE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_HOST = re.compile(r"(?:[a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")
_MAX_NAME = 200
"""Clients limit host, slash and name together to 255 characters."""


def repository_name(text: str) -> RepositoryName:
    """Read a repository's name.

    >>> repository_name("team/web")
    'team/web'

    Raises:
        Malformed: it does not match the specification's pattern, or is too long.
    """
    if len(text) > _MAX_NAME or not _NAME.fullmatch(text):
        raise Malformed(
            f"got {text[:260]!r}, expected a repository name of at most {_MAX_NAME} characters: lower-case letters and "
            "digits, parted by single '.', '_', '__' or '-', in folders parted by '/'",
            where="name",
        )
    return RepositoryName(text)


def tag(text: str) -> Tag:
    """Read a tag.

    Raises:
        Malformed: it does not match the specification's pattern.
    """
    if not _TAG.fullmatch(text):
        raise Malformed(
            f"got {text[:160]!r}, expected a tag: up to 128 of letters, digits, '_', '.', '-', the first no '.' or '-'",
            where="tag",
        )
    return Tag(text)


def stage_name(text: str) -> StageName:
    """Read a stage's name.

    Raises:
        Malformed: it is no DNS label.
    """
    if not _STAGE.fullmatch(text):
        raise Malformed(f"got {text[:100]!r}, expected a stage name such as 'test': lower-case letters, digits, '-'")
    return StageName(text)


@dataclass(frozen=True, slots=True)
class Reference:
    """Points at an artifact: ``[HOST[:PORT]/]NAME[:TAG][@DIGEST]``; the digest wins over the tag.

    The host is told from the name as docker tells it: it holds a dot or a colon, or is ``localhost``.

    >>> str(Reference.parse("127.0.0.1:5000/app/web:1.0"))
    '127.0.0.1:5000/app/web:1.0'
    >>> Reference.parse("app/web:1.0").host is None
    True
    """

    host: str | None
    repository: RepositoryName
    tag: Tag | None
    digest: Digest | None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read a reference.

        Raises:
            Malformed: one of its parts is not what it should be, or it has neither tag nor digest.
        """
        rest, at, digest_text = text.partition("@")
        host = None
        first, slash, tail = rest.partition("/")
        if slash and ("." in first or ":" in first or first == "localhost") and _HOST.fullmatch(first):
            host, rest = first, tail
        name, colon, tag_text = rest.partition(":")
        if not at and not colon:
            raise Malformed(f"got {text[:260]!r}, expected NAME:TAG or NAME@DIGEST", where="reference")
        return cls(
            host,
            repository_name(name),
            tag(tag_text) if colon else None,
            Digest.parse(digest_text) if at else None,
        )

    @property
    def target(self) -> str:
        """The digest, or else the tag: what stands in the path of a request."""
        return str(self.digest or self.tag)

    def __str__(self) -> str:
        host = f"{self.host}/" if self.host else ""
        tagged = f":{self.tag}" if self.tag else ""
        pinned = f"@{self.digest}" if self.digest else ""
        return f"{host}{self.repository}{tagged}{pinned}"
