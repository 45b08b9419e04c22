"""Through every pair of formats that lose nothing, documents come out as they went in."""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from epicrisis.corpora import CORPORA, Report, read
from epicrisis.corpora.formats import brat_output
from epicrisis.corpora.writers import WRITERS
from epicrisis.corpora.writers.bioc import NOT_XML
from epicrisis.document import Attribute, Document, Entity, Label, Relation
from epicrisis.text import tokens

from ..generated import documents
from .rebuilding import from_bioc, from_cas, from_web_annotation

SUFFIX = {name: WRITERS[name].suffix for name in WRITERS}


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    yield folder
    shutil.rmtree(folder)


READ_BY = {"bioc-xml": "bioc", "bioc-json": "bioc", "doccano": "jsonl"}
"""Our readers, where their names are not those of the writers."""


def written(name: str, document: Document, folder: Path) -> tuple[Path, Counter[str]]:
    path = folder / f"{name}{SUFFIX[name]}"
    return path, WRITERS[name].write([document], path)


def through(name: str, document: Document, folder: Path) -> Document:
    """The document as it is read again: by our reader of the format and, where there is another, by that one, too."""
    path, lost = written(name, document, folder)
    assert not lost, f"{name}: {lost}"
    return again(name, path, document.id)


def again(name: str, path: Path, id: str) -> Document:
    others: dict[str, Callable[[], Document]] = {
        "xmi": lambda: from_cas(path, id),
        "web-annotation": lambda: from_web_annotation(path, id),
        "bioc-xml": lambda: from_bioc(path)[0],
        "bioc-json": lambda: from_bioc(path)[0],
    }
    ours = READ_BY.get(name, name)
    if ours not in CORPORA:
        return others[name]()
    report = Report()
    (found,) = read(ours, path, report)
    assert not len(report), report
    if name in others:
        assert found == others[name]()
    return found


LOSSLESS = ["jsonl", "parquet", "web-annotation", "xmi"]
ALL = [*LOSSLESS, "brat", "bioc-xml", "bioc-json"]


def writable(document: Document) -> Document:
    """Without control characters in the text, which XML has no word for."""
    return replace(document, text=NOT_XML.sub("\ufffd", document.text))


@settings(max_examples=60, deadline=None)
@given(document=documents().map(writable), names=st.tuples(st.sampled_from(LOSSLESS), st.sampled_from(LOSSLESS)))
def test_any_document_survives_any_pair_of_lossless_formats(
    scratch: Path, document: Document, names: tuple[str, str]
) -> None:
    came = document
    for name in names:
        came = through(name, came, scratch)
    assert came == document


@settings(max_examples=80, deadline=None)
@given(document=documents().map(writable), names=st.tuples(st.sampled_from(ALL), st.sampled_from(ALL)))
def test_what_brat_and_bioc_can_hold_survives_any_pair(
    scratch: Path, document: Document, names: tuple[str, str]
) -> None:
    held, _ = brat_output.canonical(document)
    held = replace(
        held, entities=tuple(map(_in_strings, held.entities)), relations=tuple(map(_in_strings, held.relations))
    )
    assume(not any(relation.event for relation in held.relations))  # brat names their ids after the order of events
    held, _ = brat_output.canonical(held)
    came = held
    for name in names:
        came = through(name, came, scratch)
    assert came == held


@settings(max_examples=80, deadline=None)
@given(document=documents().map(writable), name=st.sampled_from(["bioc-xml", "bioc-json"]))
def test_bioc_gives_back_all_but_segments_and_the_types_of_values(scratch: Path, document: Document, name: str) -> None:
    path, _ = written(name, document, scratch)
    assert again(name, path, document.id) == replace(
        document,
        entities=tuple(replace(e, attributes=_texts(e.attributes)) for e in document.entities),
        relations=tuple(replace(r, attributes=_texts(r.attributes)) for r in document.relations),
        labels={name: Label(_text(label.value)) for name, label in document.labels.items()},
        segments=(),
        meta={name: value if isinstance(value, str) else json.dumps(value) for name, value in document.meta.items()},
    )


