"""AdmissionReviews as a kube-apiserver sends them, for the demo's workloads."""

from __future__ import annotations

import json
import uuid
from typing import Any

__all__ = ["cron_job", "deployment", "pod"]


def pod(image: str, name: str = "web") -> str:
    return _review("Pod", "v1", "", "pods", {"metadata": _meta(name), "spec": _pod_spec(image)})


def deployment(image: str, name: str = "web") -> str:
    template = {"metadata": {"labels": {"app": name}}, "spec": _pod_spec(image)}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": name}}, "template": template}
    return _review("Deployment", "v1", "apps", "deployments", {"metadata": _meta(name), "spec": spec})


def cron_job(image: str, name: str = "report") -> str:
    template = {"spec": _pod_spec(image) | {"restartPolicy": "OnFailure"}}
    spec = {"schedule": "0 6 * * *", "jobTemplate": {"spec": {"template": template}}}
    return _review("CronJob", "v1", "batch", "cronjobs", {"metadata": _meta(name), "spec": spec})


def _pod_spec(image: str) -> dict[str, Any]:
    return {"containers": [{"name": "main", "image": image, "imagePullPolicy": "IfNotPresent"}]}


def _meta(name: str) -> dict[str, str]:
    return {"name": name, "namespace": "shop"}


def _review(kind: str, version: str, group: str, resource: str, document: dict[str, Any]) -> str:
    api = f"{group}/{version}" if group else version
    request = {
        "uid": str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(document, sort_keys=True))),
        "kind": {"group": group, "version": version, "kind": kind},
        "resource": {"group": group, "version": version, "resource": resource},
        "requestKind": {"group": group, "version": version, "kind": kind},
        "requestResource": {"group": group, "version": version, "resource": resource},
        "name": document["metadata"]["name"],
        "namespace": "shop",
        "operation": "CREATE",
        "userInfo": {"username": "deployer", "groups": ["system:authenticated"]},
        "object": {"kind": kind, "apiVersion": api} | document,
        "oldObject": None,
        "dryRun": False,
        "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
    }
    return json.dumps({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request})
