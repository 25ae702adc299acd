"""Where a Kubernetes object says which images it runs (Kubernetes API, ``PodSpec``); pure.

Covered: every workload kind that holds a pod spec, its containers, init containers (sidecars are among them), ephemeral
containers and image volumes. A kind that is not known is not guessed at: it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graven.errors import Malformed, Unsupported

__all__ = ["POD_SPECS", "WITHOUT_IMAGES", "WorkloadImage", "workload_images"]

POD_SPECS: Mapping[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "PodTemplate": ("template", "spec"),
    "ReplicationController": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "Deployment": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
"""Path of the pod spec in each kind."""

WITHOUT_IMAGES = frozenset(
    {
        "Scale",
        "Binding",
        "Eviction",
        "PodExecOptions",
        "PodAttachOptions",
        "PodPortForwardOptions",
        "PodProxyOptions",
        "TokenRequest",
    }
)
"""Kinds that reach a webhook as subresources of workloads and say nothing about images."""

_LISTS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True, slots=True)
class WorkloadImage:
    """One image that a workload asks for."""

    pointer: str
    """JSON Pointer (RFC 6901) of the string in the object."""
    reference: str
    """As written."""
    name: str
    """The container's or the volume's name, for people."""


def workload_images(kind: str, document: Mapping[str, Any]) -> tuple[WorkloadImage, ...]:
    """Find all images of an object.

    Raises:
        Unsupported: a kind whose pod spec's place is not known.
        Malformed: the object is not shaped as its kind says.
    """
    if kind in WITHOUT_IMAGES:
        return ()
    path = POD_SPECS.get(kind)
    if path is None:
        raise Unsupported(
            f"got the kind {kind!r}, expected one of {', '.join(POD_SPECS)}",
            hint="let the webhook's rules name only workload kinds: graven admission manifests prints them",
        )
    spec: Any = document
    for step in path:
        spec = spec.get(step) if isinstance(spec, Mapping) else None
    if not isinstance(spec, Mapping):
        raise Malformed(f"got a {kind} without {'.'.join(path)}", where=kind)
    return tuple(_images(spec, "/" + "/".join(path)))


def _images(spec: Mapping[str, Any], at: str) -> Iterator[WorkloadImage]:
    for member in _LISTS:
        for index, container in enumerate(_list(spec, member, at)):
            yield _image(container, "image", f"{at}/{member}/{index}", str(container.get("name", "")))
    for index, volume in enumerate(_list(spec, "volumes", at)):
        if isinstance(volume.get("image"), Mapping):
            where = f"{at}/volumes/{index}/image"
            yield _image(volume["image"], "reference", where, str(volume.get("name", "")))


def _list(spec: Mapping[str, Any], member: str, at: str) -> list[Mapping[str, Any]]:
    found = spec.get(member)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise Malformed("expected a list of objects", where=f"{at}/{member}")
    return found


def _image(holder: Mapping[str, Any], member: str, at: str, name: str) -> WorkloadImage:
    reference = holder.get(member, "")
    if not isinstance(reference, str):
        raise Malformed(f"got {reference!r}, expected an image reference", where=f"{at}/{member}")
    return WorkloadImage(f"{at}/{member}", reference, name)
