"""What is wrong with a corpus, and what is merely worth knowing.

Wrong is what makes a score mean something else than it says: a line that was not read, another number of mentions than
was published, offsets that were made on another version of the text, an id that stands twice, a copy of a test document
among those for training, or in the corpus that a system was trained on. That mentions are discontinuous or nested is a
fact.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.counting import OVERLAPS, overlaps, parts_of, totals
from epicrisis.corpora.labels import label_names
from epicrisis.corpora.report import Report
from epicrisis.corpora.splits import LEFT_OUT, Split, check_split, near_duplicates, text_key
from epicrisis.document import Document, Entity
from epicrisis.errors import CorpusError

SHIFTED = 3
"""A document with as many mentions that cut words, and more of these than others, has shifted offsets."""
CJK = "\u2e80"
"""From here on words have no spaces between them."""


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
    wrong += _shifted(documents)
    if split is not None:
        try:
            check_split(split, unique, corpus.name)
        except CorpusError as error:
            wrong.append(str(error))
    parts = parts_of(unique.values(), split)
    copies = Counter(document.text for document in unique.values())
    groups = near_duplicates(unique.values())
    wrong += _leaks(groups, parts)
    facts = _facts(documents)
    if parts:
        facts["documents in no part of the split"] = len(unique.keys() - parts.keys())
    facts["documents whose text another one has"] = sum(number for number in copies.values() if number > 1)
    facts["groups of copies and near-duplicates"] = len(groups)
    facts["documents in such groups"] = sum(len(group) for group in groups)
    return Findings(tuple(wrong), {**_reported(corpus, documents), **report.counts, **facts})


def shared(one: Sequence[Document], other: Sequence[Document]) -> dict[str, list[str]]:
    """What two corpora have in common: never train on one and test on the other without leaving it out.

    reports: PubMed reports (`meta["pmid"]`); texts: ids of the first whose text the other has, but for white space;
    near-duplicates: ids of the first that share half of a text of the other, or with one that does
    """
    reports = [{str(document.meta["pmid"]) for document in side if "pmid" in document.meta} for side in (one, other)]
    there = {text_key(document.text) for document in other}
    texts = [document.id for document in one if text_key(document.text) in there]
    sides = {
        f"{side}{number}": document
        for side, given in zip("ab", (one, other), strict=True)
        for number, document in enumerate(given)
    }
    groups = near_duplicates(replace(document, id=id) for id, document in sides.items())
    across = [group for group in groups if len({id[0] for id in group}) > 1]
    near = [sides[id].id for group in across for id in group if id[0] == "a"]
    return {
        "reports": sorted(reports[0] & reports[1]),
        "texts": texts,
        "near-duplicates": sorted({*near} - {*texts}),
    }


def _facts(documents: Sequence[Document]) -> Counter[str]:
    facts = Counter({OVERLAPS[name]: number for name, number in overlaps(documents).items()})
    words = [document.words(entity) for document in documents for entity in document.entities]
    facts["mentions with white space at an edge"] = sum(word != word.strip() for word in words)
    facts["mentions of white space alone"] = sum(not word.strip() for word in words)
    facts["mentions that begin or end within a word"] = sum(
        _cuts(document.text, entity) for document in documents for entity in document.entities
    )
    facts["relations of an entity with itself"] = sum(r.head == r.tail for d in documents for r in d.relations)
    links = Counter((d.id, r.type, r.head, r.tail) for d in documents for r in d.relations)
    facts["relations that stand twice"] = sum(number - 1 for number in links.values())
    facts["documents without text"] = sum(not document.text.strip() for document in documents)
    facts["documents without a mention"] = sum(not document.entities for document in documents)
    return facts


def _shifted(documents: Iterable[Document]) -> list[str]:
    wrong = []
    for document in documents:
        cut = sum(_cuts(document.text, entity) for entity in document.entities)
        if cut >= SHIFTED and 2 * cut > len(document.entities):
            wrong.append(
                f"document {document.id!r}: {cut} of {len(document.entities)} mentions begin or end within a word; "
                f"they were probably marked on another version of the text (line endings, byte order mark, UTF-16)"
            )
    return wrong


def _cuts(text: str, entity: Entity) -> bool:
    """Whether an edge of the mention stands between two letters; Chinese has words without spaces."""
    edges = {edge for fragment in entity.fragments for edge in fragment}
    return any(_is_letter(text[edge - 1 : edge]) and _is_letter(text[edge : edge + 1]) for edge in edges)


def _is_letter(character: str) -> bool:
    return character.isalpha() and character < CJK


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


def _reported(corpus: Corpus, documents: Sequence[Document]) -> dict[str, int]:
    """How far numbers are from those that are said of the corpus: to be looked at, but nothing wrong by itself."""
    found = totals(documents)
    away = {name: found[name] - number for name, number in corpus.reported.items()}
    return {
        f"{name} {'more' if more > 0 else 'fewer'} than the {corpus.reported[name]:,} reported": abs(more)
        for name, more in away.items()
        if more
    }


def _leaks(groups: Sequence[Sequence[str]], parts: Mapping[str, str]) -> list[str]:
    wrong = []
    for group in groups:
        placed = [(parts[id], id) for id in group if parts.get(id, LEFT_OUT) != LEFT_OUT]
        if len({part for part, _ in placed}) > 1:
            members = ", ".join(f"{id} ({part})" for part, id in sorted(placed))
            wrong.append(f"copies or near-duplicates in several parts: {members}")
    return wrong
