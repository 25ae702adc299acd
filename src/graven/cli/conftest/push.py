"""``conftest push``: sends policies to a registry."""

from __future__ import annotations

import sys
import time

from graven.checks.lax import LaxFault
from graven.cli.conftest import rules
from graven.cli.conftest.flags import Flag
from graven.cli.conftest.options import Options
from graven.cli.conftest.shared import REGO_VERSION
from graven.cli.conftest.tree import Command, usage_text
from graven.errors import GravenError

__all__ = ["COMMAND", "run"]

_LONG = """
Sends policies to a registry, after they have been compiled:

	$ conftest push registry.example/team/rules:v1

They lie in the folder policy unless another is named:

	$ conftest push --policy <folder> <repository>
"""

COMMAND = Command(
    "conftest push",
    "<repository>",
    "send policies to a registry",
    _LONG,
    (
        Flag("data", "string", "folder with data to send, that of the policies by default", "d"),
        Flag("policy", "string", "folder to send", "p", "policy"),
        REGO_VERSION,
        Flag("tls", "bool", "speak TLS with the registry", "s", default=True),
    ),
)


def run(options: Options) -> int:
    """Send them.

    Raises:
        LaxFault: they do not compile, or cannot be sent.
    """
    if not options.words:
        sys.stderr.write(usage_text(COMMAND))
        raise LaxFault("missing required arguments")
    repository = options.words[0]
    if "/" not in repository:
        raise LaxFault("destination url missing repository")
    repository = repository.replace("oci://", "")
    if ":" not in repository.rpartition("/")[2]:
        repository += ":latest"
    _log(f"pushing bundle to: {repository}")
    policy, data = options.text("policy"), options.text("data")
    if not policy and not data:
        raise LaxFault("either policy or data must be set")
    try:
        files = _files(policy, data or policy, options.text("rego-version"))
        digest = _send(repository, files, tls=options.flag("tls"))
    except GravenError as e:
        raise LaxFault(f"push bundle: {e.message}") from None
    _log(f"pushed bundle with digest: {digest}")
    return 0


def _files(policy: str, data: str, version: str) -> dict[str, bytes]:
    from graven.engines.policydirs import load_documents

    try:
        modules = rules.load_modules([policy]) if policy else {}
        rules.load(modules, [data], version=rules.version_of(version))
    except LaxFault as e:
        raise LaxFault(f"pushing layers: load: {e.message}") from None
    return {path: text.encode() for path, text in modules.items()} | load_documents([data])


def _send(repository: str, files: dict[str, bytes], *, tls: bool) -> str:
    from graven.cli.conftest.downloads import divided, session
    from graven.decide.policyimage import make
    from graven.engines.policyregistry import PolicyRegistry

    host, name, tag = divided(repository)
    with session(host, tls=tls) as registry:
        return str(PolicyRegistry(registry, name).push(make(files, None), tag))


def _log(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%Y/%m/%d %H:%M:%S')} {text}\n")