@settings(max_examples=80, deadline=None)
@given(document=documents(), id=st.sampled_from(["ward/note", "病区 1", "2"]))
def test_conll_gives_back_the_id_and_every_flat_mention_in_its_place(
    scratch: Path, document: Document, id: str
) -> None:
    starts, ends = zip(*tokens(document.text), strict=True) if document.text.strip() else ((), ())
    flat: list[Entity] = []
    for e in document.entities:
        if len(e.fragments) == 1 and e.start in starts and e.end in ends and (not flat or flat[-1].end <= e.start):
            flat.append(Entity("_".join(e.type.split()) or "_", e.fragments))
    path, _ = written("conll", Document(id, document.text, tuple(flat)), scratch)
    found = again("conll", path, id)
    assert (found.id, len(found.text)) == (id, max(ends, default=0))
    assert [(e.type, e.fragments) for e in found.entities] == [(e.type, e.fragments) for e in flat]
    for start, end in tokens(document.text):
        assert found.text[start:end] == document.text[start:end]


@settings(max_examples=60, deadline=None)
@given(document=documents())
def test_doccano_gives_back_stretches_relations_and_meta(scratch: Path, document: Document) -> None:
    path, _ = written("doccano", document, scratch)
    found = again("doccano", path, document.id)
    assert (found.id, found.text, found.meta) == (document.id, document.text, document.meta)
    numbers = {e.id: str(number) for number, e in enumerate(document.entities, start=1)}
    plain = [Entity(e.type, ((e.start, e.end),), numbers[e.id]) for e in document.entities]
    assert sorted(found.entities) == sorted(plain)
    assert [(r.type, r.head, r.tail) for r in found.relations] == [
        (r.type, numbers[r.head], numbers[r.tail]) for r in document.relations
    ]


@settings(max_examples=80, deadline=None)
@given(document=documents())
def test_label_studio_gives_back_mentions_with_ids_scores_and_notes(scratch: Path, document: Document) -> None:
    path, _ = written("label-studio", document, scratch)
    report = Report()
    (found,) = read("label-studio", path, report)
    assert not len(report), report
    plain = Document(
        document.id,
        document.text,
        tuple(
            replace(
                e,
                fragments=((e.start, e.end),),
                attributes={name: Attribute(_text(a.value)) for name, a in e.attributes.items()},
                codes=(),
                event=False,
            )
            for e in document.entities
        ),
        tuple(Relation(r.type, r.head, r.tail, f"R{n}") for n, r in enumerate(document.relations, start=1)),
        meta=document.meta,
    )
    assert found == plain


def test_ids_of_label_studio_may_look_like_those_of_further_labels(scratch: Path) -> None:
    entities = (Entity("X", ((0, 1),), "a#2"), Entity("Y", ((1, 2),), "a"))
    document = Document("n", "xy", entities, (Relation("R", "a#2", "a", "R1"),))
    assert through("label-studio", replace(document, relations=()), scratch).entities == document.entities
    path, lost = written("label-studio", document, scratch)
    assert lost == {"ids of relations": 1}
    assert again("label-studio", path, "n") == document


def _texts(attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    return {name: replace(attribute, value=_text(attribute.value)) for name, attribute in attributes.items()}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_strings(item):  # type: ignore[no-untyped-def]
    """brat has True, of which BioC makes a string."""
    attributes = {name: Attribute("yes" if a.value is True else a.value) for name, a in item.attributes.items()}
    return replace(item, attributes=attributes)


@settings(max_examples=60, deadline=None)
@given(document=documents().map(writable))
def test_a_cas_counts_utf_16(scratch: Path, document: Document) -> None:
    from lxml import etree

    WRITERS["xmi"].write([document], scratch)
    root = etree.fromstring((scratch / f"{document.id}.xmi").read_bytes())
    found = root.findall("{http:///epicrisis.ecore}Entity")
    text = document.text.encode("utf-16-le")
    for element, entity in zip(found, document.entities, strict=True):
        start, end = (2 * int(element.get(key)) for key in ("begin", "end"))
        assert text[start:end].decode("utf-16-le") == document.text[entity.start : entity.end]


def test_every_format_that_can_be_read_is_in_these_tests_or_is_a_corpus() -> None:
    both = {name for name in WRITERS if name in CORPORA}
    own = {"text", "conll", "label-studio"}  # a test of their own, here or (text) with their reader
    assert both - own <= {*ALL}, "a new reader of a format that is written: put it into ALL, or test what it gives back"
