"""Whole runs of joint networks on invented notes: they learn them, are exported, loaded, and find them again."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scipy.special import expit, logit

import epicrisis.training.finishing
import epicrisis.training.quantising
from epicrisis.calibration import FITTED, LEAST_LIKELY, calibrate
from epicrisis.decoding.relations import THRESHOLD, Relations
from epicrisis.document import Attribute, Document
from epicrisis.errors import CorpusError
from epicrisis.evaluation import evaluate
from epicrisis.evaluation.calibration import attribute_calibration, judged_entities, relation_calibration
from epicrisis.evaluation.relations import evaluate_relations
from epicrisis.evaluation.thresholds import odds_line, relation_thresholds
from epicrisis.parts.relations import RELATIONS
from epicrisis.runtime import Annotator, load, load_annotator
from epicrisis.training import Data, Run, train

from .joint import DATA, NOTES, joint_recipe


def said(document: Document) -> dict[str, dict[str, str]]:
    return {
        document.words(entity): {name: str(attribute.value) for name, attribute in entity.attributes.items()}
        for entity in document.entities
    }


def from_on(model: Annotator, score: float) -> Annotator:
    """It, with all relations from this score on."""
    assert model.relater is not None
    least = {"DOSE_OF": score}
    return replace(model, relater=model.relater.with_settings(thresholds=least, thresholds_given=least))


def ends_of(document: Document) -> list[tuple[str, str]]:
    """The words of each relation's head and tail."""
    words = {entity.id: document.words(entity) for entity in document.entities}
    return [(words[relation.head], words[relation.tail]) for relation in document.relations]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        *((kind, {}) for kind in RELATIONS),
        ("bilinear_attention", {"sharing": "separate", "select": "greedy"}),
        ("concat", {"sharing": "marked"}),
        ("bilinear_attention", {"attention": 0.1, "cross_attention": 0.1}),
        ("concat", {"weighting": "alternate"}),
        ("bilinear", {"weighting": "uncertainty"}),
        ("bilinear", {"rules": "en"}),
        ("concat", {"sharing": "marked", "rules": "en"}),
    ],
)
def test_notes_are_learned_by_heart_in_every_way(kind: str, settings: dict[str, Any], tmp_path: Path) -> None:
    run = train(joint_recipe(relations={"type": kind}, joint=settings, epochs=60, patience=60), DATA, tmp_path / "run")
    bare = [Document(note.id, note.text) for note in NOTES]
    model = load(run.model)
    found = list(model.pipe(bare))
    assert evaluate(NOTES, found).strict.micro.f1 == 1
    assert evaluate_relations(NOTES, found).strict.micro.f1 == 1
    assert [said(document) for document in found] == [said(note) for note in NOTES]
    scores = [one.score for document in found for one in document.relations]
    assert all(score is not None and 0.5 <= score <= 1 for score in scores)
    alone = [model(document.text) for document in bare]
    assert [d.relations for d in alone] == [d.relations for d in found]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(joint_recipe(), DATA, tmp_path_factory.mktemp("runs") / "joint")


def test_the_rules_that_a_model_learned_with_are_asked_when_it_reads(tmp_path: Path) -> None:
    model = load(train(joint_recipe(joint={"rules": "en"}, epochs=2), DATA, tmp_path / "run").model)
    assert model.relater is not None
    assert model.relater.ruled(NOTES[1].text, NOTES[1].entities) == {"a": "negated", "d": "negated"}
    asked = []
    network = model.relater.network

    def noting(arrays: dict[str, Any]) -> Any:
        asked.append(arrays["ruled"].tolist())
        return network(arrays)

    relater = replace(model.relater, network=noting)
    list(replace(model, relater=relater).pipe([NOTES[1]], given=True))
    assert asked == [[2, 0, 0, 2, 0]]


def test_given_entities_are_kept_and_only_they_are_related(finished: Run) -> None:
    dose, drug = NOTES[0].entities[0], NOTES[0].entities[3]
    odd = replace(NOTES[0], entities=(replace(dose, type="Shape"), drug), relations=())
    said_of_it = {"assertion": Attribute("negated")}  # by gold: no network sees it, and it is no prediction
    told = replace(odd, entities=(replace(odd.entities[0], attributes=said_of_it), drug))
    (found,) = load(finished.model).pipe([told], given=True)
    assert found.entities == odd.entities
    assert found.relations == ()
    (found,) = load(finished.model).pipe([replace(NOTES[1], relations=())], given=True)
    assert [(r.head, r.tail) for r in found.relations] == [("c", "b")]
    assert said(found) == said(NOTES[1])
    assert [entity.score for entity in found.entities] == [None] * 5
    assert list(load(finished.model).pipe([Document("x", ""), Document("y", "\n")], given=True))[1].entities == ()


