"""The rules that ship with graven, in Rego v1, with their tests; nothing in them is special but that they are here."""

from __future__ import annotations

from importlib import resources

__all__ = ["modules", "stages"]


def modules(*, tests: bool = False) -> dict[str, str]:
    """Give the sources of the shipped rules by file name; with their Rego tests if asked for."""
    folder = resources.files(__name__)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".rego"))
    wanted = (name for name in names if tests or not name.endswith("_test.rego"))
    return {name: folder.joinpath(name).read_text("utf-8") for name in wanted}


def stages() -> bytes:
    """Give the stages document that a new server starts with."""
    return resources.files(__name__).joinpath("stages.yaml").read_bytes()
