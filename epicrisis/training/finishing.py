"""The end of a run: the network exported, its precision and thresholds chosen on dev, its scores written down."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from itertools import islice
from typing import Any

from safetensors.torch import save

from epicrisis.corpora.files import write_text
from epicrisis.corpora.formats import jsonl
from epicrisis.decoding.relations import THRESHOLD
from epicrisis.document import Document
from epicrisis.encoding import Indexer
from epicrisis.evaluation import (
    calibration,
    evaluate,
    evaluate_attributes,
    evaluate_relations,
    evaluate_structure,
    evaluate_tagger,
)
from epicrisis.evaluation.calibration import (
    attribute_calibration,
    judged_attributes,
    judged_relations,
    relation_calibration,
)
from epicrisis.evaluation.thresholds import odds_temperature, precise_from, relation_thresholds
from epicrisis.models import Joint, Tagger
from epicrisis.recipe import Recipe
from epicrisis.rules import Assertion
from epicrisis.rules.assertion import NAME as ASSERTION
from epicrisis.runtime import Annotator, load_annotator, read_description
from epicrisis.text import Codec, PassageRule, language, passages
from epicrisis.training.card import card
from epicrisis.training.data import Data
from epicrisis.training.export import Reading, export_pairs, export_states
from epicrisis.training.model_files import write_json, write_model
from epicrisis.training.quantising import quantise
from epicrisis.training.run import Run
from epicrisis.training.task import Point

COMPARED = 16
"""Passages of dev on which an exported graph is compared with torch."""
LEAST_LIKELY = 0.02
"""Probability from which on relations are looked at when their thresholds are chosen."""
INT8_LOSS = 0.003
"""Strict F1 on dev that 8 bits may cost; of a joint network the mean of entities and relations, as in training."""


def finish(
    run: Run,
    recipe: Recipe,
    tagger: Tagger,
    indexers: Mapping[str, Indexer],
    codec: Codec,
    data: Data,
    curves: Sequence[Point],
    say: Callable[[str], None],
) -> None:
    """Export the tagger, choose its precision on dev, and write down how it scores there."""
    building = run.folder / "model.part"
    building.mkdir(exist_ok=True)
    weights = {name: weight.contiguous() for name, weight in tagger.state_dict().items()}
    (building / "network.safetensors").write_bytes(save(weights))
    (building / "recipe.yaml").write_text(recipe.to_yaml(), "utf-8")
    rule = PassageRule(recipe.passages.budget, recipe.passages.overlap)
    cut = islice((passage for document in data.dev for passage in passages(document.text, rule)), COMPARED)
    states = export_states(tagger, indexers, building / "states.onnx", list(cut))
    forms = quantise(building, states)
    graphs: dict[str, Any] = {}
    marked: dict[str, dict[str, Any]] = {}
    about = {
        "name": run.folder.resolve().name,
        "task": recipe.task,
        "recipe": recipe.name,
        "languages": data.about.get("languages", []),
        "types": list(codec.types),
        "passages": asdict(recipe.passages),
        "decoder": {"type": recipe.decoder.type, **codec.settings},
        "licence": data.about.get("licence", ""),
        "training": {k: data.about[k] for k in ("corpus", "split_hash") if k in data.about}
        | {"seed": recipe.training.seed},
    }
    if isinstance(tagger, Joint):
        graphs["pairs"] = export_pairs(tagger, building / "pairs.onnx")
        if tagger.marked:
            marked = quantise(building, export_states(Reading(tagger), indexers, building / "marked.onnx"))
        about["relations"] = about_relations(tagger, recipe)

    def write(states: Mapping[str, Any]) -> Annotator:
        if marked:
            graphs["marked"] = marked[states["precision"]]
        write_model(
            building,
            about=about,
            graphs={"states": states, **graphs},
            indexers=indexers,
            decoder_weights=tagger.decoder_weights(),
        )
        return load_annotator(building)

    found = {precision: list(write(form).pipe(data.dev)) for precision, form in forms.items()}
    scores = {precision: evaluate(data.dev, predicted).strict.micro.f1 for precision, predicted in found.items()}
    decides = scores
    if isinstance(tagger, Joint):
        decides = {precision: sum(joint_f1(data, predicted)) / 2 for precision, predicted in found.items()}
    kept = [precision for precision, score in decides.items() if decides["fp32"] - score < INT8_LOSS][-1]
    predicted = found[kept]
    annotator = write(forms[kept])
    if isinstance(tagger, Joint):  # chosen with the form that is kept, and written into it
        about["relations"]["decoder"]["temperatures"] = _temperatures(annotator, data)
        annotator = write(forms[kept])
        thresholds = {key: _thresholds(annotator, data, given=given) for key, given in _THRESHOLDS.items()}
        about["relations"]["decoder"] |= thresholds
        about["relations"]["decides"] = _decides(annotator, data)
        annotator = write(forms[kept])
        predicted = list(annotator.pipe(data.dev))
    for of_graph in (forms, marked):
        for precision, form in of_graph.items():
            if precision != kept:
                (building / form["file"]).unlink()
    dev = evaluate_tagger(data.dev, predicted, codec, PassageRule(**about["passages"]))
    on_dev = dev.to_dict()
    if isinstance(tagger, Joint):
        on_dev |= _of_relations(annotator, data, predicted)
    symmetric = data.about.get("symmetric", ())
    attributes = annotator.about.get("relations", {}).get("attributes", ())
    on_dev["precise_from"] = precise_from(data.dev, predicted, symmetric=symmetric, attributes=attributes)
    results = {"corpus": data.about.get("corpus"), "dev": on_dev, "dev_strict_f1_by_precision": scores}
    write_json(building / "scores.json", results)
    write_text(building / "card.md", card(read_description(building), results))
    write_text(run.folder / "dev.jsonl", "".join(jsonl.line(document) + "\n" for document in predicted))
    write_json(run.folder / "curves.json", list(curves))
    best = max(curves, key=lambda point: point["dev_strict_f1"])
    run.add(finished=True, best_epoch=int(best["epoch"]), dev_strict_f1=scores)
    building.replace(run.model)
    say(f"dev strict F1 {dev.strict.micro.f1:.4f} (epoch {best['epoch']:.0f}); the model is in {run.model}")


def joint_f1(data: Data, predicted: Sequence[Document]) -> tuple[float, float]:
    """Strict F1 of entities and of relations on dev, end to end."""
    entities = evaluate(data.dev, predicted).strict.micro.f1
    related = evaluate_relations(data.dev, predicted, symmetric=data.about.get("symmetric", ()))
    return entities, related.strict.micro.f1


def about_relations(joint: Joint, recipe: Recipe) -> dict[str, Any]:
    """What model.json says of them."""
    assert recipe.relations is not None
    decoder = {"type": recipe.relations.type, "select": recipe.joint.select}
    return {**joint.relation_codec.to_dict(), "decoder": decoder, "states_size": joint.states_size}


_THRESHOLDS = {"thresholds": False, "thresholds_given": True}
"""Those of relations end to end, and between mentions that are given."""


def _thresholds(annotator: Annotator, data: Data, *, given: bool) -> dict[str, float]:
    """Relation -> the probability from which on it counts: that of the highest F1 on dev."""
    types, predicted = _all_likely(annotator, data, given=given)
    found = relation_thresholds(data.dev, predicted, symmetric=data.about.get("symmetric", ()))
    return {type_: found.get(type_, found.get("", THRESHOLD)) for type_ in types}


def _temperatures(annotator: Annotator, data: Data) -> dict[str, Any]:
    """By which probabilities are as often right on dev as they say, between gold's mentions and of them."""
    _, predicted = _all_likely(annotator, data, given=True)
    related = judged_relations(data.dev, predicted, symmetric=data.about.get("symmetric", ()))
    names = annotator.about["relations"]["attributes"]
    return {
        "relations": odds_temperature(related),
        "attributes": {name: odds_temperature(judged_attributes(data.dev, predicted, name)) for name in names},
    }


