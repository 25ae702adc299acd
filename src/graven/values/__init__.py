"""The values that all rooms speak in: parsed once, frozen, equal by value. No I/O and no clock."""

from __future__ import annotations

from graven.values.artifact import Component, Descriptor, Distro
from graven.values.digest import Algorithm, Digest, Hasher
from graven.values.identity import ANONYMOUS, SYSTEM, Action, Caller, Scope
from graven.values.moment import format_moment, parse_moment, uuid7
from graven.values.names import Reference, RepositoryName, StageName, Tag, repository_name, stage_name, tag
from graven.values.purl import Purl

__all__ = [
    "ANONYMOUS",
    "SYSTEM",
    "Action",
    "Algorithm",
    "Caller",
    "Component",
    "Descriptor",
    "Digest",
    "Distro",
    "Hasher",
    "Purl",
    "Reference",
    "RepositoryName",
    "Scope",
    "StageName",
    "Tag",
    "format_moment",
    "parse_moment",
    "repository_name",
    "stage_name",
    "tag",
    "uuid7",
]
