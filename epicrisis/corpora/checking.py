"""What is wrong with a corpus, and what is merely worth knowing.

Wrong is what makes a score mean something else than it says: a line that was not read, another number of mentions than
was published, an id that stands twice, a copy of a test document among those for training. That mentions are
discontinuous or nested is a fact.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.counting import overlaps, parts_of, totals
from epicrisis.corpora.labels import label_names
from epicrisis.corpora.report import Report
from epicrisis.corpora.splits import LEFT_OUT, Split, check_split, near_duplicates, text_key
from epicrisis.document import Document
from epicrisis.errors import CorpusError


@dataclass(frozen=True)
class Findings:
    """wrong: sentences, one for each mistake; facts: numbers by what they count."""

    wrong: tuple[str, ...]
    facts: Mapping[str, int]


def check(corpus: Corpus, documents: Sequence[Document], report: Report, split: Split | None = None) -> Findings:
    """Everything that can be checked once the documents were read; report: what their reader had to say.

    split: the parts to compare for leakage; without one, those that the reader found in the files
    """
    wrong = [str(problem) for problem in report]
    wrong += _published(corpus, documents)
    unique = {document.id: document for document in reversed(documents)}
    twice = [id for id, number in Counter(document.id for document in documents).items() if number > 1]
    wrong += [f"document id {id!r} stands twice" for id in sorted(twice)]
    if split is not None:
        try:
            check_split(split, unique, corpus.name)
        except CorpusError as error:
            wrong.append(str(error))
    copies = Counter(document.text for document in unique.values())
    groups = near_duplicates(unique.values())
    wrong += _leaks(groups, parts_of(unique.values(), split))
    facts = Counter({f"{name} mentions or pairs": number for name, number in overlaps(documents).items()})
    facts["mentions with white space at an edge"] = sum(
        words != words.strip() for document in documents for words in map(document.words, document.entities)
    )
    facts["documents whose text another one has"] = sum(number for number in copies.values() if number > 1)
    facts["groups of copies and near-duplicates"] = len(groups)
    facts["documents in such groups"] = sum(len(group) for group in groups)
    return Findings(tuple(wrong), {**report.counts, **facts})


def shared(one: Sequence[Document], other: Sequence[Document]) -> dict[str, int]:
    """What two corpora have in common: never train on one and test on the other without leaving it out.

    reports: PubMed reports (`meta["pmid"]`); texts: of the first, those that the other has, but for white space
    """
    reports = [{document.meta["pmid"] for document in side if "pmid" in document.meta} for side in (one, other)]
    there = {text_key(document.text) for document in other}
    return {
        "reports": len(reports[0] & reports[1]),
        "texts": sum(text_key(document.text) in there for document in one),
    }


def _published(corpus: Corpus, documents: Sequence[Document]) -> list[str]:
    found = totals(documents)
    types = Counter(entity.type for document in documents for entity in document.entities)
    wrong = [
        f"{corpus.name}: {found[name]:,} {name}, but {number:,} were published"
        for name, number in corpus.counts.items()
        if found[name] != number
    ]
    labels = Counter(name for document in documents for name in label_names(document))
    wrong += [
        f"{corpus.name}: {labels[name]:,} documents with {name}, but {number:,} were published"
        for name, number in corpus.labels.items()
        if labels[name] != number
    ]
    if corpus.types:
        wrong += [
            f"{corpus.name}: {types[name]:,} entities of type {name}, but {corpus.types.get(name, 0):,} were published"
            for name in sorted({*types, *corpus.types})
            if types[name] != corpus.types.get(name, 0)
        ]
    return wrong


def _leaks(groups: Sequence[Sequence[str]], parts: Mapping[str, str]) -> list[str]:
    wrong = []
    for group in groups:
        placed = [(parts[id], id) for id in group if parts.get(id, LEFT_OUT) != LEFT_OUT]
        if len({part for part, _ in placed}) > 1:
            members = ", ".join(f"{id} ({part})" for part, id in sorted(placed))
            wrong.append(f"copies or near-duplicates in several parts: {members}")
    return wrong
