"""How sure a model may be, and from where on what it finds counts: fitted on documents whose facts are known.

Training does it on the dev part; whoever has annotated some notes of his own can do it again on those, for a model is
as sure as it was right on the texts that it was fitted on. No weight changes. `evaluation.calibration` measures it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from epicrisis.decoding.odds import Odds
from epicrisis.decoding.relations import THRESHOLD
from epicrisis.document import Document
from epicrisis.evaluation import evaluate_attributes
from epicrisis.evaluation.attributes import written
from epicrisis.evaluation.calibration import Judged, judged_attributes, judged_entities, judged_relations
from epicrisis.evaluation.thresholds import FEW, odds_line, precise_from, relation_thresholds
from epicrisis.rules import Assertion
from epicrisis.rules.assertion import NAME as ASSERTION
from epicrisis.runtime import Annotator
from epicrisis.text import language

LEAST_LIKELY = 0.02
"""Probability from which on relations are looked at when their thresholds are chosen."""
FITTED = ("odds", "relations", "precise_from")
"""What of model.json `calibrate` may change."""
ENTITIES, RELATIONS = "entities", "relations"

Known = Mapping[str, Counter[str]]
"""Entities, relations, or an attribute -> type or value -> how often it stands in gold."""


def calibrate(annotator: Annotator, gold: Sequence[Document], *, symmetric: Collection[str] = ()) -> Annotator:
    """The same network, whose scores are as often right on these documents as they say.

    gold: with all that is to be found of the types that they hold; symmetric: relations without direction

    Fitted are the scores of entities; those of relations and attributes between gold's entities, and of relations
    between those that were found; the thresholds of relations, where their F1 is highest; which assertions the model
    decides without rules; and the scores from which on each type is so and so precise.

    Lines are fitted onto those that the model has, from which few documents hardly move them. What gold holds nothing
    of keeps its own; so do the thresholds of relations and who decides, once chosen, where gold holds fewer than `FEW`.
    """
    gold = [_certain(document) for document in gold]
    known = _known(gold)
    lines = {ENTITIES: _line(judged_entities(gold, list(annotator.pipe(gold))), known[ENTITIES])}
    annotator = _changed(annotator, odds=annotator.odds.then(lines[ENTITIES]).to_dict())
    if annotator.relater is not None:
        if "thresholds" in annotator.relater.decoder.settings and known[RELATIONS].total() < FEW:
            known[RELATIONS].clear()
        annotator, of_relations = _with_relations(annotator, gold, symmetric, known)
        lines |= of_relations
        if "decides" not in annotator.about["relations"] or known.get(ASSERTION, Counter()).total() >= FEW:
            relations = {**annotator.about["relations"], "decides": _decides(annotator, gold)}
            annotator = _changed(annotator, relations=relations)
    predicted = list(annotator.pipe(gold))
    judged = {ENTITIES: judged_entities(gold, predicted)}
    if annotator.relater is not None:
        judged[RELATIONS] = judged_relations(gold, predicted, symmetric=symmetric)
        judged |= {name: judged_attributes(gold, predicted, name) for name in annotator.attributes}
    measured = precise_from({kind: _of(found, known.get(kind, ())) for kind, found in judged.items()})
    precise = {
        share: {kind: {**_moved(annotator, share, kind, lines), **least} for kind, least in by_kind.items()}
        for share, by_kind in measured.items()
    }
    return _changed(annotator, precise_from=precise)


def _certain(document: Document) -> Document:
    """Without scores, as corrected ones have that a model found first: gold is certain."""
    return replace(document, entities=tuple(replace(entity, score=None) for entity in document.entities))


def _known(gold: Sequence[Document]) -> dict[str, Counter[str]]:
    known: dict[str, Counter[str]] = {ENTITIES: Counter(), RELATIONS: Counter()}
    for document in gold:
        known[RELATIONS].update(relation.type for relation in document.relations)
        for entity in document.entities:
            known[ENTITIES][entity.type] += 1
            for name, attribute in entity.attributes.items():
                known.setdefault(name, Counter())[written(attribute.value)] += 1
    return known


def _of(found: Iterable[Judged], known: Collection[str]) -> list[Judged]:
    return [one for one in found if one.what in known]


def _line(found: Iterable[Judged], known: Collection[str]) -> Odds:
    return Odds(*odds_line(_of(found, known)))


def _moved(annotator: Annotator, share: str, kind: str, lines: Mapping[str, Odds]) -> dict[str, float | None]:
    """The scores from which on types were so precise before, as they are now that scores have moved."""
    before = annotator.precise_from.get(share, {}).get(kind, {})
    return {what: None if score is None else _at(lines[kind], score) for what, score in before.items()}


def _at(line: Odds, score: float) -> float:
    return round(float(line(np.array(score))), 6)


def _changed(annotator: Annotator, **about: Any) -> Annotator:
    return replace(annotator, about={**annotator.about, **about})


def _with_decoder(annotator: Annotator, **settings: Any) -> Annotator:
    """With these settings of its relations' decoder."""
    assert annotator.relater is not None
    relater = annotator.relater.with_settings(**settings)
    relations = {**annotator.about["relations"], "decoder": dict(relater.decoder.settings)}
    return replace(_changed(annotator, relations=relations), relater=relater)


def _with_relations(
    annotator: Annotator, gold: Sequence[Document], symmetric: Collection[str], known: Known
) -> tuple[Annotator, dict[str, Odds]]:
    """With the lines of relations and attributes, and thresholds; and what was put behind the lines that it had."""
    assert annotator.relater is not None
    decoder = annotator.relater.decoder
    given = _all_likely(annotator, gold, given=True)
    lines = {name: _line(judged_attributes(gold, given, name), known.get(name, ())) for name in annotator.attributes}
    said = {name: decoder.odds_said.get(name, Odds()).then(lines[name]).to_dict() for name in annotator.attributes}
    between_given = _line(judged_relations(gold, given, symmetric=symmetric), known[RELATIONS])
    odds = {"relations": decoder.odds.then(between_given).to_dict(), "attributes": said}
    annotator = _with_decoder(annotator, odds={**odds, "found": decoder.odds_found.to_dict()})
    likely = _all_likely(annotator, gold, given=False)
    lines[RELATIONS] = _line(judged_relations(gold, likely, symmetric=symmetric), known[RELATIONS])
    annotator = _with_decoder(annotator, odds={**odds, "found": decoder.odds_found.then(lines[RELATIONS]).to_dict()})
    for key, line in (("thresholds", lines[RELATIONS]), ("thresholds_given", between_given)):
        chosen = _thresholds(annotator, gold, symmetric, known, given=key == "thresholds_given")
        before = {type_: _at(line, score) for type_, score in decoder.settings.get(key, {}).items()}
        kept = {type_: score for type_, score in before.items() if type_ not in known[RELATIONS]}
        annotator = _with_decoder(annotator, **{key: chosen | kept})
    return annotator, lines


def _thresholds(
    annotator: Annotator, gold: Sequence[Document], symmetric: Collection[str], known: Known, *, given: bool
) -> dict[str, float]:
    """Relation -> the probability from which on it counts; what gold holds nothing of counts from that of all on."""
    likely = [
        replace(document, relations=tuple(one for one in document.relations if one.type in known[RELATIONS]))
        for document in _all_likely(annotator, gold, given=given)
    ]
    found = relation_thresholds(gold, likely, symmetric=symmetric)
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
