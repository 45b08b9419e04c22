"""Columns, a token a line, as CoNLL shared tasks have them: IO, IOB1, IOB2 (BIO), BIOES and its other spellings.

Tjong Kim Sang and De Meulder (2003), "Introduction to the CoNLL-2003 Shared Task", CoNLL. The token is in the first
column and the tag in the last, between tabs or, where a file has none, spaces; blank lines end sentences. In Python
`read(..., column=2)` takes another column's tags. Of CoNLL-U (ten columns) words are FORM and tags NER=... in MISC.

`-DOCSTART-` lines begin documents; in a file without any, every sentence is a document. There is no text: tokens are
joined by spaces (Chinese characters by nothing) and sentences by line breaks, so offsets count in that. In columns of
our own writer the document's id stands behind `-DOCSTART-`, and a token's first and last character behind the token:
there every token stands in its place again, though white space has become spaces and line breaks.

One rule reads every scheme: B, S and U begin a mention, E, L, S and U end one, and I, M or a bare type go on with the
one before of the same type, or begin one. Several tags of a token are joined by `|`. A mention that begins with I is
right in IOB1 and a mistake in IOB2; they are counted.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.layout import Sentence, joined
from epicrisis.corpora.files.records import made
from epicrisis.corpora.files.sources import Source, ending, lines, sources, split_of
from epicrisis.corpora.report import Report
from epicrisis.document import Document, Entity, Span

SUFFIXES = (
    *(".conll", ".conll2003", ".conllu", ".bio", ".iob", ".iob2", ".bioes", ".bmes", ".bilou", ".ner", ".tsv"),
    *(".train", ".testa", ".testb", "train.txt", "dev.txt", "valid.txt", "test.txt"),
)
OUTSIDE = ("O", "", "_", "-")
DOCSTART = "-DOCSTART-"
CONLL_U = 10
WIDEST = 1000
"""Characters of white space between two tokens: where one says that there are more, none is believed."""
_TAG = re.compile(r"([BIEMSLU])[-_](.+)")

Mention = tuple[str, int, int]
"""Type, first and last token."""
Row = tuple[str, str, int | None]
"""A token, its tag, and where it begins, if that is said."""


def read(path: Path, report: Report, *, column: int = -1) -> Iterator[Document]:
    """column: of the tags, from 0, or from -1 backwards

    Raises CorpusError where the path does not exist or holds no such file.
    """
    wanted = "columns of tokens and tags (*.conll, *.bio, *train.txt ...)"
    return _read(sources(path, ending(*SUFFIXES), wanted), column, report)


def _read(files: Sequence[Source], column: int, report: Report) -> Iterator[Document]:
    seen: set[str] = set()
    for file in files:
        for number, (line, id, sentences) in enumerate(_documents(file, column, report), start=1):
            if id in seen:
                report.add(file.name, line, "another document has this id; this one is called after its file")
            id = id if id and id not in seen else f"{file.id}-{number}"
            seen.add(id)
            text, spans = _placed(sentences) or joined([[row[0] for row in sentence] for sentence in sentences])
            entities = [
                Entity(type, ((row[first][0], row[last][1]),))
                for sentence, row in zip(sentences, spans, strict=True)
                for type, first, last in mentions([row[1] for row in sentence], report)
            ]
            document = made((file.name, line), report, id, text, entities=tuple(entities), meta=split_of(file))
            if document is not None:
                yield document


def _placed(sentences: list[list[Row]]) -> tuple[str, list[Sentence]] | None:
    """The text with every token in its place, and their offsets; None where not all places are said or they are none.

    A gap is spaces, that before a sentence a line break and spaces.
    """
    parts: list[str] = []
    spans: list[Sentence] = []
    length = 0
    for sentence in sentences:
        places: list[Span] = []
        for token, _, start in sentence:
            gap = -1 if start is None else start - length
            if start is None or not 0 <= gap <= WIDEST:
                return None
            first = gap and length and not places
            parts += ("\n" + " " * (gap - 1) if first else " " * gap, token)
            length = start + len(token)
            places.append((start, length))
        spans.append(tuple(places))
    return "".join(parts), spans


def _documents(file: Source, column: int, report: Report) -> Iterator[tuple[int, str, list[list[Row]]]]:
    """The first line, the id, if there is one, and the sentences of every document."""
    held: list[list[Row]] = []
    began, id, marked = 1, "", False
    for line, sentence in _sentences(file, column, report):
        if sentence and not marked:
            if not _is_start(sentence[0]):
                yield line, "", [sentence]
                continue
            marked = True
        if sentence and _is_start(sentence[0]):
            if held or id:
                yield began, id, held
            held, began, id = [], line, sentence[0][1]
            sentence = sentence[1:]
        if sentence:
            held.append(sentence)
    if held or id:
        yield began, id, held


def _is_start(row: Row) -> bool:
    return row[0] == DOCSTART


def _sentences(file: Source, column: int, report: Report) -> Iterator[tuple[int, list[Row]]]:
    """The first line of every sentence and its rows. A row that cannot be read is left out of it."""
    rows: list[Row] = []
    began, width = 0, 0
    first = itertools.islice(lines(file, Report()), 20)
    separator = "\t" if any("\t" in line for _, line in first) else " "
    for number, line in lines(file, report):
        blank = not line.strip("\t " if separator == "\t" else " ")
        if blank or (separator == "\t" and line.startswith("#") and "\t" not in line):
            if blank and rows:
                yield began, rows
                rows = []
            continue
        fields = line.split("\t") if separator == "\t" else [field for field in line.split(" ") if field]
        start = fields[0] == DOCSTART
        width = width or (0 if start else len(fields))
        if start and rows:
            yield began, rows
            rows = []
        if not start and (len(fields) != width or width < 2 or not -width <= column < width):
            report.add(
                file.name, number, f"it has {len(fields)} columns; {width or 2} were expected, one of them {column}"
            )
            continue
        row = (DOCSTART, _id(fields), None) if start else _row(fields, column)
        if row is None:
            continue
        if not row[0]:
            report.add(file.name, number, "its token is empty; it was left out")
            continue
        began = began if rows else number
        rows.append(row)
    if rows:
        yield began, rows


def _id(fields: Sequence[str]) -> str:
    """Of a document, from its first line as our own writer has it; "" from those of others."""
    return fields[1] if len(fields) == 4 and fields[2] == "-X-" and fields[1] not in ("-X-", *OUTSIDE) else ""


def _row(fields: Sequence[str], column: int) -> Row | None:
    """None for the ranges and empty nodes of CoNLL-U."""
    if len(fields) != CONLL_U or not re.fullmatch(r"\d+([-.]\d+)?", fields[0]):
        return fields[0], fields[column].strip(), _start(fields)
    if not fields[0].isdecimal():
        return None
    misc = dict(item.partition("=")[::2] for item in fields[9].strip().split("|"))
    return fields[1], misc.get("NER", "O"), None


def _start(fields: Sequence[str]) -> int | None:
    """Of a token that says its first and last character."""
    if len(fields) != 4 or not all(re.fullmatch(r"[0-9]{1,9}", field) for field in fields[1:3]):
        return None
    start, end = int(fields[1]), int(fields[2])
    return start if end - start == len(fields[0]) else None


def mentions(tags: Sequence[str], report: Report | None = None) -> list[Mention]:
    """The mentions that the tags of a sentence say, in the order of their first tokens."""
    done: list[Mention] = []
    open_: dict[str, int] = {}  # type -> first token of a mention that may go on
    for number, tag in enumerate([*tags, "O"]):
        here = dict(_parsed(one) for one in tag.split("|") if one not in OUTSIDE)
        for type in [type for type in open_ if here.get(type, "B") in "BSU"]:
            done.append((type, open_.pop(type), number - 1))
        for type, prefix in here.items():
            if type not in open_:
                open_[type] = number
                if prefix not in "BSU" and report is not None:
                    report.count("mentions that do not begin with B or S (IOB1, or a mistake in other schemes)")
            if prefix in "ELSU":
                done.append((type, open_.pop(type), number))
    return sorted(done, key=lambda mention: (mention[1], -mention[2], mention[0]))


def _parsed(tag: str) -> tuple[str, str]:
    """Type and prefix; a bare type is inside."""
    match = _TAG.fullmatch(tag)
    return (match[2], match[1]) if match else (tag, "I")


CORPUS = Corpus(
    name="conll",
    title="columns of tokens and tags: CoNLL-2003, CoNLL-U, BIO, BIOES and others",
    read=read,
    where="your own files",
)
