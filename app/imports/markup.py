"""XML piece by piece: a subtree at a time, no entities, no DTD, bounded depth and size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final

# The warned-of attacks need a document type, and one is refused below.
from xml.parsers import expat

from app.domain.assortment import BROKEN, ImportRefused

_CHUNK: Final = 65_536
_DEEPEST: Final = 64
#: Of one subtree: a row, an article, a classifier.
_MOST_NODES: Final = 500_000
_MOST_TEXT: Final = 32_000_000


@dataclass(slots=True)
class Node:
    """An element with its local name; `line` is where it begins."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Node] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The element's own text."""
        return "".join(self.parts)

    def all(self, tag: str) -> Iterator[Node]:
        """The children of this name."""
        return (child for child in self.children if child.tag == tag)

    def find(self, *path: str) -> Node | None:
        """The first descendant along the path."""
        node: Node | None = self
        for tag in path:
            node = next(node.all(tag), None) if node else None
        return node

    def say(self, *path: str) -> str:
        """The text at the path, without spaces around it; empty when there is none."""
        found = self.find(*path)
        return found.text.strip() if found else ""


class _Walk:
    """expat's callbacks: keeps only what is inside a wanted element."""

    def __init__(self, wanted: frozenset[str], heads: frozenset[str]) -> None:
        self._wanted, self._heads = wanted, heads
        self.done: list[Node] = []
        self._open: list[Node] = []
        self._depth = self._nodes = self._characters = 0
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("nested too deeply")
        if tag in self._heads and not self._open:
            self.done.append(Node(tag, attributes, self.parser.CurrentLineNumber))
        elif self._open or tag in self._wanted:
            self._nodes += 1
            if self._nodes > _MOST_NODES:
                raise ValueError("an element with too many parts")
            node = Node(tag, attributes, self.parser.CurrentLineNumber)
            if self._open:
                self._open[-1].children.append(node)
            self._open.append(node)

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if not self._open:
            return
        node = self._open.pop()
        if not self._open:
            self.done.append(node)
            self._nodes = self._characters = 0

    def _data(self, data: str) -> None:
        if self._open:
            self._characters += len(data)
            if self._characters > _MOST_TEXT:
                raise ValueError("an element with too much text")
            self._open[-1].parts.append(data)

    def _refuse(self, *_declaration: object) -> None:
        raise ValueError("a document type is not accepted")


def walk(
    source: IO[bytes], wanted: frozenset[str], heads: frozenset[str] = frozenset()
) -> Iterator[Node]:
    """Whole subtrees of wanted elements, and heads (start tags only), in the document's order."""
    state = _Walk(wanted, heads)
    try:
        while chunk := source.read(_CHUNK):
            state.parser.Parse(chunk, False)  # noqa: FBT003
            yield from state.done
            state.done.clear()
        state.parser.Parse(b"", True)  # noqa: FBT003
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise ImportRefused(BROKEN, format="XML", detail=error) from None
    yield from state.done
