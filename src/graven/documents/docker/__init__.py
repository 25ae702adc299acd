"""The parts of Dockerfiles, as BuildKit's front end reads them: ``words`` cuts an instruction, ``rules`` checks it."""

from __future__ import annotations

__all__: list[str] = []
