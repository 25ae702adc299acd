"""Owns the resources that HCL declares: a folder is a module, with variables, locals and the local modules it calls.

Variables are as the call gives them, or as ``terraform.tfvars`` and ``*.auto.tfvars`` do, or as their defaults. A
folder that another one calls shows its resources under the address of the call; one that nobody calls is a root.
``module.x.y`` is the output of such a folder. Attributes of other resources are unknown.
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
from graven.documents.terraform.native import native
from graven.documents.terraform.overrides import File, merged
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
    reader = _Reader(folders)
    found: list[Resource] = []
    for folder in [one for one in folders if one not in called] + list(folders):
        if folder not in reader.seen:
            found += reader.module(_Module(reader, folder, _given(documents, folder), ""))
    return tuple(found)


def _folders(documents: Mapping[str, Document]) -> dict[str, list[File]]:
    found: dict[str, list[File]] = {}
    for file, document in documents.items():
        if isinstance(document, Configuration) and not file.endswith(".tfvars"):
            found.setdefault(normpath(dirname(file) or "."), []).append(File(document.text, document.body))
        elif file.endswith(".tf.json"):
            found.setdefault(normpath(dirname(file) or "."), []).append(native(document))
    return {folder: merged(files) for folder, files in found.items()}


def _blocks(configuration: File, kind: str, labels: int) -> Iterator[Block]:
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

    def __init__(self, folders: dict[str, list[File]]) -> None:
        self.folders = folders
        self.budget = Budget()
        self.seen: set[str] = set()
        self.count = 0

    def called(self) -> None:
        """Pay for a call of a module.

        Raises:
            TooLarge: there are more than the limit.
        """
        self.budget.spend(100)

    def module(self, module: _Module) -> list[Resource]:
        """Give the resources of a module and of those that it calls."""
        self.seen.add(module.folder)
        found: list[Resource] = []
        for configuration in module.configurations:
            evaluation = module.evaluation(configuration)
            for kind, mode in (("resource", "managed"), ("data", "data")):
                for block in _blocks(configuration, kind, 2):
                    found += self._resources(module, block, mode, evaluation)
            for block in _blocks(configuration, "module", 1):
                for inner, _ in module.called(block, evaluation):
                    found += self.module(inner)
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
            unseen: dict[str, Any] = {"unknown": frozenset(values.unknown), "absent": frozenset(values.absent)}
            unseen["about"] = frozenset[str]().union(*(values.about[path] for path in values.unknown))
            found.append(Resource(text.file, placed, (), said, **unseen, **names))
        return found


def _suffix(index: int | str | None) -> str:
    return "" if index is None else f"[{json.dumps(index, ensure_ascii=False)}]"


class _Module:
    """One call of a folder: its variables and locals, evaluated when they are asked for."""

    def __init__(self, reader: _Reader, folder: str, inputs: dict[str, Any], address: str, *, depth: int = 0) -> None:
        self.folder = folder
        self.address = address
        self.configurations = reader.folders[folder]
        self.depth = depth
        self._reader = reader
        self._budget = reader.budget
        self._inputs = inputs
        self._locals: dict[str, tuple[File, Attribute]] = {}
        self._variables: dict[str, tuple[File, Block]] = {}
        self._outputs: dict[str, tuple[File, Block]] = {}
        self._resources: dict[tuple[str, str], tuple[File, Block]] = {}
        self._calls: dict[str, tuple[File, Block]] = {}
        self._made: dict[str, list[tuple[_Module, int | str | None]]] = {}
        self._found: dict[tuple[str, str], Any] = {}
        for one in self.configurations:
            for block in _blocks(one, "locals", 0):
                self._locals |= {name: (one, said) for name, said in block.body.attributes.items()}
            self._resources |= {(b.labels[0][0], b.labels[1][0]): (one, b) for b in _blocks(one, "resource", 2)}
            for kind, into in (("variable", self._variables), ("output", self._outputs), ("module", self._calls)):
                into |= {block.labels[0][0]: (one, block) for block in _blocks(one, kind, 1)}

    def evaluation(self, configuration: File) -> Evaluation:
        """Give the evaluation of expressions in one of its files."""
        return Evaluation(Shape(configuration.text), self, self._budget)

    def root(self, name: str, part: str) -> Any:
        """Give a variable, a local, the outputs of a module or a resource; what waits for itself is unknown."""
        key = (name, part)
        if key not in self._found:
            self._found[key] = Unknown()
            if name == "local" and part in self._locals:
                configuration, said = self._locals[part]
                self._found[key] = self.evaluation(configuration).value(said.value)
            elif name == "var" and part in self._variables:
                self._found[key] = self._variable(part)
            elif name == "module" and part in self._calls:
                self._found[key] = self._results(part)
            elif key in self._resources:
                self._found[key] = self._resource(key)
        return self._found[key]

    def called(self, block: Block, evaluation: Evaluation) -> list[tuple[_Module, int | str | None]]:
        """Give the modules that a call makes, each with its index; none if its code is not here."""
        name = block.labels[0][0]
        target = _local(self.folder, _source(block))
        if target not in self._reader.folders or self.depth >= MAX_MODULES:
            return []
        if name not in self._made:
            self._made[name] = []  # a call that waits for its own outputs finds none
            address = f"{self.address + '.' if self.address else ''}module.{name}"
            given = [(key, one.value) for key, one in block.body.attributes.items() if key not in _NOT_INPUTS]
            for index, inner in instances(block.body, evaluation):
                self._reader.called()
                inputs = {key: inner.value(one) for key, one in given}
                module = _Module(self._reader, target, inputs, address + _suffix(index), depth=self.depth + 1)
                self._made[name].append((module, index))
        return self._made[name]

    def _results(self, name: str) -> Any:
        """Give the outputs of a call: an object, or as many as it makes, in a list or by their keys."""
        configuration, block = self._calls[name]
        made = self.called(block, self.evaluation(configuration))
        said = block.body.attributes
        if not made and not {"count", "for_each"} & said.keys():
            return Unknown()
        found = [(index, module.outputs()) for module, index in made]
        if not {"count", "for_each"} & said.keys():
            return found[0][1]
        if any(index is None for index, _ in found) or _local(self.folder, _source(block)) not in self._reader.folders:
            return Unknown()
        return [one for _, one in found] if "count" in said else {str(index): one for index, one in found}

    def _resource(self, key: tuple[str, str]) -> Any:
        """Give a resource, of which only a run can tell anything but how many there are and by which keys."""
        configuration, block = self._resources[key]
        address = f"{self.address + '.' if self.address else ''}{'.'.join(key)}"
        said = block.body.attributes
        indexes = [index for index, _ in instances(block.body, self.evaluation(configuration))]
        if None in indexes or not {"count", "for_each"} & said.keys():
            return Unknown(about=frozenset((address,)))
        parts = [Unknown(about=frozenset((address + _suffix(index),))) for index in indexes]
        return parts if "count" in said else dict(zip(map(str, indexes), parts, strict=True))

    def outputs(self) -> dict[str, Any]:
        """Give the values of its outputs, as far as they are known."""
        return {
            name: self.evaluation(configuration).value(block.body.attributes["value"].value)
            for name, (configuration, block) in self._outputs.items()
            if "value" in block.body.attributes
        }

    def _variable(self, name: str) -> Any:
        configuration, block = self._variables[name]
        said = block.body.attributes
        if name in self._inputs and not (self._inputs[name] is None and self._refuses_null(configuration, said)):
            value = self._inputs[name]
        elif "default" in said:
            value = self.evaluation(configuration).value(said["default"].value)
        else:
            return Unknown()
        try:
            return converted(value, said["type"].value if "type" in said else None)
        except Failed:
            return Unknown()

    def _refuses_null(self, configuration: File, said: Mapping[str, Attribute]) -> bool:
        return "nullable" in said and self.evaluation(configuration).value(said["nullable"].value) is False

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

    def _required(self, configuration: File, block: Block, local: str) -> str:
        said = block.body.attributes.get(local)
        value = self.evaluation(configuration).value(said.value) if said else None
        return str(value.get("source", "")) if isinstance(value, dict) else ""
