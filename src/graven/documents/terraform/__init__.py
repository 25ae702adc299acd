"""Terraform: the resources of configurations and of plans in one form, that of ``terraform show -json``.

``resource`` has the form, ``module`` finds the resources of a folder of HCL and of the local modules that it calls,
``native`` writes JSON as HCL, ``overrides`` merges override files, ``plan`` finds the resources of a plan, ``masking``
takes secrets out of it. What only a run can tell is marked as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

from graven.documents.position import Document
from graven.documents.terraform.masking import hidden, mask
from graven.documents.terraform.module import Call, calls, declared
from graven.documents.terraform.native import native
from graven.documents.terraform.overrides import is_override
from graven.documents.terraform.plan import is_plan, planned, undetermined
from graven.documents.terraform.resource import Resource

__all__ = [
    "Call",
    "Resource",
    "calls",
    "declared",
    "hidden",
    "is_override",
    "is_plan",
    "mask",
    "native",
    "planned",
    "resources",
    "undetermined",
]


def resources(documents: Mapping[str, Document]) -> tuple[Resource, ...]:
    """Give the resources of files: those that HCL declares, and those of plans with the HCL lines beside them.

    Raises:
        TooLarge: the expressions take too many steps, or there are too many resources.
    """
    written = declared(documents)
    found = list(written)
    for file, document in documents.items():
        if is_plan(document.value):
            found += planned(file, document, written)
    return tuple(found)
