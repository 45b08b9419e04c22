"""Classifier: texts in, documents with labels out.

    text -> chapters of passages -> arrays -> network -> scores -> heads -> labels

As with the Annotator, the network is any function of arrays: an ONNX graph in the installed product, a torch module
while one is trained.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from epicrisis.decoding import LabelHead, decode_labels
from epicrisis.document import Document, Evidence, Label, Segment
from epicrisis.encoding import Indexer, chapters, encode_documents, unseen
from epicrisis.runtime.evidence import MOST_WORDS, Word, by_occlusion, weightiest
from epicrisis.runtime.stream import in_order, processors, works
from epicrisis.text import Passage, PassageRule, language, sentences
from epicrisis.text.clean import Preparation, Prepared
from epicrisis.text.foreign import foreign

LabelNetwork = Callable[[dict[str, NDArray[Any]]], tuple[NDArray[np.float32], NDArray[np.float32] | None]]
"""The arrays of `encode_documents` for D chapters -> (D, K) scores, and the shares of attention (D, P, T), if any."""

BATCH_TOKENS = 2048
WORK_CHARACTERS = 100_000
"""Characters that a thread takes at once."""
SENTENCE = "sentence"


@dataclass
class Reading:
    """What was read of a text: scores of all heads, the attention of its words, characters that were not seen."""

    scores: NDArray[np.float64]
    attention: list[Word] = field(default_factory=list)
    truncated: int = 0


class Reader(Protocol):
    """Texts -> scores; nothing of a text that has no words."""

    @property
    def has_attention(self) -> bool: ...

    def read(self, texts: Sequence[str]) -> list[Reading | None]: ...


@dataclass(frozen=True)
class NetworkReader:
    """network, indexers, rule: as of an Annotator; opens: passages begin with a token that stands for the whole"""

    network: LabelNetwork
    indexers: Sequence[Indexer]
    rule: PassageRule
    opens: bool
    has_attention: bool
    batch_tokens: int = BATCH_TOKENS

    def read(self, texts: Sequence[str]) -> list[Reading | None]:
        found: list[Reading | None] = [None] * len(texts)
        cut = [
            (n, chapter)
            for n, text in enumerate(texts)
            for chapter in chapters(text, self.rule, self.indexers, opens=self.opens)
        ]
        weights = np.zeros(len(texts))
        own = [sum(passage.own[1] - passage.own[0] for passage in chapter) for _, chapter in cut]
        np.add.at(weights, [n for n, _ in cut], own)
        for batch in self._batches([chapter for _, chapter in cut]):
            inputs = encode_documents([cut[k][1] for k in batch], self.indexers)
            scores, shares = self.network(inputs)
            for row, k in enumerate(batch):
                (n, chapter), share = cut[k], own[k] / weights[cut[k][0]]
                one = found[n] or Reading(np.zeros(scores.shape[1]))
                one.scores += share * scores[row].astype(np.float64)
                one.truncated += unseen(chapter, self.indexers)
                if shares is not None:
                    one.attention += _words(chapter, shares[row] * share)
                found[n] = one
        return found

    def _batches(self, cut: Sequence[list[Passage]]) -> Iterator[list[int]]:
        """Chapters of similar size together, as many as a batch of so many tokens holds, padding counted."""
        longest = [max(len(passage.tokens) for passage in chapter) for chapter in cut]
        batch: list[int] = []
        widest = rows = 0
        for k in sorted(range(len(cut)), key=lambda k: (len(cut[k]), longest[k])):
            widest, rows = max(widest, longest[k]), rows + len(cut[k])
            if batch and widest * rows > self.batch_tokens:
                yield batch
                batch, widest, rows = [], longest[k], len(cut[k])
            batch.append(k)
        if batch:
            yield batch


@dataclass(frozen=True)
class Classifier:
    """A model ready for texts.

    name         what `meta["label_model"]` of its documents says
    reader       texts -> scores
    heads        scores -> labels
    about        the content of model.json
    preparation  what is done to a text before it is read
    """

    name: str
    reader: Reader
    heads: Sequence[LabelHead]
    about: Mapping[str, Any]
    preparation: Preparation = field(default_factory=Preparation)

    def __call__(self, text: str | Document, *, sentences: bool = False, evidence: bool = False) -> Document:
        """Label one text; see `pipe`."""
        (document,) = self.pipe([text], threads=1, sentences=sentences, evidence=evidence)
        return document

    def pipe(
        self,
        documents: Iterable[str | Document],
        *,
        threads: int | None = None,
        sentences: bool = False,
        evidence: bool = False,
    ) -> Iterator[Document]:
        """Label a stream, in its order and in constant memory. What labels of this model's names they had is replaced.

        threads: how many work at once; by default one a processor
        sentences: label every sentence by itself, too, as segments of that kind; one that is not fit to be read, as
        below, is a segment without labels
        evidence: say which words carried each label of a document; without attention, that takes many readings

        A text without words, or in a language that the model was not trained for, gets no label, and
        `meta["no_label"]` says why. Where the iterator of the documents raises, it is raised on after those before it.
        """
        failures: list[Exception] = []
        given = (Document("", one) if isinstance(one, str) else one for one in documents)
        stream = works(given, lambda document: len(document.text) + 100, WORK_CHARACTERS, failures)

        def find(work: list[Document]) -> list[Document]:
            return self._labelled(work, sentences, evidence)

        for _, found in in_order(find, stream, threads or processors()):
            yield from found
        if failures:
            raise failures[0]

    def scores(self, documents: Iterable[Document]) -> list[NDArray[np.float64] | None]:
        """(K,) of each document, before they become labels; None where there is nothing to read."""
        texts = [self.preparation.prepare(document.text).text for document in documents]
        return [None if one is None else one.scores for one in self.reader.read(texts)]

    def _labelled(self, work: list[Document], with_sentences: bool, evidence: bool) -> list[Document]:
        prepared = [self.preparation.prepare(document.text) for document in work]
        reasons = [self._unfit(d.text, one.text) for d, one in zip(work, prepared, strict=True)]
        fit = [document for document, reason in zip(work, reasons, strict=True) if reason is None]
        spans = [list(sentences(document.text)) if with_sentences else [] for document in fit]
        texts = [one.text for one, reason in zip(prepared, reasons, strict=True) if reason is None]
        pieces = [document.text[a:b] for document, found in zip(fit, spans, strict=True) for a, b in found]
        ready = [self.preparation.prepare(piece).text for piece in pieces]
        texts += ["" if self._unfit(*both) else both[1] for both in zip(pieces, ready, strict=True)]
        readings = self._readings(texts)
        read, of_pieces = readings[: len(fit)], iter(self._labels(readings[len(fit) :]))
        said = iter(zip(self._labels(read), read, spans, strict=True))
        finished = []
        for document, one, reason in zip(work, prepared, reasons, strict=True):
            kept = {name: label for name, label in document.labels.items() if not any(h.owns(name) for h in self.heads)}
            segments = tuple(s for s in document.segments if s.kind != SENTENCE or not with_sentences)
            meta: dict[str, Any] = {**document.meta, "label_model": self.name, "truncated_characters": 0}
            meta.pop("no_label", None)
            if not kept:  # what was guessed by rules is replaced
                meta.pop("weak", None)
            if reason is not None:
                meta["no_label"] = reason
            else:
                labels, reading, found = next(said)
                assert reading is not None
                meta["truncated_characters"] = reading.truncated
                kept |= self._with_evidence(one, labels, reading) if evidence else labels
                segments += tuple(Segment(span, SENTENCE, next(of_pieces)) for span in found)
            finished.append(replace(document, labels=kept, segments=segments, meta=meta))
        return finished

    def _readings(self, texts: Sequence[str]) -> list[Reading | None]:
        """Each text is read once: a comment is often a single sentence, or what others wrote, too."""
        different = list(dict.fromkeys(texts))
        read = dict(zip(different, self.reader.read(different), strict=True))
        return [read[text] for text in texts]

    def _unfit(self, text: str, prepared: str) -> str | None:
        """Why a text gets no label."""
        if not text.strip():
            return "the text is empty"
        if not any(map(str.isalnum, text)):
            return "the text has no words"
        known = self.about.get("languages") or ()
        here = foreign(text) or language(text)
        if known and here not in known:
            return f"the text is of another language ({here}) than the model ({', '.join(known)})"
        return None if prepared.strip() else "nothing of the text is left to be read after preparing it"

    def _labels(self, readings: Sequence[Reading | None]) -> list[dict[str, Label]]:
        there = [reading.scores for reading in readings if reading is not None]
        said = iter(decode_labels(self.heads, np.stack(there)) if there else ())
        return [{} if reading is None else next(said) for reading in readings]

    def _with_evidence(self, prepared: Prepared, labels: dict[str, Label], reading: Reading) -> dict[str, Label]:
        """The words of the text itself that those which were read stand for."""
        if self.reader.has_attention:
            words = Evidence("attention", weightiest(reading.attention, MOST_WORDS))
            found = {name: replace(label, evidence=words) for name, label in labels.items()}
        else:
            found = by_occlusion(prepared.text, labels, reading.scores, self.heads, self._scores_of_prepared)
        return {name: replace(label, evidence=_in_original(prepared, label.evidence)) for name, label in found.items()}

    def _scores_of_prepared(self, texts: Sequence[str]) -> list[NDArray[np.float64] | None]:
        return [None if one is None else one.scores for one in self.reader.read(texts)]


def _in_original(prepared: Prepared, evidence: Evidence | None) -> Evidence | None:
    if evidence is None:
        return None
    return Evidence(evidence.by, tuple((*prepared.original(a, b), weight) for a, b, weight in evidence.words))


def _words(chapter: Sequence[Passage], shares: NDArray[np.float32]) -> list[Word]:
    """The own tokens of a chapter with their shares (P, T)."""
    return [
        (*token, float(share))
        for passage, row in zip(chapter, shares, strict=False)
        for token, share in zip(passage.tokens, row, strict=False)
        if share > 0
    ]
