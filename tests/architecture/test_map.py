"""The map of the rooms in docs/explanation/rooms.md has one line for each package, and none for what is not there."""

from __future__ import annotations

import re

from architecture.tree import ROOT, SOURCE


def test_the_map_of_the_rooms_is_the_tree() -> None:
    text = (ROOT / "docs" / "explanation" / "rooms.md").read_text()
    told = set(re.findall(r"^\| `([a-z_]+)/?` \|", text, re.MULTILINE))
    entries = (p for p in SOURCE.iterdir() if not p.name.startswith("__") and p.name != "py.typed")
    there = {p.name.removesuffix(".py") for p in entries if p.is_dir() or p.suffix == ".py"}
    assert told == there
