"""Owns the view of one container image: where manifests say which images run, and what a reference names; pure.

A reference is read as Docker reads it (distribution/reference): a first part with a dot, a colon, or that is
``localhost`` is a registry; without one it is ``docker.io``, whose images without a folder are under ``library/``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graven.checks.subjects import Subject
from graven.checks.views import IMAGE
from graven.documents.position import Document, Path

__all__ = ["filled_images", "image", "images_of", "written_images"]

_LISTS = ("initContainers", "containers", "ephemeralContainers")
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<name>(?:(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]+)?/)?(?:{_PART}/)*{_PART})"
    r"(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>[a-z0-9+._-]+:[0-9a-fA-F]+))?",
    re.ASCII,
)
_WRITTEN = re.compile(
    r"""(?:^|[\s{,-])(image:[ \t]*)(?:"([^"{}\n]+)"|'([^'{}\n]+)'|([^\s"'{},#]+))(?=[ \t]*(?:[,}#]|$))""", re.MULTILINE
)
_FILLED = re.compile(r"""(?:^|[\s{,-])image:[ \t]*["']?[^\n]*\{\{""", re.MULTILINE)


def image(reference: str) -> dict[str, str]:
    """Read what a reference to an image names; a tag or digest that it does not name is not there.

    >>> image("nginx")
    {'registry': 'docker.io', 'repository': 'docker.io/library/nginx', 'tag': 'latest'}
    >>> image("ghcr.io/signed/web:1.2@sha256:ab")["repository"]
    'ghcr.io/signed/web'
    >>> image("ghcr.io/signed/../web")["repository"]
    '(malformed) ghcr.io/signed/../web'
    """
    found = _REFERENCE.fullmatch(reference.strip())
    if found is None:
        return {"registry": "", "repository": f"(malformed) {reference}" if reference else "(none)"}
    first, slash, rest = found["name"].partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        first, rest = "docker.io", found["name"] if slash else f"library/{found['name']}"
    elif first in ("index.docker.io", "registry-1.docker.io", "docker.io"):
        first, rest = "docker.io", rest if "/" in rest else f"library/{rest}"
    view = {"registry": first, "repository": f"{first}/{rest}"}
    tag = found["tag"] or ("" if found["digest"] else "latest")
    return view | {key: value for key, value in (("tag", tag), ("digest", found["digest"])) if value}


def images_of(subject: Subject) -> Iterator[Subject]:
    """Give the view of each image that a manifest runs, wherever in it a list of containers stands."""
    value = subject.value
    if not (isinstance(value, Mapping) and isinstance(value.get("kind"), str) and "apiVersion" in value):
        return
    if value["kind"].endswith("List") and isinstance(value.get("items"), list):
        return  # its items are documents of their own
    metadata = value.get("metadata")
    name = metadata.get("name", "") if isinstance(metadata, Mapping) else ""
    for path, reference, container in _found(value, (), own=_is_own(str(value["apiVersion"]))):
        where = f"{value['kind']}/{name} {container}".strip()
        yield _view(reference, subject.document, (*subject.prefix, *path), where)


def _view(reference: Any, document: Document, path: Path, address: str) -> Subject:
    text = reference if isinstance(reference, str) else ""
    value = {"values": {"image": {**image(text), "reference": text}}}
    return Subject(value, document, path, view=IMAGE, address=address, translate=lambda _path: path)


def _is_own(version: str) -> bool:
    """Say whether a kind is one of those that Kubernetes does not bring, whose image may stand anywhere."""
    group, slash, _ = version.partition("/")
    return bool(slash) and "." in group and not group.endswith(".k8s.io")


def _found(value: Any, path: Path, *, own: bool) -> Iterator[tuple[Path, Any, str]]:
    """Find each image: its path, what is written there, and the name of its container."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _found(item, (*path, index), own=own)
    if not isinstance(value, Mapping):
        return
    for key, item in value.items():
        if key in _LISTS and isinstance(item, list):
            yield from _containers(item, (*path, key))
        elif key == "volumes" and isinstance(item, list):
            yield from _volumes(item, (*path, key))
        elif key == "image" and own and path and _reference(item):
            yield (*path, key), _reference(item), ".".join(map(str, path))
        else:
            yield from _found(item, (*path, key), own=own)


def _reference(value: Any) -> str:
    """Give the reference that the field ``image`` of a custom resource says, in a text or in its parts."""
    if isinstance(value, str):
        return value
    repository = value.get("repository") if isinstance(value, Mapping) else None
    if not isinstance(repository, str):
        return ""
    parts = [str(value.get(key) or "") for key in ("registry", "tag", "digest")]
    registry, tag, digest = (parts[0].rstrip("/") + "/" if parts[0] else "", parts[1], parts[2])
    return f"{registry}{repository}{':' + tag if tag else ''}{'@' + digest if digest else ''}"


def _containers(found: list[Any], path: Path) -> Iterator[tuple[Path, Any, str]]:
    kind = {"initContainers": "init container ", "ephemeralContainers": "ephemeral container "}.get(str(path[-1]), "")
    for index, container in enumerate(found):
        if isinstance(container, Mapping) and "image" in container:
            yield (*path, index, "image"), container["image"], f"{kind}{container.get('name', index)}"


def _volumes(found: list[Any], path: Path) -> Iterator[tuple[Path, Any, str]]:
    for index, volume in enumerate(found):
        source = volume.get("image") if isinstance(volume, Mapping) else None
        if isinstance(source, Mapping) and "reference" in source:
            yield (*path, index, "image", "reference"), source["reference"], f"volume {volume.get('name', index)}"


def written_images(text: str, file: str) -> Iterator[Subject]:
    """Give the view of each image that a template writes out, without anything that Helm would fill in."""
    from graven.documents.position import Position

    for found in _WRITTEN.finditer(text):
        reference = found[2] or found[3] or found[4]
        line = text.count("\n", 0, found.start(1)) + 1
        column = found.start(1) - text.rfind("\n", 0, found.start(1)) + len(found[1])
        document = Document(reference, {(): Position(line, column)}, file)
        yield _view(reference, document, (), f"{file} line {line}")


def filled_images(text: str) -> int:
    """Count the images of a template that Helm would fill in."""
    return len(_FILLED.findall(text))
