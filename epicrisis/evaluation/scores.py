"""Gold and predicted documents -> scores of their entities.

Documents are paired by id. Every measure of `matching` is taken over all gold mentions: `micro` from the sums over all
documents, `per_type` with both sides restricted to one type, `macro` as the mean over the types that occur in gold or
predicted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Document
from epicrisis.errors import CorpusError
from epicrisis.evaluation.counts import Average, Counts, mean, to_dict
from epicrisis.evaluation.matching import MEASURES, Mention, Outcome, mention
from epicrisis.evaluation.tokens import TokenScores, token_scores

Item = TypeVar("Item", bound=tuple[Any, ...])


@dataclass(frozen=True)
class MeasureScores:
    """One measure: over all mentions (`outcome`), and of each type of gold or predicted with only that type looked at.

    The types add up to the whole under `strict` and `type`, not under `boundary` and `partial`: these pair mentions of
    different types too.
    """

    outcome: Outcome
    per_type_outcome: Mapping[str, Outcome]

    @property
    def micro(self) -> Counts:
        return Counts.of(self.outcome)

    @property
    def per_type(self) -> dict[str, Counts]:
        return {type_: Counts.of(outcome) for type_, outcome in self.per_type_outcome.items()}

    @property
    def macro(self) -> Average:
        counts = list(self.per_type.values())
        return mean(counts, [1.0] * len(counts))

    def to_dict(self, *, outcomes: bool = False) -> dict[str, Any]:
        """outcomes: give the numbers of correct, incorrect, partial, missed and spurious mentions too"""
        return {
            "micro": to_dict(self.micro) | (asdict(self.outcome) if outcomes else {}),
            "macro": to_dict(self.macro),
            "per_type": {
                type_: to_dict(Counts.of(outcome)) | (asdict(outcome) if outcomes else {})
                for type_, outcome in self.per_type_outcome.items()
            },
        }


@dataclass(frozen=True)
class CodecScores:
    """Strict scores against the gold mentions that the codec can express; `dropped` counts the others."""

    dropped: int
    strict: MeasureScores


@dataclass(frozen=True)
class DocumentScores:
    """The measures of one document, by name: strict, boundary, partial, type."""

    id: str
    measures: Mapping[str, MeasureScores]


@dataclass(frozen=True)
class Scores:
    strict: MeasureScores
    boundary: MeasureScores
    partial: MeasureScores
    type: MeasureScores
    documents: tuple[DocumentScores, ...]
    token: TokenScores | None = None
    codec: CodecScores | None = None

    def counts(self, measure: str = "strict", *, types: Sequence[str] = ()) -> NDArray[np.float64]:
        """(documents, types, 3): tp, fp and fn of every document, for `significance`.

        types: a column for each, so that two systems have the same ones; without, one column of all mentions
        """
        return count_table(self.documents, measure, types)

    def to_dict(self, *, per_document: bool = False) -> dict[str, Any]:
        """The numbers as `evaluate --json` gives them: "documents" (how many), "scores", and "codec" if there is one.

        per_document: add a list "per_document" of each document's id and micro scores
        """
        scores: dict[str, Any] = {
            "strict": self.strict.to_dict(),
            "boundary": self.boundary.to_dict(),
            "partial": self.partial.to_dict(outcomes=True),
            "type": self.type.to_dict(outcomes=True),
        }
        if self.token is not None:
            scores["token"] = self.token.to_dict()
        data: dict[str, Any] = {"documents": len(self.documents), "scores": scores}
        if self.codec is not None:
            data["codec"] = {"dropped": self.codec.dropped, "strict": self.codec.strict.to_dict()}
        if per_document:
            data["per_document"] = listed(self.documents)
        return data


def count_table(documents: Sequence[DocumentScores], measure: str, types: Sequence[str] = ()) -> NDArray[np.float64]:
    """(documents, types, 3): tp, fp and fn of every document; without types, one column of all."""
    table = np.zeros((len(documents), len(types) or 1, 3))
    for row, document in enumerate(documents):
        scores = document.measures[measure]
        outcomes = [scores.per_type_outcome.get(type_, Outcome()) for type_ in types] or [scores.outcome]
        for column, outcome in enumerate(outcomes):
            counts = Counts.of(outcome)
            table[row, column] = counts.tp, counts.fp, counts.fn
    return table


def evaluate(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    *,
    tags: Callable[[Document], Sequence[str]] | None = None,
    codec: Callable[[Document], Document] | None = None,
) -> Scores:
    """Score the predicted entities of every gold document.

    tags   gives a document's tags, one a token; with it, the scores over tokens are there too
    codec  gives a gold document with only those mentions that the codec can express; with it, the strict scores
           against these are there too

    Raises CorpusError where a document stands on one side only or twice on one, or its texts differ.
    """
    pairs = paired(gold, predicted)
    documents = [
        DocumentScores(right.id, measured(_mentions(right), _mentions(ours), MEASURES)) for right, ours in pairs
    ]
    totals = {name: summed(document.measures[name] for document in documents) for name in MEASURES}
    token = None
    if tags is not None:
        token = token_scores(
            [tags(right) for right, _ in pairs],
            [tags(ours) for _, ours in pairs],
            ids=[right.id for right, _ in pairs],
        )
    return Scores(
        **totals, documents=tuple(documents), token=token, codec=_against_codec(pairs, codec) if codec else None
    )


def paired(gold: Sequence[Document], predicted: Sequence[Document]) -> list[tuple[Document, Document]]:
    """Each gold document with the predicted one of its id, in gold's order.

    Raises CorpusError where a document stands on one side only or twice on one, or its texts differ.
    """
    by_id = _by_id(predicted, "predicted")
    gold_by_id = _by_id(gold, "gold")
    if missing := [id_ for id_ in gold_by_id if id_ not in by_id]:
        raise CorpusError(
            f"{_named(missing)}: there is gold, but no prediction. A note without entities needs a predicted document, "
            f"an empty one"
        )
    if extra := [id_ for id_ in by_id if id_ not in gold_by_id]:
        raise CorpusError(f"{_named(extra)}: there is a prediction, but no gold. Is it the same split of the corpus?")
    if different := [id_ for id_, document in gold_by_id.items() if document.text != by_id[id_].text]:
        raise CorpusError(
            f"{_named(different)}: gold and predicted have different texts, so their offsets cannot be compared. The "
            f"prediction was probably made on another version of the text (line endings, byte order mark)"
        )
    return [(document, by_id[id_]) for id_, document in gold_by_id.items()]


def _by_id(documents: Iterable[Document], side: str) -> dict[str, Document]:
    by_id: dict[str, Document] = {}
    twice: list[str] = []
    for document in documents:
        if document.id in by_id:
            twice.append(document.id)
        by_id[document.id] = document
    if twice:
        raise CorpusError(f"{_named(twice)}: twice among the {side} documents. Ids must be unique")
    return by_id


def _named(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:5])
    more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""
    return f"document{'s' if len(ids) > 1 else ''} {shown}{more}"


def _mentions(document: Document) -> list[Mention]:
    return [mention(entity) for entity in document.entities]


def listed(documents: Iterable[DocumentScores]) -> list[dict[str, Any]]:
    """Each document's id and micro scores."""
    return [
        {"id": document.id} | {name: to_dict(scores.micro) for name, scores in document.measures.items()}
        for document in documents
    ]


