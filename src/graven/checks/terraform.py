"""Owns the view of one Terraform resource: which of them belong to a file that is tested, and where; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from posixpath import dirname

from graven.checks.referrers import referrers
from graven.checks.results import Place
from graven.checks.subjects import Subject, Unseen
from graven.checks.views import RESOURCE
from graven.documents.position import Document, Path
from graven.documents.terraform import Resource, calls, hidden, is_override, is_plan, mask, resources, undetermined

__all__ = ["masked", "plan_whole", "resource_views", "unfollowed"]


class _Shown(Subject):
    """A resource as rules see it; its places are those of the file that declares it."""

    __slots__ = ("resource",)

    def __init__(self, resource: Resource, document: Document, referring: Sequence[Resource]) -> None:
        value = resource.view(known=True) | {"referrers": [other.view(known=True) for other in referring]}
        unknown = {("values", *path) for path in resource.unknown}
        unknown |= {("referrers", at, "values", *path) for at, one in enumerate(referring) for path in one.unknown}
        super().__init__(
            value,
            document,
            view=RESOURCE,
            address=resource.address,
            translate=_same,
            unseen=Unseen(frozenset(unknown), hidden(value)),
        )
        self.resource = resource

    def place(self, path: Path) -> Place:
        """Give the place of a value of the resource, or of the resource."""
        found = self.resource.position(_below(path))
        return Place(self.resource.file, found.line, found.column)

    def lines(self, path: Path) -> tuple[int, ...]:
        """Give the lines of a value and of the parts around it, the resource among them."""
        inner = _below(path)
        around = [inner[:length] for length in range(len(inner), -1, -1)]
        return tuple(dict.fromkeys(self.resource.position(part).line for part in around))


def _below(path: Path) -> Path:
    return path[1:] if path[:1] == ("values",) else ()


def plan_whole(document: Document) -> Subject:
    """Give what rules see of a plan as a whole, which is masked."""
    value = document.value
    return Subject(value, document, unseen=Unseen(undetermined(value), hidden(value)))


def masked(document: Document) -> Document:
    """Give a plan without its secrets, and everything else as it is."""
    return mask(document) if is_plan(document.value) else document


def resource_views(tested: Iterable[str], documents: Mapping[str, Document]) -> dict[str, list[Subject]]:
    """Give the resources by the tested file to which they belong, or that calls the local module that holds them.

    ``documents`` holds the files that are tested and those that were read to know what they mean.
    """
    own = set(tested)
    calling = [call for call in calls(documents) if call.file in own]
    found: dict[str, list[Subject]] = {}
    every = resources(documents)
    speaking = referrers(every, documents)
    for each in every:
        file = each.document if each.document in own else _overriding(own, each.document)
        if not file and each.module:
            file = next((call.file for call in calling if _within(each.module, call.address)), "")
        if file:
            found.setdefault(file, []).append(_Shown(each, documents[file], speaking.get(each.address, ())))
    return found


def _overriding(own: set[str], file: str) -> str:
    """Give a tested file that overrides the others of a folder."""
    return next((each for each in sorted(own) if is_override(each) and dirname(each) == dirname(file)), "")


def _same(path: Path) -> Path:
    return path


def _within(module: str, address: str) -> bool:
    return module == address or module.startswith((f"{address}.", f"{address}["))


def unfollowed(documents: Mapping[str, Document]) -> tuple[str, ...]:
    """Tell which modules are not here, so that nothing of them was seen."""
    return tuple(
        f"{call.file}:{call.position.line}: {call.address} comes from {call.source or 'what is computed'}, "
        "which is not here: its resources were not seen"
        for call in calls(documents)
        if not call.followed
    )
