"""The white paper's two rules, word for word in Rego v0, refuse what they say they refuse, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interop.conftest import PEERS

BUCKETS = """package terraform.aws
deny[msg] {
  input.type == "aws_s3_bucket"
  not input.values.versioning[0].enabled
  msg := "S3 buckets must have versioning enabled for immutable storage"
}
"""
IMAGES = """package helm.images
deny[msg] {
  image := input.values.image
  not startswith(image.repository, "ghcr.io/signed/")
  msg := sprintf("Image %v must come from signed registry", [image.repository])
}
"""
MAIN = """resource "aws_s3_bucket" "bare" {
  bucket = "a"
}

resource "aws_s3_bucket" "on" {
  versioning {
    enabled = true
  }
}

resource "aws_s3_bucket" "by_default" {
  versioning {
    enabled = var.versioned
  }
}

resource "aws_s3_bucket" "off" {
  versioning {
    enabled = false
  }
}

resource "aws_s3_bucket" "unknown" {
  versioning {
    enabled = var.nobody_says
  }
}

resource "aws_sqs_queue" "other" {}

module "logs" {
  source = "./modules/logs"
}
"""
MODULE = 'resource "aws_s3_bucket" "inner" {\n  bucket = "z"\n}\n'

Run = Callable[..., tuple[int, list[tuple[str, int, str]], str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "buckets.rego").write_text(BUCKETS)
    (tmp_path / "policies" / "images.rego").write_text(IMAGES)

    def graven(
        *words: str, stdin: str = "", path: str = "/usr/bin:/bin"
    ) -> tuple[int, list[tuple[str, int, str]], str]:
        done = subprocess.run(
            [sys.executable, "-m", "graven", "test", *words, "--policy", "./policies", "-o", "full"],
            cwd=tmp_path,
            env=os.environ | {"PATH": path, "XDG_CACHE_HOME": str(tmp_path / "cache")},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
        assert done.stdout, done.stderr
        found = [
            (one["place"]["file"], one["place"]["line"], one.get("address", "") or one["msg"])
            for result in json.loads(done.stdout)
            for one in result.get("failures", [])
        ]
        return done.returncode, found, done.stderr

    return graven


def _lay(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_each_unversioned_bucket_is_refused_once_with_its_line(run: Run, tmp_path: Path) -> None:
    variable = 'variable "versioned" { default = true }\nvariable "nobody_says" {}\n'
    _lay(tmp_path, {"main.tf": MAIN, "variables.tf": variable, "modules/logs/main.tf": MODULE})
    for words in (("main.tf",), (".",)):
        code, found, _ = run(*words)
        assert code == 1
        assert sorted(found) == [
            ("main.tf", 1, "aws_s3_bucket.bare"),
            ("main.tf", 19, "aws_s3_bucket.off"),
            ("main.tf", 25, "aws_s3_bucket.unknown"),
            ("modules/logs/main.tf", 1, "module.logs.aws_s3_bucket.inner"),
        ]


def test_versioned_buckets_pass(run: Run, tmp_path: Path) -> None:
    _lay(tmp_path, {"main.tf": 'resource "aws_s3_bucket" "b" {\n  versioning {\n    enabled = true\n  }\n}\n'})
    assert run("main.tf")[:2] == (0, [])


EDGES = """data "aws_s3_bucket" "looked_up" {
  bucket = "a"
}
resource "aws_s3_bucket" "said" {
  versioning {
    enabled = "false"
  }
}
resource "aws_s3_bucket" "nothing" {
  versioning {
    enabled = null
  }
}
resource "aws_s3_bucket" "none" {
  count = 0
}
resource "aws_s3_bucket" "on" {
  versioning {
    enabled = "true"
  }
}
resource "aws_s3_bucket" "overridden" {
  versioning {
    enabled = true
  }
}
"""
OVERRIDE = 'resource "aws_s3_bucket" "overridden" {\n  versioning {\n    enabled = false\n  }\n}\n'


def test_what_terraform_makes_of_what_is_written_counts(run: Run, tmp_path: Path) -> None:
    _lay(tmp_path, {"main.tf": EDGES, "prod_override.tf": OVERRIDE})
    refused = [("main.tf", 6, "aws_s3_bucket.said"), ("main.tf", 11, "aws_s3_bucket.nothing")]
    refused += [("main.tf", 22, "aws_s3_bucket.overridden")]
    for words in ((".",), ("main.tf",), ("prod_override.tf",)):
        code, found, _ = run(*words)
        assert (code, sorted(found, key=lambda one: one[1])) == (1, refused)


def test_the_json_syntax_is_held_to_the_same_and_what_cannot_be_read_of_it_is_no_pass(run: Run, tmp_path: Path) -> None:
    buckets = {"on": {"versioning": {"enabled": "${var.on}"}}, "none": {"count": 0}, "bare": {"bucket": "x"}}
    said = {"variable": {"on": {"default": True}}, "resource": {"aws_s3_bucket": buckets}}
    _lay(tmp_path, {"main.tf.json": json.dumps(said, indent=1), "broken.tf.json": '{"locals": {"a": "${upper(}"}}'})
    code, found, told = run("main.tf.json", "broken.tf.json")
    assert (code, [address for _, _, address in found]) == (3, ["aws_s3_bucket.bare"])
    assert "broken.tf.json: line 1" in told


def _bucket(name: str, module: str = "", **values: Any) -> dict[str, Any]:
    address = f"{module}aws_s3_bucket.{name}"
    return {"address": address, "mode": "managed", "type": "aws_s3_bucket", "name": name, "values": values}


def test_a_plan_is_seen_by_the_same_rule_modules_included_and_secrets_excluded(run: Run, tmp_path: Path) -> None:
    secret = _bucket("off", versioning=[{"enabled": False}], token="hunter2")
    secret["sensitive_values"] = {"token": True}
    root = {
        "resources": [_bucket("on", versioning=[{"enabled": True}]), secret],
        "child_modules": [{"address": "module.logs", "resources": [_bucket("inner", "module.logs.")]}],
    }
    plan = {"format_version": "1.2", "planned_values": {"root_module": root}}
    leak = 'package leak\ndeny[msg] { walk(input, [_, v]); v == "hunter2"; msg := v }\n'
    _lay(tmp_path, {"plan.json": json.dumps(plan), "policies/leak.rego": leak})
    code, found, _ = run("plan.json")
    assert code == 1
    assert [address for _, _, address in found] == ["aws_s3_bucket.off", "module.logs.aws_s3_bucket.inner"]


def test_a_bucket_is_refused_once_where_its_plan_lies_beside_it(run: Run, tmp_path: Path) -> None:
    root = {"resources": [_bucket("both"), _bucket("planned")]}
    plan = {"format_version": "1.2", "planned_values": {"root_module": root}}
    text = 'resource "aws_s3_bucket" "both" {}\n\nresource "aws_s3_bucket" "written" {}\n'
    text += 'resource "aws_s3_bucket" "planned" {\n  versioning {\n    enabled = true\n  }\n}\n'
    _lay(tmp_path, {"main.tf": text, "plan.json": json.dumps(plan)})
    code, found, _ = run(".")
    assert (code, found) == (
        1,
        [
            ("main.tf", 1, "aws_s3_bucket.both"),
            ("main.tf", 3, "aws_s3_bucket.written"),
            ("main.tf", 5, "aws_s3_bucket.planned"),
        ],
    )


CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
    "chart/values.yaml": "image: {repository: ghcr.io/signed/web, tag: '1.0'}\nsetup: busybox:1.36\n",
    "chart/templates/web.yaml": """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
