"""The end of a run: the network exported, its precision and thresholds chosen on dev, its scores written down."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

from safetensors.torch import save

from epicrisis.calibration import FITTED, calibrate
from epicrisis.corpora.files import write_text
from epicrisis.corpora.formats import jsonl
from epicrisis.document import Document
from epicrisis.encoding import Indexer
from epicrisis.evaluation import (
    calibration_errors,
    evaluate,
    evaluate_relations,
    evaluate_structure,
    evaluate_tagger,
)
from epicrisis.models import Joint, Tagger
from epicrisis.recipe import Recipe
from epicrisis.runtime import Annotator, load_annotator, read_description
from epicrisis.text import Codec, PassageRule, passages
from epicrisis.training.card import card
from epicrisis.training.data import Data
from epicrisis.training.export import Reading, export_pairs, export_states
from epicrisis.training.model_files import write_json, write_model
from epicrisis.training.quantising import quantise
from epicrisis.training.run import Run
from epicrisis.training.task import Point

COMPARED = 16
"""Passages of dev on which an exported graph is compared with torch."""
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
    fitted = calibrate(write(forms[kept]), data.dev, symmetric=data.about.get("symmetric", ())).about
    about |= {key: fitted[key] for key in FITTED if key in fitted}
    annotator = write(forms[kept])
    predicted = list(annotator.pipe(data.dev))
    for of_graph in (forms, marked):
        for precision, form in of_graph.items():
            if precision != kept:
                (building / form["file"]).unlink()
    dev = evaluate_tagger(data.dev, predicted, codec, PassageRule(**about["passages"]))
    on_dev = (
        {**dev.to_dict(), **_of_relations(annotator, data, predicted)} if isinstance(tagger, Joint) else dev.to_dict()
    )
    on_dev["calibration_error"] = calibration_errors(
        data.dev, predicted, symmetric=data.about.get("symmetric", ()), attributes=annotator.attributes
    )
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


def _of_relations(annotator: Annotator, data: Data, predicted: Sequence[Document]) -> dict[str, Any]:
    """Scores of relations and attributes on dev."""
    given = list(annotator.pipe(data.dev, given=True))
    symmetric = data.about.get("symmetric", ())
    return evaluate_structure(data.dev, predicted, given_gold=given, symmetric=symmetric).to_dict()
