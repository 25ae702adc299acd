"""What helm rendered has the place of the template's line that wrote it, in the folder as it is."""

from __future__ import annotations

import pytest

from graven.checks.charts import Chart, settled
from graven.documents import Document, parse

WEB = """kind: Deployment
spec:
  containers:
  - image: {{ include "web" . | quote }}
  - image: nginx:1
---
kind: Scaler
target:
  kind: Deployment
  image: {{ .Values.scaler }}
---
apiVersion: v1
kind: List
items:
- kind: CronJob
  spec: {containers: [{name: a, image: {{ .Values.job }}}]}
- kind: Job
  spec:
    containers: [{image: "{{ .Values.other }}"}]
---
spec:
  image: {{ .Values.late }}
"""
DB = Chart("c/charts/db", {"name": "db"}, Document({}, {}), {"c/charts/db/templates/db.yaml": "kind: Pod\nimage: x\n"})
CHART = Chart(
    "c",
    {"name": "shop", "dependencies": [{"name": "db", "alias": "store"}]},
    Document({}, {}),
    {"c/templates/web.yaml": WEB, **DB.templates},
    (DB,),
)


def placed(text: str, *path: str | int, source: str = "shop/templates/web.yaml") -> tuple[str, int]:
    (found,) = parse(text.encode(), file="rendered.yaml")
    document = settled(CHART, Document(found.value, found.places, source=source))
    return document.file, document.position(path).line


@pytest.mark.parametrize(
    ("text", "index", "line"),
    [
        ("{kind: Deployment, spec: {containers: [{image: web}, {image: 'nginx:1'}]}}", 0, 4),
        ("{kind: Deployment, spec: {containers: [{image: web}, {image: 'nginx:1'}]}}", 1, 5),
        ("{kind: CronJob, spec: {containers: [{image: busybox}]}}", 0, 16),
        ("{kind: Job, spec: {containers: [{image: busybox}]}}", 0, 19),
    ],
)
def test_a_value_has_the_line_of_its_own_kind_that_may_have_written_it(text: str, index: int, line: int) -> None:
    assert placed(text, "spec", "containers", index, "image") == ("c/templates/web.yaml", line)


def test_a_kind_that_is_only_spoken_of_ends_none() -> None:
    assert placed("{kind: Scaler, target: {kind: Deployment, image: s}}", "target", "image") == (
        "c/templates/web.yaml",
        10,
    )


def test_what_no_line_says_has_the_place_of_the_template() -> None:
    assert placed("{kind: Deployment, replicas: 3}", "replicas") == ("c/templates/web.yaml", 1)


def test_a_kind_that_the_template_fills_in_is_looked_for_everywhere() -> None:
    assert placed("{kind: Filled, spec: {image: x}}", "spec", "image")[1] == 4


def test_a_subchart_with_an_alias_is_found_in_its_folder() -> None:
    found = placed("{kind: Pod, image: x}", "image", source="shop/charts/store/templates/db.yaml")
    assert found == ("c/charts/db/templates/db.yaml", 2)
