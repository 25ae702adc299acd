"""``graven admission manifests``: the webhook configurations of a cluster."""

from __future__ import annotations

import argparse
import base64
import sys
from pathlib import Path
from typing import Any

from graven.cli.client import Client, add_server, server_url
from graven.cli.output import add_output, emit
from graven.errors import Malformed, NotFound

__all__ = ["HELP", "configure", "manifests", "run"]

HELP = """Print the webhook configurations that make a cluster ask graven before a workload runs.

The cluster is registered for a stage and gets a secret path of its own; printing again gives it a new one. The
configuration fails closed: with graven down, nothing new starts, but for the exempted namespaces.

Example:
  graven admission manifests prod-1 --stage production --exempt monitoring | kubectl apply -f -
"""

_RULES = (
    ("", ("pods", "pods/ephemeralcontainers", "replicationcontrollers", "podtemplates")),
    ("apps", ("deployments", "replicasets", "statefulsets", "daemonsets")),
    ("batch", ("jobs", "cronjobs")),
)
_ALWAYS_EXEMPT = ("kube-system",)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    made = verbs.add_parser("manifests", help="register a cluster and print its webhook configurations")
    made.add_argument("cluster", help="a name for the cluster, such as prod-1")
    made.add_argument("--stage", required=True, help="the stage whose digests may run there")
    made.add_argument(
        "--server", help="the https address under which the API server reaches graven (default: GRAVEN_URL)"
    )
    made.add_argument("--timeout", type=int, default=5, help="seconds that the API server waits (1 to 30; default: 5)")
    made.add_argument(
        "--exempt", action="append", default=[], metavar="NAMESPACE", help="a namespace that is not asked about"
    )
    add_server(made)
    add_output(made)


def run(args: argparse.Namespace) -> int:
    """Register the cluster and print."""
    server = (args.server or server_url(args)).rstrip("/")
    if not server.startswith("https://"):
        raise Malformed(
            f"got {server}, expected https: API servers call webhooks over TLS only",
            hint="start graven with --tls auto and give --server https://HOST:PORT",
        )
    if not 1 <= args.timeout <= 30:
        raise Malformed(f"got {args.timeout} seconds, expected 1 to 30", where="--timeout")
    with Client.of(args) as client:
        made = client.post("/api/v1/clusters", {"cluster": args.cluster, "stage": args.stage})
    ca = Path(args.ca_file).read_text() if args.ca_file else made["ca"]
    if ca is None:
        raise NotFound("the server has no CA of its own", hint="give the CA of its certificate with --ca-file")
    exempt = sorted({*_ALWAYS_EXEMPT, *args.exempt})
    path = f"{args.cluster}/{made['secret']}"
    found = manifests(server=server, path=path, ca=ca.encode(), timeout=args.timeout, exempt=exempt)
    emit(args, {"apiVersion": "v1", "kind": "List", "items": found}, lambda: _print(found))
    return 0


def manifests(*, server: str, path: str, ca: bytes, timeout: int, exempt: list[str]) -> list[dict[str, Any]]:
    """Make the two configurations; the mutating one pins, the validating one decides."""
    bundle = base64.b64encode(ca).decode()

    def webhook(verb: str, side_effects: str) -> dict[str, Any]:
        selector = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": exempt}
        return {
            "name": f"{verb}.admission.graven.dev",
            "clientConfig": {"url": f"{server}/admission/{verb}/{path}", "caBundle": bundle},
            "rules": [_rule(group, resources) for group, resources in _RULES],
            "failurePolicy": "Fail",
            "matchPolicy": "Equivalent",
            "sideEffects": side_effects,
            "timeoutSeconds": timeout,
            "admissionReviewVersions": ["v1"],
            "namespaceSelector": {"matchExpressions": [selector]},
        }

    mutating = webhook("mutate", "None") | {"reinvocationPolicy": "IfNeeded"}
    return [
        _configuration("MutatingWebhookConfiguration", mutating),
        _configuration("ValidatingWebhookConfiguration", webhook("validate", "NoneOnDryRun")),
    ]


def _configuration(kind: str, webhook: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": "graven"},
        "webhooks": [webhook],
    }


def _rule(group: str, resources: tuple[str, ...]) -> dict[str, Any]:
    return {
        "apiGroups": [group],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": list(resources),
        "scope": "Namespaced",
    }


def _print(found: list[dict[str, Any]]) -> None:
    import yaml

    sys.stdout.write("# Whoever may change these objects can switch admission off: keep that right to few (RBAC).\n")
    sys.stdout.write(yaml.safe_dump_all(found, sort_keys=False, explicit_start=True))
