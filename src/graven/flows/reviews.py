"""Reads an AdmissionReview and writes its answer (Kubernetes, admission.k8s.io/v1)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graven.errors import Malformed, Unsupported
from graven.values import canonical

__all__ = ["Review", "parse_review"]

_API = "admission.k8s.io/v1"
_WARNING = 256
"""Longer warnings are cut by the API server."""


@dataclass(frozen=True, slots=True)
class Review:
    """What an API server asks."""

    uid: str
    kind: str
    operation: str
    subresource: str
    namespace: str
    name: str
    dry_run: bool
    document: Mapping[str, Any] | None
    old: Mapping[str, Any] | None

    @property
    def workload(self) -> str:
        """``KIND NAMESPACE/NAME``, for the journal and for people."""
        return f"{self.kind} {self.namespace}/{self.name}"

    @property
    def brings_images(self) -> bool:
        """Tell whether the request can bring in images: deletions and status updates cannot."""
        return self.operation in ("CREATE", "UPDATE") and self.subresource != "status"

    def allow(self, *, patch: Sequence[Mapping[str, str]] = (), warnings: Sequence[str] = ()) -> dict[str, Any]:
        """Write the answer yes; patch and patchType stand both or neither."""
        response: dict[str, Any] = {"uid": self.uid, "allowed": True}
        if patch:
            encoded = base64.b64encode(json.dumps(list(patch)).encode()).decode()
            response |= {"patchType": "JSONPatch", "patch": encoded}
        if warnings:
            response["warnings"] = [warning[:_WARNING] for warning in warnings]
        return self._answer(response)

    def refuse(self, message: str) -> dict[str, Any]:
        """Write the answer no; the message is what kubectl prints."""
        status = {"code": 403, "reason": "Forbidden", "message": message}
        return self._answer({"uid": self.uid, "allowed": False, "status": status})

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        return {"apiVersion": _API, "kind": "AdmissionReview", "response": response}


def parse_review(data: bytes) -> Review:
    """Read an AdmissionReview.

    Raises:
        Malformed: it is no JSON, or not shaped as a review.
        Unsupported: of another version than admission.k8s.io/v1.
    """
    document = canonical.loads(data, where="AdmissionReview")
    if not isinstance(document, dict) or document.get("kind") != "AdmissionReview":
        raise Malformed("got no AdmissionReview", where="body", hint="POST what a kube-apiserver sends to a webhook")
    if document.get("apiVersion") != _API:
        raise Unsupported(f"got the version {document.get('apiVersion')!r}, expected {_API}", where="apiVersion")
    request = document.get("request")
    if not isinstance(request, dict):
        raise Malformed("got a review without a request", where="request")
    return Review(
        uid=_text(request, "uid", required=True),
        kind=_text(_object(request, "kind") or {}, "kind", required=True),
        operation=_text(request, "operation", required=True),
        subresource=_text(request, "subResource"),
        namespace=_text(request, "namespace"),
        name=_text(request, "name") or _generated(request),
        dry_run=request.get("dryRun") is True,
        document=_object(request, "object"),
        old=_object(request, "oldObject"),
    )


def _text(holder: Mapping[str, Any], member: str, *, required: bool = False) -> str:
    found = holder.get(member)
    if found is None and not required:
        return ""
    if not isinstance(found, str) or (required and not found):
        raise Malformed(f"got {found!r}, expected a text", where=f"request.{member}")
    return found


def _object(holder: Mapping[str, Any], member: str) -> Mapping[str, Any] | None:
    found = holder.get(member)
    if found is not None and not isinstance(found, dict):
        raise Malformed(f"got {type(found).__name__}, expected an object", where=f"request.{member}")
    return found


def _generated(request: Mapping[str, Any]) -> str:
    """Pods of controllers have no name yet when they are asked about, only the beginning of one."""
    metadata = (request.get("object") or {}).get("metadata")
    stem = metadata.get("generateName") if isinstance(metadata, dict) else None
    return f"{stem}*" if isinstance(stem, str) else ""