def measured(
    gold: Sequence[Item], predicted: Sequence[Item], measures: Mapping[str, Callable[[list[Item], list[Item]], Outcome]]
) -> dict[str, MeasureScores]:
    """Every measure, over all and of each type; what is compared begins with its type, as a mention does."""
    by_type: defaultdict[str, tuple[list[Item], list[Item]]] = defaultdict(lambda: ([], []))
    for side, items in enumerate((gold, predicted)):
        for one in items:
            by_type[one[0]][side].append(one)
    return {
        name: MeasureScores(
            measure([*gold], [*predicted]), {type_: measure(*by_type[type_]) for type_ in sorted(by_type)}
        )
        for name, measure in measures.items()
    }


def summed(scores: Iterable[MeasureScores]) -> MeasureScores:
    whole = Outcome()
    per_type: dict[str, Outcome] = {}
    for one in scores:
        whole += one.outcome
        for type_, outcome in one.per_type_outcome.items():
            per_type[type_] = per_type.get(type_, Outcome()) + outcome
    return MeasureScores(whole, {type_: per_type[type_] for type_ in sorted(per_type)})


def _against_codec(pairs: Sequence[tuple[Document, Document]], codec: Callable[[Document], Document]) -> CodecScores:
    dropped = 0
    scores: list[MeasureScores] = []
    for right, ours in pairs:
        kept = _mentions(codec(right))
        dropped += MEASURES["strict"](_mentions(right), kept).missed
        scores.append(measured(kept, _mentions(ours), MEASURES)["strict"])
    return CodecScores(dropped, summed(scores))