def test_what_gold_says_does_not_reach_what_is_predicted(finished: Run) -> None:
    model = load(finished.model)
    wrong = replace(
        NOTES[1],
        entities=tuple(replace(entity, attributes={}) for entity in NOTES[1].entities),
        relations=NOTES[1].relations[:0],
    )
    (found,), (expected,) = (list(model.pipe([note], given=True)) for note in (wrong, NOTES[1]))
    assert found.to_dict() == expected.to_dict()


def test_the_model_says_what_it_relates_and_what_was_not_reached_is_counted(finished: Run) -> None:
    about = load(finished.model).about
    assert about["relations"]["types"] == ["DOSE_OF"]
    assert about["relations"]["signatures"] == [["Dose", "Drug", "DOSE_OF"]]
    assert about["relations"]["attributes"] == {"assertion": ["negated"]}
    assert set(about["graphs"]) == {"states", "pairs"}
    assert finished.read()["codec"]["relations"] == {
        "kept": 24,
        "far": 0,
        "argument": 0,
        "signature": 0,
        "itself": 0,
    }


def test_the_same_seed_gives_the_same_weights(finished: Run, tmp_path: Path) -> None:
    again = train(joint_recipe(), DATA, tmp_path / "again")
    weights = (run.model / "network.safetensors" for run in (finished, again))
    assert len({file.read_bytes() for file in weights}) == 1


