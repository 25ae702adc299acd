"""Owns the resources that HCL declares: a folder is a module, with variables, locals and the local modules it calls.

Variables are as the call gives them, or as ``terraform.tfvars`` and ``*.auto.tfvars`` do, or as their defaults. A
folder that another one calls shows its resources under the address of the call; one that nobody calls is a root.
Not done: override files, and outputs of modules and attributes of other resources, which are unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from posixpath import basename, dirname, join, normpath
from typing import Any, NamedTuple

from graven.documents.hcl.evaluation import Evaluation
from graven.documents.hcl.shape import Shape
from graven.documents.hcl.tree import Attribute, Block, Template
from graven.documents.hcl.values import Budget, Failed, Unknown, converted
from graven.documents.hcl2 import Configuration
from graven.documents.position import Document, Position
from graven.documents.terraform.bodies import MAX_INSTANCES, Values, instances
from graven.documents.terraform.resource import Resource
from graven.errors import TooLarge

__all__ = ["Call", "calls", "declared"]

MAX_MODULES = 10
_NOT_INPUTS = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})


class Call(NamedTuple):
    """A block ``module``: where its code lies, and whether that is among the files."""

    address: str
    source: str
    folder: str
    """The folder of a local module; empty for one that lies elsewhere."""
    followed: bool
    file: str
    position: Position


def calls(documents: Mapping[str, Document]) -> tuple[Call, ...]:
    """Give all calls of modules, so that the files of local ones can be read and the others named."""
    folders = _folders(documents)
    found: list[Call] = []
    for folder, configurations in folders.items():
        for configuration in configurations:
            for block in _blocks(configuration, "module", 1):
                source = _source(block)
                target = _local(folder, source)
                position = configuration.text.position(block.start)
                address = f"module.{block.labels[0][0]}"
                found.append(Call(address, source, target, target in folders, configuration.text.file, position))
    return tuple(found)


def declared(documents: Mapping[str, Document]) -> tuple[Resource, ...]:
    """Give the resources that the configurations among these files declare.

    Raises:
        TooLarge: the expressions take too many steps, or there are too many resources.
    """
    folders = _folders(documents)
    called = {call.folder for call in calls(documents)}
    reader = _Reader(documents, folders)
    found: list[Resource] = []
    for folder in [one for one in folders if one not in called] + list(folders):
        if folder not in reader.seen:
            found += reader.module(_Module(reader, folder, _given(documents, folder), ""))
    return (*found, *_plain(documents))


def _folders(documents: Mapping[str, Document]) -> dict[str, list[Configuration]]:
    found: dict[str, list[Configuration]] = {}
    for file, document in documents.items():
        if isinstance(document, Configuration) and not file.endswith(".tfvars"):
            found.setdefault(normpath(dirname(file) or "."), []).append(document)
    return found


def _blocks(configuration: Configuration, kind: str, labels: int) -> Iterator[Block]:
    return (one for one in configuration.body.blocks if one.kind == kind and len(one.labels) == labels)


def _source(block: Block) -> str:
    said = block.body.attributes.get("source")
    if said is None or not isinstance(said.value, Template) or not said.value.literal():
        return ""
    return str(getattr(said.value.parts[0], "value", ""))


def _local(folder: str, source: str) -> str:
    return normpath(join(folder, source)) if source.startswith(("./", "../")) else ""


def _given(documents: Mapping[str, Document], folder: str) -> dict[str, Any]:
    """Give the variables that the files for it in a root folder set, later files winning."""
    found: dict[str, Any] = {}
    for file in sorted(documents, key=lambda one: (not basename(one).startswith("terraform.tfvars"), one)):
        name, document = basename(file), documents[file]
        plain = name.removesuffix(".json")
        if normpath(dirname(file) or ".") != folder or not (
            plain == "terraform.tfvars" or plain.endswith(".auto.tfvars")
        ):
            continue
        if isinstance(document, Configuration):
            found |= _constants(document)
        elif isinstance(document.value, dict):
            found |= document.value
    return found


def _constants(document: Configuration) -> dict[str, Any]:
    evaluation = Evaluation(Shape(document.text), _Nothing(), Budget())
    return {name: evaluation.value(one.value) for name, one in document.body.attributes.items()}


class _Nothing:
    """Where no variables are."""

    def root(self, name: str, part: str) -> Any:  # noqa: ARG002 - a port's verb
        return Unknown()


class _Reader:
    """Goes through folders, with one budget for all of their expressions."""

    def __init__(self, documents: Mapping[str, Document], folders: dict[str, list[Configuration]]) -> None:
        self.files = {id(document): file for file, document in documents.items()}
        self.folders = folders
        self.budget = Budget()
        self.seen: set[str] = set()
        self.count = 0

    def module(self, module: _Module, depth: int = 0) -> list[Resource]:
        """Give the resources of a module and of those that it calls."""
        self.seen.add(module.folder)
        found: list[Resource] = []
        for configuration in module.configurations:
            evaluation = module.evaluation(configuration)
            for kind, mode in (("resource", "managed"), ("data", "data")):
                for block in _blocks(configuration, kind, 2):
                    found += self._resources(module, block, mode, evaluation)
            for block in _blocks(configuration, "module", 1):
                found += self._called(module, block, evaluation, depth)
        return found

    def _resources(self, module: _Module, block: Block, mode: str, evaluation: Evaluation) -> list[Resource]:
        found: list[Resource] = []
        (kind, _), (name, _) = block.labels
        address = f"{module.address + '.' if module.address else ''}{'data.' if mode == 'data' else ''}{kind}.{name}"
        for index, inner in instances(block.body, evaluation):
            self.count += 1
            if self.count > MAX_INSTANCES:
                raise TooLarge(f"got more than {MAX_INSTANCES} resources", where=evaluation.shape.source.file)
            values = Values(inner)
            lifecycle, said = values.lifecycle(block), values.resource(block)
            text = evaluation.shape.source
            placed = Document(said, values.shape.places, text.file)
            names: dict[str, Any] = {
                "address": address + _suffix(index),
                "mode": mode,
                "type": kind,
                "name": name,
                "index": index,
            }
            names |= {"module": module.address, "provider_name": module.provider(kind), "lifecycle": lifecycle}
            file = module.files[id(text)]
            found.append(Resource(file, placed, (), said, unknown=frozenset(values.unknown), **names))
        return found

    def _called(self, module: _Module, block: Block, evaluation: Evaluation, depth: int) -> list[Resource]:
        target = _local(module.folder, _source(block))
        if target not in self.folders or depth >= MAX_MODULES:
            return []
        found: list[Resource] = []
        address = f"{module.address + '.' if module.address else ''}module.{block.labels[0][0]}"
        for index, inner in instances(block.body, evaluation):
            inputs = {
                name: inner.value(one.value) for name, one in block.body.attributes.items() if name not in _NOT_INPUTS
            }
            self.budget.spend(100)
            found += self.module(_Module(self, target, inputs, address + _suffix(index)), depth + 1)
        return found


def _suffix(index: int | str | None) -> str:
    return "" if index is None else f"[{json.dumps(index, ensure_ascii=False)}]"


class _Module:
    """One call of a folder: its variables and locals, evaluated when they are asked for."""

    def __init__(self, reader: _Reader, folder: str, inputs: dict[str, Any], address: str) -> None:
        self.folder = folder
        self.address = address
        self.configurations = reader.folders[folder]
        self.files = {id(one.text): reader.files[id(one)] for one in self.configurations}
        self._budget = reader.budget
        self._inputs = inputs
        self._locals: dict[str, tuple[Configuration, Attribute]] = {}
        self._variables: dict[str, tuple[Configuration, Block]] = {}
        self._found: dict[tuple[str, str], Any] = {}
        for one in self.configurations:
            for block in _blocks(one, "locals", 0):
                self._locals |= {name: (one, said) for name, said in block.body.attributes.items()}
            self._variables |= {block.labels[0][0]: (one, block) for block in _blocks(one, "variable", 1)}

    def evaluation(self, configuration: Configuration) -> Evaluation:
        """Give the evaluation of expressions in one of its files."""
        return Evaluation(Shape(configuration.text), self, self._budget)

    def root(self, name: str, part: str) -> Any:
        """Give a variable or a local; what waits for itself, and all else, is unknown."""
        key = (name, part)
        if key not in self._found:
            self._found[key] = Unknown()
            if name == "local" and part in self._locals:
                configuration, said = self._locals[part]
                self._found[key] = self.evaluation(configuration).value(said.value)
            elif name == "var" and part in self._variables:
                self._found[key] = self._variable(part)
        return self._found[key]

    def _variable(self, name: str) -> Any:
        configuration, block = self._variables[name]
        said = block.body.attributes
        if name in self._inputs and not (self._inputs[name] is None and "nullable" in said):
            value = self._inputs[name]
        elif "default" in said:
            value = self.evaluation(configuration).value(said["default"].value)
        else:
            return Unknown()
        try:
            return converted(value, said["type"].value if "type" in said else None)
        except Failed:
            return Unknown()

    def provider(self, kind: str) -> str:
        """Give the source of the provider that a type belongs to, or its local name if none is required."""
        local = kind.partition("_")[0]
        for configuration in self.configurations:
            for terraform in _blocks(configuration, "terraform", 0):
                for block in terraform.body.blocks:
                    required = self._required(configuration, block, local)
                    if block.kind == "required_providers" and required:
                        return required
        return local

    def _required(self, configuration: Configuration, block: Block, local: str) -> str:
        said = block.body.attributes.get(local)
        value = self.evaluation(configuration).value(said.value) if said else None
        return str(value.get("source", "")) if isinstance(value, dict) else ""


def _plain(documents: Mapping[str, Document]) -> Iterator[Resource]:
    """Give the resources of the JSON syntax; what holds a template is unknown."""
    for file, document in documents.items():
        if not file.endswith(".tf.json") or not isinstance(document.value, dict):
            continue
        for kind, names in _objects(document.value.get("resource")):
            for name, bodies in _objects(names):
                for at, body in enumerate(bodies if isinstance(bodies, list) else [bodies]):
                    base = ("resource", kind, name, at) if isinstance(bodies, list) else ("resource", kind, name)
                    if isinstance(body, dict):
                        unknown = frozenset(_templates(body, ()))
                        said = {"address": f"{kind}.{name}", "type": kind, "name": name, "unknown": unknown}
                        yield Resource(file, document, base, body, **said)


def _objects(value: Any) -> Iterator[tuple[str, Any]]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield from one.items()


def _templates(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, str) and ("${" in value or "%{" in value):
        yield path
    elif isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _templates(one, (*path, key))
