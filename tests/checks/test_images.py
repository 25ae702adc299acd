"""Each image of a manifest is a view of its own, named with the registry that a reference leaves out."""

from __future__ import annotations

import pytest

from checks.asking import ask, item
from graven.checks.images import filled_images, image, images_of, written_images
from graven.checks.subjects import Item
from graven.documents.yaml import expand_lists, parse

SIGNED = """package helm.images
deny[msg] {
  image := input.values.image
  not startswith(image.repository, "ghcr.io/signed/")
  msg := sprintf("Image %v must come from signed registry", [image.repository])
}
"""
POD = """apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  initContainers:
  - name: setup
    image: busybox:1.36
  containers:
  - name: web
    image: ghcr.io/signed/web:1.0
  - name: side
    image: quay.io/x/side
"""


@pytest.mark.parametrize(
    ("reference", "repository", "tag", "digest"),
    [
        ("nginx", "docker.io/library/nginx", "latest", None),
        ("nginx:1.27", "docker.io/library/nginx", "1.27", None),
        ("team/web:1", "docker.io/team/web", "1", None),
        ("docker.io/nginx", "docker.io/library/nginx", "latest", None),
        ("localhost/web", "localhost/web", "latest", None),
        ("host:5000/a/b:2", "host:5000/a/b", "2", None),
        ("host:5000/a/b", "host:5000/a/b", "latest", None),
        ("ghcr.io/a/b@sha256:00ff", "ghcr.io/a/b", None, "sha256:00ff"),
        ("ghcr.io/a/b:3@sha256:00ff", "ghcr.io/a/b", "3", "sha256:00ff"),
    ],
)
def test_a_reference_is_read_as_docker_reads_it(
    reference: str, repository: str, tag: str | None, digest: str | None
) -> None:
    found = image(reference)
    assert (found["repository"], found.get("tag"), found.get("digest")) == (repository, tag, digest)
    assert found["repository"].startswith(found["registry"] + "/")


@pytest.mark.parametrize(
    "reference",
    ["two words", "ghcr.io/signed/two words", "ghcr.io/signed/../evil", "ghcr.io/signed//x", "a/B", "/x", "x:"],
)
def test_what_is_no_reference_is_shown_as_such_and_passes_no_rule_about_registries(reference: str) -> None:
    assert image(reference) == {"registry": "", "repository": f"(malformed) {reference}"}


def test_an_image_that_is_not_named_is_shown_as_such() -> None:
    assert image("") == {"registry": "", "repository": "(none)"}


OWN = """apiVersion: example.com/v1
kind: Task
metadata: {name: t}
spec:
  image: a
  steps: [{name: s, image: b}]
  template: {spec: {containers: [{name: c, image: c}]}}
  values: {image: {registry: r.example, repository: d, tag: 1, digest: "sha256:00"}}
  other: {image: {pullPolicy: Always}}
"""


def test_a_resource_of_its_own_kind_may_say_its_image_anywhere() -> None:
    [subject] = item(OWN).subjects
    found = [(view.value["values"]["image"]["reference"], view.address) for view in images_of(subject)]
    assert found == [
        ("a", "Task/t spec"),
        ("b", "Task/t spec.steps.0"),
        ("c", "Task/t c"),
        ("r.example/d:1@sha256:00", "Task/t spec.values"),
    ]


@pytest.mark.parametrize("version", ["v1", "apps/v1", "apiextensions.k8s.io/v1"])
def test_what_kubernetes_brings_says_its_images_where_they_belong(version: str) -> None:
    [subject] = item(OWN.replace("example.com/v1", version)).subjects
    assert [view.value["values"]["image"]["reference"] for view in images_of(subject)] == ["c"]


def test_items_of_a_list_of_a_kind_are_of_that_kind() -> None:
    text = b"{apiVersion: v1, kind: PodList, items: [{spec: {containers: [{image: a}]}}, 1]}"
    first, second = expand_lists(parse(text))
    assert (first.value["kind"], first.value["apiVersion"], second.value) == ("Pod", "v1", 1)
    assert str(first.position(("spec",))) == "line 1, column 48"


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Deployment", "{spec: {template: {spec: %s}}}"),
        ("CronJob", "{spec: {jobTemplate: {spec: {template: {spec: %s}}}}}"),
        ("Rollout", "{spec: {template: {spec: %s}}}"),
        ("PodTemplate", "{template: {spec: %s}}"),
    ],
)
def test_every_kind_of_workload_is_looked_through(kind: str, path: str) -> None:
    spec = "{initContainers: [{image: a}], containers: [{image: b}], ephemeralContainers: [{image: c}]}"
    text = "{apiVersion: v1, kind: %s, %s" % (kind, (path % spec)[1:])  # noqa: UP031 - braces of YAML
    [subject] = item(text).subjects
    assert [view.value["values"]["image"]["reference"] for view in images_of(subject)] == ["a", "b", "c"]


def test_the_white_paper_s_rule_refuses_each_image_that_is_not_from_there_and_names_it() -> None:
    manifest = item(POD)
    views = tuple(view for subject in manifest.subjects for view in images_of(subject))
    found, problems = ask(SIGNED, Item("a.yaml", manifest.subjects, views), "helm.images")
    assert [(one.message, one.place and one.place.line, one.address) for one in found.failures] == [
        ("Image docker.io/library/busybox must come from signed registry", 7, "Pod/web init container setup"),
        ("Image quay.io/x/side must come from signed registry", 12, "Pod/web side"),
    ]
    assert (found.successes, problems) == (1, ())


def test_images_that_templates_write_out_are_found_and_those_that_are_filled_in_are_counted() -> None:
    text = (
        'image: "a/b:1"\n- image: {{ .Values.x }}\nc: [{name: d, image: postgres}]\n# none\nimagePullPolicy: Always\n'
    )
    found = [
        (view.value["values"]["image"]["reference"], view.place(()).line) for view in written_images(text, "t.yaml")
    ]
    assert found == [("a/b:1", 1), ("postgres", 3)]
    assert filled_images(text) == 1
