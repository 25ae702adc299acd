"""Reads a policy set from a folder: ``policy.yaml`` and the Rego modules beside it; the server checks it."""

from __future__ import annotations

from typing import Any

__all__ = ["read_file", "read_policy"]


def read_policy(folder: str) -> dict[str, Any]:
    """Put the parts of a policy set together.

    Raises:
        NotFound: there is no such folder, or no policy.yaml in it.
        Malformed: policy.yaml is no object.
    """
    from pathlib import Path

    from graven.documents import config
    from graven.errors import Malformed

    place = Path(folder) / "policy.yaml"
    found = config.parse(read_file(str(place)), file=str(place)).value
    if not isinstance(found, dict):
        raise Malformed("got no object with rules", where=str(place))
    modules = {path.name: _text(path) for path in sorted(Path(folder).glob("*.rego"))}
    return {"v": 1, "modules": modules, **found}


def read_file(path: str) -> bytes:
    """Read a file.

    Raises:
        NotFound: it cannot be read.
    """
    from pathlib import Path

    from graven.errors import NotFound

    try:
        return Path(path).read_bytes()
    except OSError as e:
        raise NotFound(f"cannot read the file: {e.strerror}", where=path) from e


def _text(path: Any) -> str:
    from graven.errors import Malformed

    try:
        return read_file(str(path)).decode()
    except UnicodeDecodeError as e:
        raise Malformed(f"not UTF-8 at byte {e.start}", where=str(path)) from e
