"""ADE corpus V2: sentences of MEDLINE case reports with drugs and their adverse effects and doses.

Source    https://sites.google.com/site/adecorpus/ (ADE-Corpus-V2.zip)
Licence   none is stated; the authors publish it freely and ask for citation. Get your own copy and do not pass it on
Cite      Gurulingappa et al. (2012), "Development of a benchmark corpus to support the automatic extraction of
          drug-related adverse effects from medical case reports", J Biomed Inform 45(5)
Files     DRUG-AE.rel and DRUG-DOSE.rel, a relation a line: `PMID|sentence|effect or dose|start|end|drug|start|end`;
          ADE-NEG.txt, a sentence without any a line: `PMID NEG sentence`. Packed (.gz) or not

A document is a sentence. The offsets of the files are those of abstracts that are not given; where the two mentions
stand in the sentence is found by their words and their distance, and where several places fit, by the sentence's
other relations. Entities are ADE, Dosage and Drug, relations ADE-Drug and Dosage-Drug; a mention that several
relations share stands once. In 120 relations with effects the two arguments overlap: they are kept, and counted.

`ade-v2` holds the 4,272 sentences with relations, as published scores do; `ade-v2-all` the 16,695 others, too, in which
drugs and effects that are not related were not annotated. Of a report N their ids are N-1, N-2, ... and N-neg-1, ...;
`meta["pmid"]` is N. The ten folds of the package are ours (none are official): fold-0 to fold-9, a report and its
near-duplicates in one of them.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.records import made
from epicrisis.corpora.files.sources import Source, ending, lines, sources
from epicrisis.corpora.report import Report
from epicrisis.document import Document, Entity, Relation, Span

RELATED = {"drug-ae.rel": "ADE", "drug-dose.rel": "Dosage"}
"""Files of relations, and the type of the first argument."""
UNRELATED = "ade-neg.txt"
MARK = " NEG "


@dataclass
class _Sentence:
    """rows: type, the words and the offset of the first argument and of the drug, file and line"""

    id: str
    pmid: str
    text: str
    place: tuple[str, int]
    rows: list[tuple[str, str, int, str, int, tuple[str, int]]] = field(default_factory=list)


def read(path: Path, report: Report) -> Iterator[Document]:
    """The sentences with relations. Raises CorpusError where the path does not exist or holds no file of them."""
    return _related(sources(path, ending(*RELATED), "DRUG-AE.rel or DRUG-DOSE.rel (*.rel)"), report)


def read_all(path: Path, report: Report) -> Iterator[Document]:
    """All sentences. Raises CorpusError where the path does not exist or holds none of the files."""
    wanted = "DRUG-AE.rel, DRUG-DOSE.rel (*.rel) or ADE-NEG.txt"
    return _all(sources(path, ending(*RELATED, UNRELATED), wanted), report)


def _all(files: list[Source], report: Report) -> Iterator[Document]:
    yield from _related([file for file in files if _name(file) in RELATED], report)
    numbers: Counter[str] = Counter()
    for file in files:
        if _name(file) in RELATED:
            continue
        for place, line in _lines(file, report):
            pmid, mark, text = line.partition(MARK)
            if not mark or not pmid.isdecimal() or not text:
                report.add(*place, "a line is PMID NEG sentence")
                continue
            numbers[pmid] += 1
            document = made(place, report, f"{pmid}-neg-{numbers[pmid]}", text, meta={"pmid": pmid})
            if document is not None:
                yield document


def _related(files: list[Source], report: Report) -> Iterator[Document]:
    """A sentence may have relations in both files: they are read before the first document is made."""
    sentences: dict[tuple[str, str], _Sentence] = {}
    numbers: Counter[str] = Counter()
    for file in files:
        type = RELATED.get(_name(file), "ADE")
        for place, line in _lines(file, report):
            pmid, *rest = line.split("|")
            if len(rest) < 7 or not pmid.isdecimal():
                report.add(*place, "a line is PMID|sentence|words|start|end|drug|start|end")
                continue
            text, (words, start, _, drug, drug_start, _) = "|".join(rest[:-6]), rest[-6:]
            if not start.isdecimal() or not drug_start.isdecimal() or len(start) > 15 or len(drug_start) > 15:
                report.add(*place, "its offsets are not whole numbers")
                continue
            if (pmid, text) not in sentences:
                numbers[pmid] += 1
                sentences[pmid, text] = _Sentence(f"{pmid}-{numbers[pmid]}", pmid, text, place)
            sentences[pmid, text].rows.append((type, words, int(start), drug, int(drug_start), place))
    for sentence in sentences.values():
        document = _document(sentence, report)
        if document is not None:
            yield document


def _document(sentence: _Sentence, report: Report) -> Document | None:
    candidates = [_starts(sentence.text, *row[1:5]) for row in sentence.rows]
    votes = Counter(start for starts in candidates for start in starts)
    ids: dict[tuple[str, Span], str] = {}
    relations: list[Relation] = []
    for (type, words, start, drug, drug_start, place), starts in zip(sentence.rows, candidates, strict=True):
        if not starts:
            report.add(
                *place, "its two mentions do not stand in the sentence at this distance; the relation was left out"
            )
            continue
        first = max(starts, key=lambda one: (votes[one], one))
        spans = (start - first, start - first + len(words)), (drug_start - first, drug_start - first + len(drug))
        head, tail = (ids.setdefault(key, f"T{len(ids) + 1}") for key in ((type, spans[0]), ("Drug", spans[1])))
        relations.append(Relation(f"{type}-Drug", head, tail, f"R{len(relations) + 1}"))
        if spans[0][0] < spans[1][1] and spans[1][0] < spans[0][1]:
            report.count("relations whose arguments overlap")
        if len(starts) > 1:
            report.count("relations whose place in the sentence had to be chosen")
    entities = tuple(Entity(type, (span,), id) for (type, span), id in ids.items())
    meta = {"pmid": sentence.pmid}
    return made(
        sentence.place, report, sentence.id, sentence.text, entities=entities, relations=tuple(relations), meta=meta
    )


def _starts(text: str, words: str, start: int, drug: str, drug_start: int) -> list[int]:
    """Where the sentence may begin in the abstract, so that both mentions stand where they should."""
    found: list[int] = []
    place = text.find(words) if words and drug else -1
    while place >= 0:
        other = place + drug_start - start
        if other >= 0 and text.startswith(drug, other):
            found.append(start - place)
        place = text.find(words, place + 1)
    return found


def _lines(file: Source, report: Report) -> Iterator[tuple[tuple[str, int], str]]:
    return (((file.name, number), line) for number, line in lines(file, report) if line)


def _name(file: Source) -> str:
    return file.path.name.lower()


CORPUS = Corpus(
    name="ade-v2",
    title="ADE corpus V2: sentences of case reports with drugs, adverse effects and doses",
    read=read,
    licence="not stated; free to use with citation, do not pass on",
    citation="Gurulingappa et al. 2012, J Biomed Inform 45(5)",
    languages=("en",),
    where="https://sites.google.com/site/adecorpus/",
    counts={"documents": 4272, "entities": 11069, "relations": 6821 + 279},
    types={"ADE": 5776, "Drug": 5063, "Dosage": 230},
    folders=("ade-corpus-v2", "ADE-Corpus-V2"),
    has_split=True,
)
ALL = replace(
    CORPUS,
    name="ade-v2-all",
    title="ADE corpus V2 with the sentences that have no relation",
    read=read_all,
    counts={**CORPUS.counts, "documents": 4272 + 16695},
)
