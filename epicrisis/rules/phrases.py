"""Phrases of words, found in a sequence of words in one pass.

For the few thousand phrases of a trigger list. A user's term list, which may hold millions, is in `dictionary`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from epicrisis.text.tokens import lowered, tokens

Payload = TypeVar("Payload")


START, END = 1, 2


class Phrases(Generic[Payload]):
    """A tree of words: each phrase is a path from its root, and what belongs to the phrase stands at the end."""

    def __init__(self, phrases: Iterable[tuple[Sequence[str], Payload]]) -> None:
        self.root: dict[str, Any] = {}
        for words, payload in phrases:
            node = self.root
            for word in words:
                node = node.setdefault(word, {})
            node.setdefault("", payload)

    def find(
        self, words: Sequence[str], edges: Sequence[int], across: Callable[[Payload], bool] = lambda payload: False
    ) -> Iterator[tuple[int, int, Payload]]:
        """(first, after, payload) from left to right, the longest at each place, none overlapping another.

        edges: by position and one more, START where an entity begins, END where one ends, their sum where both is so;
        across: which phrases may go over the end of one behind their first word
        """
        root, count, free = self.root, len(words), 0
        for first in [place for place, word in enumerate(words) if word in root]:
            if first < free:
                continue
            node, at, found, crossed = root[words[first]], first, None, False
            while True:
                at += 1
                if "" in node and (not crossed or across(node[""])):
                    found = (first, at, node[""])
                stopped = edges[at] and (edges[at] != END or at > first + 1)
                if at == count or stopped or (node := node.get(words[at])) is None:
                    break
                crossed = crossed or edges[at] == END
            if found is not None:
                free = found[1]
                yield found


def words_of(text: str) -> tuple[str, ...]:
    low = lowered(text)
    return tuple(low[start:end] for start, end in tokens(low))
