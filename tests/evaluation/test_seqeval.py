"""Strict scores are seqeval's, on flat mentions read off tags; where its two modes differ, they read the tags apart."""

import random

import pytest
from seqeval.metrics import classification_report
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2, IOBES, Entities

from epicrisis.document import Document
from epicrisis.evaluation import evaluate

from .cases import document, tags


def read(sequence: list[str], scheme: type | None, *, id: str) -> Document:
    """Tags -> mentions, with seqeval's own reading; one character a token."""
    if scheme is None:
        found = [(type_, ((start, end + 1),)) for type_, start, end in get_entities(sequence)]
    else:
        found = [(entity.tag, ((entity.start, entity.end),)) for entity in Entities([sequence], scheme).entities[0]]
    return document(found, id=id)


def sentence(generator: random.Random, prefixes: str) -> tuple[list[str], list[str]]:
    """Gold, and a prediction that is half of the time right."""
    gold = tags(generator, generator.randint(1, 14), prefixes)
    other = tags(generator, len(gold), prefixes)
    return gold, [a if generator.random() < 0.6 else b for a, b in zip(gold, other, strict=True)]


@pytest.mark.parametrize(("scheme", "prefixes"), [(None, "BI"), (None, "BIES"), (IOB2, "BI"), (IOBES, "BIES")])
def test_agrees_with_seqeval(scheme: type | None, prefixes: str) -> None:
    generator = random.Random(11)
    for _ in range(250):
        sentences = [sentence(generator, prefixes) for _ in range(generator.randint(1, 6))]
        gold, predicted = [right for right, _ in sentences], [ours for _, ours in sentences]
        right = [read(one, scheme, id=str(number)) for number, one in enumerate(gold)]
        ours = [read(one, scheme, id=str(number)) for number, one in enumerate(predicted)]
        if not any(one.entities for one in right + ours):
            continue
        mode = {} if scheme is None else {"mode": "strict", "scheme": scheme}
        report = classification_report(gold, predicted, output_dict=True, zero_division=0, **mode)
        scores = evaluate(right, ours).strict
        assert set(scores.per_type) == set(report) - {"micro avg", "macro avg", "weighted avg"}
        for name, found in [*scores.per_type.items(), ("micro avg", scores.micro), ("macro avg", scores.macro)]:
            theirs = report[name]
            assert found.precision == pytest.approx(theirs["precision"])
            assert found.recall == pytest.approx(theirs["recall"])
            assert found.f1 == pytest.approx(theirs["f1-score"])


def test_the_modes_of_seqeval_read_a_stray_inside_tag_apart_and_ours_follows_either() -> None:
    gold = ["B-Drug", "I-Drug", "O"]
    predicted = ["I-Drug", "I-Drug", "O"]
    by_default = evaluate([read(gold, None, id="a")], [read(predicted, None, id="a")])
    strictly = evaluate([read(gold, IOB2, id="a")], [read(predicted, IOB2, id="a")])
    assert by_default.strict.micro.f1 == 1
    assert strictly.strict.micro.f1 == 0
    assert strictly.strict.micro.fn == 1
    assert strictly.strict.micro.fp == 0
