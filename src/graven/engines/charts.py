"""Owns the reading of chart folders, and their rendering by the ``helm`` on PATH: offline, with a time limit."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graven.checks.charts import Chart
from graven.documents import Document
from graven.documents.yaml import expand_lists, parse
from graven.errors import GravenError, Malformed, NotFound, Unavailable

__all__ = ["helm", "read", "render"]

_SECONDS = 60
_LIMIT = 64 << 20


def read(folder: str) -> Chart:
    """Read a chart and its subcharts.

    Raises:
        Malformed: ``Chart.yaml`` or ``values.yaml`` is no YAML.
        NotFound: a file cannot be read.
    """
    place = Path(folder)
    about = _yaml(place / "Chart.yaml").value
    subcharts = tuple(read(str(each)) for each in _folders(place / "charts") if (each / "Chart.yaml").is_file())
    templates = dict(_templates(place))
    for below in subcharts:
        templates |= below.templates
    packed = sum((below.packed for below in subcharts), tuple(map(str, sorted((place / "charts").glob("*.tgz")))))
    said = about if isinstance(about, dict) else {}
    return Chart(folder, said, _yaml(place / "values.yaml"), templates, subcharts, packed)


def _yaml(path: Path) -> Document:
    if not path.is_file():
        return Document({}, {}, str(path))
    try:
        return parse(path.read_bytes(), file=str(path))[0]
    except OSError as e:
        raise NotFound(f"cannot read the file: {e.strerror}", where=str(path)) from e


def _folders(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []


def _templates(chart: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((chart / "templates").rglob("*")):
        if path.suffix in (".yaml", ".yml", ".tpl") and path.is_file():
            try:
                yield str(path), path.read_bytes().decode()
            except UnicodeDecodeError as e:
                raise Malformed(f"not UTF-8 at byte {e.start}", where=str(path)) from e


def helm() -> str:
    """Give the ``helm`` on PATH; empty if there is none."""
    return shutil.which("helm") or ""


def render(folder: str, program: str) -> tuple[Document, ...]:
    """Render a chart as ``helm template`` does, with its own values.

    Raises:
        Unavailable: helm cannot render it, or not in time.
        Malformed: what it rendered is no YAML.
    """
    with tempfile.TemporaryDirectory(prefix="graven-helm-") as home:
        # a home of its own: no plugins, no repositories, no cluster
        homes = {f"HELM_{name}_HOME": f"{home}/{name.lower()}" for name in ("CACHE", "CONFIG", "DATA")}
        env = {"PATH": os.environ.get("PATH", ""), "HOME": home, "KUBECONFIG": os.devnull, **homes}
        text = _output([program, "template", str(Path(folder).resolve())], env, folder)
    try:
        found = parse(text, file=folder)
    except GravenError as e:
        raise Malformed(f"helm rendered what is no YAML: {e.message}", where=e.where or folder) from e
    said = tuple(document for document in found if document.value is not None)
    items = expand_lists(said)
    return said if items == said else (*said, *(item for item in items if item not in said))


def _output(command: list[str], env: dict[str, str], folder: str) -> bytes:
    try:
        done = subprocess.run(command, env=env, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - the chart's path is made absolute, so it is no option
    except (OSError, subprocess.TimeoutExpired) as e:
        raise Unavailable(f"helm does not answer: {e}", where=folder) from e
    if done.returncode or len(done.stdout) > _LIMIT:
        said: Any = " ".join(done.stderr.decode(errors="replace").split())[:500]
        raise Unavailable(f"helm cannot render the chart: {said}", where=folder, hint="mend the chart or its values")
    return done.stdout
