"""The rules that ship with graven, asked by ``graven test`` about real kinds of files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

GOOD = """resource "aws_s3_bucket" "b" {
  bucket              = "b"
  object_lock_enabled = true
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "b" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = 30
    }
  }
}
"""
BARE = '\nresource "aws_s3_bucket" "bare" {\n  bucket = "x"\n}\n'
DIGEST = "sha256:" + "a" * 64
POD = """apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  securityContext: {runAsNonRoot: true}
  containers:
    - name: web
      image: ghcr.io/signed/web@DIGEST
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      resources: {limits: {memory: 1Gi}}
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def graven(*words: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "graven", "test", "--no-color", *words],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "Traceback" not in done.stderr
        return done

    return graven


def _found(done: subprocess.CompletedProcess[str]) -> list[str]:
    return re.findall(r"^(?:FAIL|WARN) - (.*)$", done.stdout, re.MULTILINE)


def test_a_bucket_that_other_resources_settle_passes_and_a_bare_one_does_not(run: Run, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(GOOD)
    done = run("main.tf", "--policy", "graven://storage")
    assert (done.returncode, _found(done)) == (0, [])
    assert "which no file has" not in done.stdout
    (tmp_path / "main.tf").write_text(GOOD + BARE)
    done = run("main.tf", "--policy", "graven://storage")
    assert done.returncode == 1
    assert "main.tf:26:1 - graven.storage.s3 - the bucket keeps no versions: what is overwritten is lost" in _found(
        done
    )
    assert all(line.startswith("main.tf:26:") for line in _found(done))


def test_a_plan_is_told_what_its_configuration_refers_to(run: Run, tmp_path: Path) -> None:
    def resource(kind: str, values: dict[str, Any]) -> dict[str, Any]:
        return {"address": f"{kind}.b", "mode": "managed", "type": kind, "name": "b", "values": values}

    versions = {"versioning_configuration": [{"status": "Enabled"}]}
    refers = {"bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}}
    plan = {
        "format_version": "1.2",
        "planned_values": {
            "root_module": {
                "resources": [resource("aws_s3_bucket", {}), resource("aws_s3_bucket_versioning", versions)]
            }
        },
        "configuration": {
            "root_module": {"resources": [{"address": "aws_s3_bucket_versioning.b", "expressions": refers}]}
        },
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    found = _found(run("plan.json", "--policy", "graven://storage"))
    assert not [line for line in found if "no versions" in line]
    assert [line for line in found if "objects are not locked" in line]


def test_an_image_by_digest_from_a_trusted_registry_passes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD.replace("DIGEST", DIGEST))
    (tmp_path / "trusted.yaml").write_text(f"trusted_registries: [ghcr.io/signed]\nsigned_digests: ['{DIGEST}']\n")
    words = ("pod.yaml", "--policy", "graven://kubernetes", "--data", "trusted.yaml")
    done = run(*words)
    assert (done.returncode, _found(done)) == (0, [])
    (tmp_path / "pod.yaml").write_text(POD.replace("@DIGEST", ":1.0").replace("ghcr.io/signed", "docker.io/other"))
    done = run(*words)
    assert done.returncode == 1
    assert [line.partition(" - graven.kubernetes.images - ")[2] for line in _found(done)] == [
        "no signature of docker.io/other/web:1.0 is known",
        "the image docker.io/other/web:1.0 is from no trusted registry",
        "the image docker.io/other/web:1.0 is not pinned by digest",
    ]


def test_without_a_list_of_trusted_registries_every_image_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD.replace("DIGEST", DIGEST))
    done = run("pod.yaml", "--policy", "graven://kubernetes")
    assert done.returncode == 1
    assert "nothing says which registries are trusted" in done.stdout


def test_a_dockerfile_is_looked_at(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nENV DB_PASSWORD=x\n")
    done = run("Dockerfile", "--policy", "graven://dockerfile")
    assert done.returncode == 1
    assert "DB_PASSWORD is in the image for everybody to read" in done.stdout


def test_a_set_that_there_is_not_is_named_with_those_that_there_are(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: 1\n")
    done = run("x.yaml", "--policy", "graven://cloud")
    assert done.returncode != 0
    assert "dockerfile, kubernetes, registries, storage" in done.stderr