def test_documents_without_relations_are_nothing_for_a_joint_network(tmp_path: Path) -> None:
    bare = [replace(note, relations=()) for note in DATA.train]
    with pytest.raises(CorpusError, match="hold no relations"):
        train(joint_recipe(), Data(bare, NOTES, DATA.split, DATA.about), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_card_tells_of_relations_and_of_what_is_said(finished: Run) -> None:
    card = (finished.model / "card.md").read_text("utf-8")
    assert "Relations between mentions at most 64 tokens apart: DOSE_OF. What it says of a mention: assertion" in card
    assert "| given gold entities | 1.0000 | 1.0000 | 1.0000 | 1.0000 |" in card
    assert "assertion, F1 by value on entities that were found: negated 1.000." in card
    assert "Expected calibration error: entities " in card


def test_thresholds_are_chosen_on_dev(finished: Run) -> None:
    model = load(finished.model)
    thresholds = model.about["relations"]["decoder"]["thresholds_given"]
    assert set(thresholds) == set(model.about["relations"]["decoder"]["thresholds"]) == {"DOSE_OF"}
    assert model.relater is not None
    likely = from_on(model, LEAST_LIKELY)
    best = relation_thresholds(NOTES, list(likely.pipe(NOTES, given=True)))
    assert thresholds["DOSE_OF"] == best[""] != THRESHOLD
    every = from_on(model, 0.0)
    kept, all_pairs = (list(one.pipe(NOTES, given=True)) for one in (model, every))
    scores = [relation.score for document in kept for relation in document.relations]
    assert min(score for score in scores if score is not None) >= thresholds["DOSE_OF"]
    assert sum(len(document.relations) for document in all_pairs) > len(scores)


def unfitted(model: Annotator) -> Annotator:
    """As training hands it over to be calibrated."""
    assert model.relater is not None
    about = {key: value for key, value in model.about.items() if key not in ("odds", "precise_from")}
    plain = Relations(model.relater.codec, {"type": model.relater.decoder.settings["type"], "select": "threshold"})
    relations = {**about["relations"], "decoder": dict(plain.settings)}
    del relations["decides"]
    return replace(model, relater=replace(model.relater, decoder=plain), about={**about, "relations": relations})


def test_what_training_fits_on_dev_is_what_calibrating_finds(finished: Run) -> None:
    model = load_annotator(finished.model)
    again = calibrate(unfitted(model), NOTES)
    assert {key: again.about[key] for key in FITTED} == {key: model.about[key] for key in FITTED}
    assert list(again.pipe(NOTES)) == list(model.pipe(NOTES)) != list(unfitted(model).pipe(NOTES))
    assert model.about["odds"] != {"slope": 1.0, "shift": 0.0}
    assert model.precise_from["0.9"].keys() == {"entities", "relations", "assertion"}


def test_scores_of_gold_do_not_count(finished: Run) -> None:
    model = unfitted(load_annotator(finished.model))
    scored = [replace(note, entities=tuple(replace(entity, score=0.3) for entity in note.entities)) for note in NOTES]
    assert calibrate(model, scored).about == calibrate(model, NOTES).about


def test_what_gold_holds_nothing_of_keeps_what_it_has(finished: Run) -> None:
    model = load_annotator(finished.model)
    bare = [
        replace(note, entities=tuple(replace(one, attributes={}) for one in note.entities), relations=())
        for note in NOTES
    ]
    about = calibrate(model, bare).about["relations"]
    decoder, before = (relations["decoder"] for relations in (about, model.about["relations"]))
    assert about["decides"] == model.about["relations"]["decides"] == ["negated"]
    for key in ("thresholds", "thresholds_given"):
        assert decoder[key] == pytest.approx(before[key], abs=1e-5)
    assert decoder["odds"] == before["odds"]


def test_types_that_gold_lacks_are_not_wrong_and_keep_from_where_on_they_are_precise(finished: Run) -> None:
    model = load_annotator(finished.model)
    model = replace(model, about={**model.about, "precise_from": {"0.9": {"entities": {"Dose": 0.6}}}})
    kept = {"Drug"}
    drugs = [
        replace(note, entities=tuple(one for one in note.entities if one.type in kept), relations=()) for note in NOTES
    ]
    fitted = calibrate(model, drugs)
    slope, shift = odds_line([one for one in judged_entities(drugs, list(model.pipe(drugs))) if one.what in kept])
    onto = fitted.about["odds"]
    assert onto["slope"] == pytest.approx(model.odds.slope * slope, abs=1e-4)
    assert onto["shift"] == pytest.approx(model.odds.shift * slope + shift, abs=1e-4)
    assert fitted.precise_from["0.9"]["entities"]["Dose"] == pytest.approx(expit(slope * logit(0.6) + shift), abs=1e-3)


def test_a_model_decides_the_assertions_that_rules_do_not_better(finished: Run, tmp_path: Path) -> None:
    assert load(finished.model).decides == ("negated",)
    assert load(train(joint_recipe(epochs=1), DATA, tmp_path / "run").model).decides == ()


def test_8_bits_that_lose_relations_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def smaller(file: Path, to: Path) -> list[str]:
        to.write_bytes(file.read_bytes())
        return ["/same"]

    scores = iter([(1.0, 0.9), (1.0, 0.8)])  # of fp32, of 8 bits
    monkeypatch.setattr(epicrisis.training.quantising, "quantise_products", smaller)
    monkeypatch.setattr(epicrisis.training.finishing, "joint_f1", lambda *_: next(scores))
    run = train(joint_recipe(epochs=1), DATA, tmp_path / "run")
    assert load(run.model).about["graphs"]["states"]["precision"] == "fp32"


def test_scores_of_relations_and_attributes_are_compared_with_how_often_they_are_right(finished: Run) -> None:
    model = load(finished.model)
    assert model.relater is not None
    unsure = from_on(model, 0.0)
    predicted = list(unsure.pipe(NOTES))
    found = relation_calibration(NOTES, predicted)
    scores = [relation.score or 0.0 for document in predicted for relation in document.relations]
    right = [ends in ends_of(note) for note, ours in zip(NOTES, predicted, strict=True) for ends in ends_of(ours)]
    assert found.count == len(scores)
    assert found.brier == pytest.approx(sum((s - r) ** 2 for s, r in zip(scores, right, strict=True)) / len(scores))
    said = attribute_calibration(NOTES, predicted, "assertion")
    assert said.count == sum(bool(entity.attributes) for note in NOTES for entity in note.entities)
    sure = [a.score or 0.0 for document in predicted for e in document.entities for a in e.attributes.values()]
    assert said.brier == pytest.approx(sum((1 - score) ** 2 for score in sure) / len(sure))  # all are right
