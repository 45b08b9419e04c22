"""Passages as answers: each is read once for every type of entity, behind the question that asks for that type.

Li et al. (2020), "A Unified MRC Framework for Named Entity Recognition", sections 3.2 and 3.3.
"""

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from epicrisis.encoding.pieces import Frame, Numbers, PieceIndexer
from epicrisis.encoding.spellings import Spellings
from epicrisis.errors import RecipeError, suggestion
from epicrisis.text import Passage


class QuestionIndexer:
    """pieces: of the encoder's tokenizer; questions: type -> question

    types   of the questions, in their order: alphabetical, as those of a model are
    Raises RecipeError where a question leaves no room for a passage.
    """

    axes: Mapping[str, tuple[str, ...]] = {
        **dict.fromkeys(
            ("question_pieces", "question_piece_mask", "question_piece_types"), ("question_windows", "question_pieces")
        ),
        **dict.fromkeys(("question_first", "question_after"), ("passages", "tokens", "questions")),
    }

    def __init__(self, pieces: PieceIndexer, questions: Mapping[str, str]) -> None:
        self.pieces = pieces
        self.questions = dict(sorted(questions.items()))
        self.types = tuple(self.questions)
        self.start = pieces.start
        self._frames = [self._frame(type_) for type_ in self.types]

    def _frame(self, type_: str) -> tuple[Frame, list[int], list[int]]:
        """The pieces around a passage, question among them; and the types of those before, and of the passage's on."""
        made = self.pieces.tokenizer.encode(self.questions[type_], "a")
        passage = [n for n, sequence in enumerate(made.sequence_ids) if sequence == 1]
        before, behind = made.ids[: passage[0]], made.ids[passage[-1] + 1 :]
        room = self.pieces.positions - len(before) - len(behind)
        if room < 1:
            raise RecipeError(
                f"model.embedder, questions: that for {type_} has {len(before)} pieces, and the encoder no more than "
                f"{self.pieces.positions} positions: no passage fits beside it"
            )
        types = made.type_ids
        return Frame(before, behind, room), types[: passage[0]], types[passage[-1] :]

    @property
    def sizes(self) -> tuple[Any, ...]:
        """The encoder's configuration, and of each question the pieces that are read beside a passage."""
        return self.pieces.config, tuple(len(frame.before) + len(frame.behind) for frame, _, _ in self._frames)

    @classmethod
    def fit(cls, passages: Sequence[Passage], *, checkpoint: str, questions: str) -> "QuestionIndexer":
        """Nothing is learned from the passages.

        checkpoint: a folder, or an id of the Hugging Face hub
        questions: a file that comes with the package, by name, or a YAML file, by path: type -> question
        Raises RecipeError where there is no such checkpoint or file of questions, ModelError where the checkpoint has
        no fast tokenizer.
        """
        asked = find_questions(questions)
        return cls(PieceIndexer.fit(passages, checkpoint=checkpoint), asked)

    def arrays(self, spellings: Spellings) -> dict[str, NDArray[Any]]:
        """-> question_pieces, question_piece_mask and question_piece_types (R, P): R windows, at least one for every
        passage and question; question_first and question_after (B, T, questions): each token's pieces, half open, as
        positions in the flattened R * P
        """
        rows: list[list[int]] = []
        kinds: list[list[int]] = []
        places: list[list[tuple[Numbers, Numbers, Numbers]]] = []
        for ids, found in self.pieces.read(spellings.passages):
            places.append([])
            for frame, before, behind in self._frames:
                places[-1].append(self.pieces.windows(ids, found, frame, rows))
                for window in rows[len(kinds) :]:
                    inside = len(window) - len(before) - len(behind) + 1
                    kinds.append([*before, *behind[:1] * inside, *behind[1:]])
        pieces, mask = self.pieces.table(rows)
        types = np.where(mask, self.pieces.table(kinds)[0], 0)
        first, after = np.zeros((2, *spellings.index.shape, len(self.types)), np.int64)
        for n, passage in enumerate(places):
            for question, (row, begin, end) in enumerate(passage):
                first[n, : len(row), question] = row * pieces.shape[1] + begin
                after[n, : len(row), question] = row * pieces.shape[1] + end
        return {
            "question_pieces": pieces,
            "question_piece_mask": mask,
            "question_piece_types": types,
            "question_first": first,
            "question_after": after,
        }

    def coverage(self, passages: Sequence[Passage]) -> float:
        """The share of the pieces that are not the unknown one."""
        return self.pieces.coverage(passages)

    def to_dict(self) -> dict[str, Any]:
        return {"questions": self.questions, "pieces": self.pieces.to_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "QuestionIndexer":
        return cls(PieceIndexer.from_dict(data["pieces"]), data["questions"])


def find_questions(name: str) -> dict[str, str]:
    """Questions that come with the package by name, or those of a YAML file.

    Raises RecipeError where there are none, or the file is no list of types and questions.
    """
    folder = Path(str(resources.files("epicrisis").joinpath("encoding", "questions")))
    shipped = {file.stem: file for file in sorted(folder.glob("*.yaml"))}
    file = shipped.get(name, Path(name))
    if not file.is_file():
        raise RecipeError(
            f"model.embedder, questions: no {name!r}.{suggestion(name, shipped)} Or give a YAML file: type: question"
        )
    try:
        questions = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        questions = None
    if not isinstance(questions, dict) or not questions:
        raise RecipeError(f"{file}: a YAML file with lines of the form 'type: question' is expected")
    wrong = [str(type_) for type_, question in questions.items() if not (isinstance(type_, str) and _words(question))]
    if wrong:
        raise RecipeError(
            f"{file}: a type (a word, quoted where YAML would read another thing) and its question are "
            f"expected, but not so at {', '.join(wrong)}"
        )
    return questions


def _words(question: Any) -> bool:
    return isinstance(question, str) and bool(question.strip())