spec:
  template:
    spec:
      initContainers:
        - name: setup
          image: {{ .Values.setup }}
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
        - name: side
          image: quay.io/x/side:1
""",
    "chart/charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 0.1.0\n",
    "chart/charts/db/templates/db.yaml": """apiVersion: v1
kind: Pod
metadata: {name: db}
spec:
  containers: [{name: db, image: postgres}]
""",
}


def test_without_helm_images_written_out_are_seen_and_the_summary_says_that_nothing_was_rendered(
    run: Run, tmp_path: Path
) -> None:
    _lay(tmp_path, CHART)
    code, found, told = run("./chart")
    assert code == 1
    places = [(file, line) for file, line, _ in sorted(found)]
    assert places == [("chart/charts/db/templates/db.yaml", 5), ("chart/templates/web.yaml", 15)]
    assert "nothing was rendered" in told
    assert "2 that helm fills in were not" in told


def test_the_values_of_a_chart_are_a_view(run: Run, tmp_path: Path) -> None:
    _lay(tmp_path, {**CHART, "chart/values.yaml": "image: {repository: nginx}\nsetup: x\n"})
    _, found, _ = run("./chart")
    assert ("chart/values.yaml", 1, "Image nginx must come from signed registry") in found


@pytest.mark.interop
def test_a_rendered_chart_has_every_image_refused_that_is_not_from_there(run: Run, tmp_path: Path) -> None:
    _lay(tmp_path, CHART)
    found_helm = shutil.which("helm", path=f"{PEERS / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if found_helm is None:
        pytest.skip("helm is not installed: 'make peers' installs it")
    helm = Path(found_helm)
    code, found, _ = run("./chart", path=f"{helm.parent}:/usr/bin:/bin")
    assert code == 1
    assert sorted(found) == [
        ("chart/charts/db/templates/db.yaml", 5, "Pod/db db"),
        ("chart/templates/web.yaml", 10, "Deployment/release-name-web init container setup"),
        ("chart/templates/web.yaml", 15, "Deployment/release-name-web side"),
    ]
    rendered = subprocess.run([helm, "template", str(tmp_path / "chart")], capture_output=True, text=True, check=True)
    code, found, _ = run("-", stdin=rendered.stdout)
    assert code == 1
    assert [address for _, _, address in found] == [
        "Pod/db db",
        "Deployment/release-name-web init container setup",
        "Deployment/release-name-web side",
    ]
