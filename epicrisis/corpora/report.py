"""What was wrong with the files that were read.

A reader is given a `Report`. It adds every problem to it and goes on, so that one bad line costs one line. `Strict` is
the report of a caller who wants no problem at all: it raises at the first. No word of a note ever enters a cause.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from epicrisis.errors import CorpusError


@dataclass(frozen=True)
class Problem:
    """Something in a file that could not be read as it stands.

    line: counted from 1; None where the problem is the file's, not a line's
    """

    file: str
    line: int | None
    cause: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.cause}"


class Report:
    """Problems in the order in which they were met, and counts of what is worth knowing but is no problem.

    counts: "mention text differs in white space only", "example not accepted", by name
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.counts: Counter[str] = Counter()

    def add(self, file: str, line: int | None, cause: str) -> None:
        self.problems.append(Problem(file, line, cause))

    def count(self, what: str) -> None:
        self.counts[what] += 1

    def __len__(self) -> int:
        return len(self.problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class Strict(Report):
    """Raises CorpusError at the first problem."""

    def add(self, file: str, line: int | None, cause: str) -> None:
        raise CorpusError(str(Problem(file, line, cause)))
