"""Owns CUE, https://cuelang.org/docs/reference/spec/: the JSON value that the text of one file comes to.

Nothing outside of the text is read. What is not read here is an error that says so and names its place: a value is
either that of CUE or none. ``grammar`` reads the text, ``scopes`` looks at its names, ``evaluation`` brings together
what is said of each value, and ``rendering`` writes it down.
"""

from __future__ import annotations

from graven.documents.cue.evaluation import Evaluation
from graven.documents.cue.grammar import parse as read
from graven.documents.cue.rendering import Rendering
from graven.documents.cue.scopes import check
from graven.documents.cue.values import Failure
from graven.documents.faults import Text, decoded
from graven.documents.position import Document
from graven.errors import TooLarge

__all__ = ["parse"]


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Evaluate a text.

    >>> [found] = parse(b'#Port: int & <=65535 | *80\nweb: {port: #Port, url: "http://x:\\(port)"}\n')
    >>> found.value, str(found.position(("web", "port")))
    ({'web': {'port': 80, 'url': 'http://x:80'}}, 'line 2, column 13')

    Raises:
        Malformed: it is no CUE, contradicts itself, or leaves a value open.
        TooLarge: it nests too deep, or takes more than it may.
        Unsupported: it uses a part of CUE that is not read.
    """
    text = Text(decoded(data, file), file)
    try:
        found = read(text)
        check(text, found)
        machine = Evaluation(text, found)
        shape = Rendering(machine)
        value = shape.value(machine.root, ())
    except Failure as e:
        raise text.fault(e.message, e.at) from None
    except RecursionError:
        raise TooLarge("the values of the text refer to one another too deep", where=file) from None
    return (Document(value, shape.places, file),)