def _decides(annotator: Annotator, data: Data) -> list[str]:
    """Values of assertion that, between gold's mentions of dev, rules make no better where the model says nothing."""
    rules = cache(Assertion)
    alone = list(annotator.pipe(data.dev, given=True))
    behind = [rules(language(document.text)).annotate(document, keep=True) for document in alone]
    ours, theirs = (evaluate_attributes(data.dev, found).get(ASSERTION) for found in (alone, behind))
    if ours is None or theirs is None:
        return []
    f1s = {value: (one.f1, theirs.found.values.per_type[value].f1) for value, one in ours.found.values.per_type.items()}
    return [value for value, (f1, behind_f1) in f1s.items() if f1 > 0 and f1 >= behind_f1]


def _all_likely(annotator: Annotator, data: Data, *, given: bool) -> tuple[Sequence[str], list[Document]]:
    """The types of relations, and dev with all that are not quite unlikely."""
    assert annotator.relater is not None
    types = annotator.relater.codec.relations
    every = replace(annotator, relater=annotator.relater.with_thresholds(dict.fromkeys(types, LEAST_LIKELY)))
    return types, list(every.pipe(data.dev, given=given))


def _of_relations(annotator: Annotator, data: Data, predicted: Sequence[Document]) -> dict[str, Any]:
    """Scores of relations and attributes on dev, and how far their probabilities are to be believed."""
    symmetric = data.about.get("symmetric", ())
    given = list(annotator.pipe(data.dev, given=True))
    structure = evaluate_structure(data.dev, predicted, given_gold=given, symmetric=symmetric)
    return {
        **structure.to_dict(),
        "calibration_error": {
            "entities": calibration(data.dev, predicted).error,
            "relations": relation_calibration(data.dev, predicted, symmetric=symmetric).error,
            **{
                name: attribute_calibration(data.dev, predicted, name).error
                for name in annotator.about["relations"]["attributes"]
            },
        },
    }
