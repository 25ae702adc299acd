"""Owns the fetching of policies and plugins from where conftest fetches them: folders, HTTP, git and registries.

What lies on this machine is linked to and not copied, as conftest does. Mercurial, S3 and Google's storage are not
offered.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graven.checks.lax import LaxFault
from graven.errors import GravenError

if TYPE_CHECKING:
    from graven.engines.registry import Registry

__all__ = ["divided", "download", "session"]

_REGISTRIES = re.compile(
    r"azurecr\.io|gcr\.io|registry\.gitlab\.com|pkg\.dev|[0-9]{12}\.dkr\.ecr\.[a-z0-9-]*\.amazonaws\.com|^quay\.io"
    r"|(?:::1|127\.0\.0\.1|localhost):\d{1,5}",
    re.IGNORECASE,
)
_HUB = re.compile(r"(github\.com|bitbucket\.org)/([^/]+)/([^/]+)(?:/(.*))?")
_LOOPBACK = re.compile(r"(?:localhost|127\.[0-9.]+|\[::1\])(?::\d+)?")


def download(references: Sequence[str], folder: str, *, overwrite: bool, tls: bool) -> None:
    """Fetch what some references name into a folder.

    Raises:
        LaxFault: something is not there, or would be written over.
    """
    for reference in references:
        source = _detected(reference, folder)
        git = source.startswith("git::")
        target = Path(folder) if git else Path(folder) / source.rstrip("/").rpartition("/")[2]
        if target.exists() and not overwrite and not git:
            raise LaxFault(f"policy file already exists at {target}, refusing to overwrite")
        try:
            _fetch(source, Path(folder), tls=tls)
        except GravenError as e:
            raise LaxFault(f"client get: {e.message}") from None


def _detected(reference: str, folder: str) -> str:
    """Give a reference with what is to fetch it in front; as in conftest, a relative path is one below the folder."""
    if "://" in reference or "::" in reference[:8]:
        return reference.replace("localhost", "127.0.0.1") if reference.startswith("oci://") else reference
    if _REGISTRIES.search(reference):
        last = reference.rpartition("/")[2]
        return "oci://" + reference.replace("localhost", "127.0.0.1") + ("" if ":" in last else ":latest")
    hub = _HUB.fullmatch(reference)
    if hub is not None:
        below = f"//{hub[4]}" if hub[4] else ""
        return f"git::https://{hub[1]}/{hub[2]}/{hub[3].removesuffix('.git')}.git{below}"
    return f"file:///{os.path.normpath(Path(folder, reference)).lstrip('/')}"


def _fetch(source: str, folder: Path, *, tls: bool) -> None:
    forced, _, rest = source.partition("::") if "::" in source.partition("//")[0] else ("", "", source)
    scheme = forced or rest.partition("://")[0]
    if scheme == "file":
        _link(Path(rest.removeprefix("file://")), folder)
    elif scheme in ("http", "https"):
        _get(rest, folder)
    elif scheme in ("oci", "git"):
        try:
            _clone(rest, folder) if scheme == "git" else _pull(rest.removeprefix("oci://"), folder, tls=tls)
        except (GravenError, OSError) as e:
            text = e.message if isinstance(e, GravenError) else (e.strerror or str(e)).lower()
            raise LaxFault(f"error downloading '{rest}': {text}") from None
    else:
        raise LaxFault(f"download not supported for scheme '{scheme}'")


def _link(source: Path, folder: Path) -> None:
    if not source.exists():
        raise LaxFault(f"stat {source}: no such file or directory")
    target = folder if source.is_dir() else folder / source.name
    if target.is_symlink() or target.is_file():
        target.unlink()
    elif target.exists():
        raise LaxFault(f"error downloading 'file://{source}': destination exists and is not a symlink")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(source.absolute())


def _get(url: str, folder: Path) -> None:
    import httpx

    name = urlsplit(url).path.rpartition("/")[2]
    if not name:
        raise LaxFault(f"error downloading '{url}': no source URL was returned")
    try:
        answer = httpx.get(url, follow_redirects=True, timeout=60.0)
    except (httpx.HTTPError, httpx.InvalidURL) as e:
        raise LaxFault(f'Get "{url}": {e}') from None
    if answer.status_code >= 400:
        raise LaxFault(f"bad response code: {answer.status_code}")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / name
    target.unlink(missing_ok=True)
    target.write_bytes(answer.content)


def _clone(url: str, folder: Path) -> None:
    url, _, query = url.partition("?")
    at = url.find("//", url.find("://") + 3)
    repository, below = (url[:at], url[at + 2 :]) if at >= 0 else (url, "")
    if repository.startswith("-"):
        raise LaxFault(f"got {repository!r}, expected the address of a repository")
    with TemporaryDirectory() as scratch:
        branch = [f"--branch={query.removeprefix('ref=')}"] if query.startswith("ref=") else []
        words = ["git", "clone", "--quiet", *branch, "--", repository, f"{scratch}/clone"]
        ended = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - what the user named
        if ended.returncode:
            raise LaxFault(f"git exited with {ended.returncode}: {ended.stderr.strip()}")
        found = Path(scratch, "clone", *below.split("/"))
        if not found.is_dir():
            raise LaxFault(f"stat {found}: no such file or directory")
        shutil.copytree(found, folder, dirs_exist_ok=True)


def _pull(reference: str, folder: Path, *, tls: bool) -> None:
    from graven.engines.policyregistry import PolicyRegistry

    host, repository, tag = divided(reference)
    with session(host, tls=tls) as registry:
        found = PolicyRegistry(registry, repository).fetch(tag, root=None)
    for path, content in found.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def divided(reference: str) -> tuple[str, str, str]:
    """Divide ``host/repository:tag``.

    >>> divided("127.0.0.1:5000/team/rules"), divided("r.example/p@sha256:00")
    (('127.0.0.1:5000', 'team/rules', 'latest'), ('r.example', 'p', 'sha256:00'))
    """
    host, _, path = reference.partition("/")
    name, at, digest = path.partition("@")
    if at:
        return host, name.partition(":")[0], digest
    repository, _, tag = path.partition(":")
    return host, repository, tag or "latest"


def session(host: str, *, tls: bool) -> Registry:
    """Open a session with a registry; one on this machine is spoken to plainly."""
    import argparse

    from graven.cli.registries import registry_of

    return registry_of(argparse.Namespace(plain_http=not tls or bool(_LOOPBACK.fullmatch(host))), host)
