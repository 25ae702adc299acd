"""A real kube-apiserver asks graven before a workload runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conftest import Serve
from interop.cluster import Cluster
from interop.conftest import Peer
from promoted import Loop
from served import Served

pytestmark = pytest.mark.interop

EVERY_KIND = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "PodTemplate", "Pod")


@dataclass
class Guarded:
    """A cluster whose webhooks ask a server."""

    cluster: Cluster
    served: Served
    loop: Loop
    digest: str

    def image(self, tag: str = "1.0") -> str:
        return f"{self.served.host}/{self.loop.repository}:{tag}"


@pytest.fixture
def guarded(serve: Serve, peer: Peer, tmp_path: Path) -> Iterator[Guarded]:
    peers = Path(peer("kube-apiserver")).parent
    for name in ("etcd", "kubectl"):
        peer(name)
    served = serve("--tls", "auto")
    loop = Loop(served).prepare()
    found = loop.push("1.0")
    loop.promote("1.0")
    cluster = Cluster(tmp_path, peers)
    try:
        cluster.start()
        cluster.kubectl("create", "namespace", "shop")
        manifests = served.graven("admission", "manifests", "prod-1", "--stage", "production")
        cluster.kubectl("apply", "-f", "-", data=manifests)
        yield Guarded(cluster, served, loop, found)
    finally:
        cluster.stop()


def _workload(kind: str, image: str, name: str) -> str:
    pod = {"containers": [{"name": "main", "image": image}]}
    template = {"metadata": {"labels": {"app": name}}, "spec": pod}
    selected: dict[str, Any] = {"selector": {"matchLabels": {"app": name}}, "template": template}
    batch = {"template": {"spec": pod | {"restartPolicy": "Never"}}}
    shapes: dict[str, tuple[str, dict[str, Any]]] = {
        "Pod": ("v1", {"spec": pod}),
        "PodTemplate": ("v1", {"template": template}),
        "Deployment": ("apps/v1", {"spec": selected}),
        "ReplicaSet": ("apps/v1", {"spec": selected}),
        "DaemonSet": ("apps/v1", {"spec": selected}),
        "StatefulSet": ("apps/v1", {"spec": selected | {"serviceName": name}}),
        "Job": ("batch/v1", {"spec": batch}),
        "CronJob": ("batch/v1", {"spec": {"schedule": "0 0 * * *", "jobTemplate": {"spec": batch}}}),
    }
    api, shape = shapes[kind]
    return json.dumps({"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "shop"}} | shape)


def test_a_cluster_runs_what_was_promoted_and_nothing_else(guarded: Guarded) -> None:
    apply = guarded.cluster.kubectl
    for kind in EVERY_KIND:
        apply("apply", "-f", "-", data=_workload(kind, guarded.image(), f"good-{kind.lower()}"))
    shown = apply("get", "pod", "good-pod", "-n", "shop", "-o", "jsonpath={.spec.containers[0].image}")
    assert shown == f"{guarded.image()}@{guarded.digest}", "the tag was rewritten to the digest"

    guarded.loop.push("2.0")
    guarded.loop.promote("2.0", "dev", "test")
    for kind in EVERY_KIND:
        for image, reason in (
            (guarded.image("2.0"), "was not promoted to production"),
            ("docker.io/library/nginx:1.27", "comes from docker.io"),
            (f"{guarded.image('9.9')}", "not pinned by digest"),
        ):
            said = apply("apply", "-f", "-", data=_workload(kind, image, f"bad-{kind.lower()}"), code=1)
            assert reason in said

    patch = json.dumps({"spec": {"containers": [{"name": "main", "image": "docker.io/library/nginx:1.27"}]}})
    assert "comes from docker.io" in apply("patch", "pod", "good-pod", "-n", "shop", "-p", patch, code=1)
    apply("scale", "deployment", "good-deployment", "-n", "shop", "--replicas=3")
    apply("annotate", "pod", "good-pod", "-n", "shop", "note=unchanged-images-are-not-asked-again")
    debug = ("debug", "good-pod", "-n", "shop", "--image=docker.io/library/busybox:1", "--attach=false")
    assert "comes from docker.io" in apply(*debug, code=1)


def test_a_revoked_promotion_and_a_server_that_is_down_let_nothing_start(guarded: Guarded) -> None:
    apply = guarded.cluster.kubectl
    apply("apply", "-f", "-", data=_workload("Pod", guarded.image(), "before"))
    dry = apply("apply", "--dry-run=server", "-f", "-", data=_workload("Pod", guarded.image(), "dry"))
    assert "created (server dry run)" in dry
    target = f"production/{guarded.loop.repository}@{guarded.digest}"
    guarded.served.graven("revoke", "promotion", target, "--reason", "it leaks")
    said = apply("apply", "-f", "-", data=_workload("Pod", guarded.image(), "after"), code=1)
    assert "was revoked: it leaks" in said
    events = [row["event"] for row in guarded.served.json("audit", "log", "--limit", "1000")["events"]]
    answers = [event["outcome"] for event in events if event["type"] == "admission.answer"]
    assert answers == ["success", "denied"], "each answer but the dry run's is an event"

    guarded.served.stop()
    said = apply("apply", "-f", "-", data=_workload("Pod", guarded.image(), "down"), code=1)
    assert "failed calling webhook" in said
