"""How sure a model may be, and from where on what it finds counts: fitted on documents whose facts are known.

Training does it on the dev part; whoever has annotated some notes of his own can do it again on those, for a model is
as sure as it was right on the texts that it was fitted on. No weight changes. `evaluation.calibration` measures it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from epicrisis.decoding.relations import THRESHOLD
from epicrisis.document import Document
from epicrisis.evaluation import evaluate_attributes
from epicrisis.evaluation.calibration import Judged, judged_attributes, judged_entities, judged_relations
from epicrisis.evaluation.thresholds import odds_line, precise_from, relation_thresholds
from epicrisis.rules import Assertion
from epicrisis.rules.assertion import NAME as ASSERTION
from epicrisis.runtime import Annotator
from epicrisis.text import language

LEAST_LIKELY = 0.02
"""Probability from which on relations are looked at when their thresholds are chosen."""
FITTED = ("odds", "relations", "precise_from")
"""What of model.json `calibrate` may change."""


def calibrate(annotator: Annotator, gold: Sequence[Document], *, symmetric: Collection[str] = ()) -> Annotator:
    """The same network, whose scores are as often right on these documents as they say.

    gold: with all that is to be found in them; symmetric: relations without direction

    Fitted are, in this order: the scores of entities; those of relations and attributes between gold's entities, and of
    relations between those that were found; the thresholds of relations, where their F1 is highest; which assertions
    the model decides without rules; and the scores from which on each type is so and so precise.
    """
    annotator = _changed(annotator, odds={})
    annotator = _changed(annotator, odds=_line(judged_entities(gold, list(annotator.pipe(gold)))))
    if annotator.relater is not None:
        annotator = _with_decoder(annotator, odds={})
        odds = _odds_given(annotator, gold, symmetric)
        annotator = _with_decoder(annotator, odds=odds)
        likely = _all_likely(annotator, gold, given=False)
        found = _line(judged_relations(gold, likely, symmetric=symmetric))
        annotator = _with_decoder(annotator, odds={**odds, "found": found})
        for key, given in (("thresholds", False), ("thresholds_given", True)):
            annotator = _with_decoder(annotator, **{key: _thresholds(annotator, gold, symmetric, given=given)})
        relations = {**annotator.about["relations"], "decides": _decides(annotator, gold)}
        annotator = _changed(annotator, relations=relations)
    predicted = list(annotator.pipe(gold))
    precise = precise_from(gold, predicted, symmetric=symmetric, attributes=annotator.attributes)
    return _changed(annotator, precise_from=precise)


def _changed(annotator: Annotator, **about: Any) -> Annotator:
    return replace(annotator, about={**annotator.about, **about})


def _with_decoder(annotator: Annotator, **settings: Any) -> Annotator:
    """With these settings of its relations' decoder."""
    assert annotator.relater is not None
    relater = annotator.relater.with_settings(**settings)
    relations = {**annotator.about["relations"], "decoder": dict(relater.decoder.settings)}
    return replace(_changed(annotator, relations=relations), relater=relater)


def _line(found: Sequence[Judged]) -> dict[str, float]:
    slope, shift = odds_line(found)
    return {"slope": slope, "shift": shift}


def _odds_given(annotator: Annotator, gold: Sequence[Document], symmetric: Collection[str]) -> dict[str, Any]:
    predicted = _all_likely(annotator, gold, given=True)
    return {
        "relations": _line(judged_relations(gold, predicted, symmetric=symmetric)),
        "attributes": {name: _line(judged_attributes(gold, predicted, name)) for name in annotator.attributes},
    }


def _thresholds(
    annotator: Annotator, gold: Sequence[Document], symmetric: Collection[str], *, given: bool
) -> dict[str, float]:
    """Relation -> the probability from which on it counts."""
    found = relation_thresholds(gold, _all_likely(annotator, gold, given=given), symmetric=symmetric)
    return {type_: found.get(type_, found.get("", THRESHOLD)) for type_ in annotator.about["relations"]["types"]}


def _all_likely(annotator: Annotator, gold: Sequence[Document], *, given: bool) -> list[Document]:
    """The documents with all relations that are not quite unlikely."""
    least = dict.fromkeys(annotator.about["relations"]["types"], LEAST_LIKELY)
    every = _with_decoder(annotator, thresholds=least, thresholds_given=least)
    return list(every.pipe(gold, given=given))


def _decides(annotator: Annotator, gold: Sequence[Document]) -> list[str]:
    """Values of assertion that, between gold's mentions, rules make no better where the model says nothing."""
    rules = cache(Assertion)
    alone = list(annotator.pipe(gold, given=True))
    behind = [rules(language(document.text)).annotate(document, keep=True) for document in alone]
    ours, theirs = (evaluate_attributes(gold, found).get(ASSERTION) for found in (alone, behind))
    if ours is None or theirs is None:
        return []
    f1s = {value: (one.f1, theirs.found.values.per_type[value].f1) for value, one in ours.found.values.per_type.items()}
    return [value for value, (f1, behind_f1) in f1s.items() if f1 > 0 and f1 >= behind_f1]
