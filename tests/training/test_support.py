"""The support of a model: drawn from the training tokens, seen by the trained network, and exchanged for another."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from epicrisis.decoding import NearestNeighbour
from epicrisis.document import Document
from epicrisis.encoding import encode
from epicrisis.errors import CorpusError, ModelError
from epicrisis.models import codec_of, fit_indexers, make_tagger
from epicrisis.runtime import Annotator, load
from epicrisis.text import PassageRule
from epicrisis.training import Run, support, train
from epicrisis.training.batches import Example, examples
from epicrisis.training.support import drawn, rememberer

from .invented import DATA, NOTES, marked, tiny_recipe

DECODER = {"type": "nearest_neighbour", "scheme": "io", "size": 8, "support": 30}
RECIPE = tiny_recipe(DECODER, epochs=4)
TYPES = ["Drug", "Problem"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(RECIPE, DATA, tmp_path_factory.mktemp("runs") / "nearest")


@pytest.fixture(scope="module")
def annotator(run: Run) -> Annotator:
    return load(run.folder)


def training_examples() -> list[Example]:
    rule = PassageRule(RECIPE.passages.budget, RECIPE.passages.overlap)
    return examples(NOTES, codec_of(RECIPE, TYPES), rule)[0]


def places(document: Document) -> list[tuple[str, int, int]]:
    return [(entity.type, entity.start, entity.end) for entity in document.entities]


def test_each_tag_gets_its_share_of_the_tokens_or_the_least_and_the_seed_says_which(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = training_examples()
    assert np.bincount(np.concatenate([example.targets for example in found])).tolist() == [46, 12, 12]
    monkeypatch.setattr(support, "LEAST", 4)
    first, same, other = (drawn(found, 20, seed) for seed in (1, 1, 2))
    for chosen in (first, other):
        tags = np.concatenate([example.targets for example in chosen])
        assert np.bincount(tags[tags >= 0]).tolist() == [13, 4, 4]  # 20 * 46 / 70, and the least
        assert all((example.targets >= 0).any() for example in chosen)
        of_passage = {id(example.passage): example.targets for example in found}
        for example in chosen:
            wanted = example.targets >= 0
            assert (of_passage[id(example.passage)][wanted] == example.targets[wanted]).all()
    assert [e.targets.tolist() for e in first] == [e.targets.tolist() for e in same]
    assert [e.targets.tolist() for e in first] != [e.targets.tolist() for e in other]


def test_where_a_tag_has_fewer_tokens_all_are_kept() -> None:
    found = training_examples()
    tags = np.concatenate([example.targets for example in drawn(found, 10_000, 1)])
    assert tags.tolist() == np.concatenate([example.targets for example in found]).tolist()


def test_what_is_remembered_is_what_the_network_says_of_those_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passage by passage, the windows of long sentences among them; and training goes on in its own mode."""
    monkeypatch.setattr(support, "LEAST", 4)
    found = training_examples()
    assert any(len(example.targets) < len(example.passage.tokens) for example in found)
    recipe, indexers = fit_indexers(RECIPE, [example.passage for example in found])
    torch.manual_seed(0)
    tagger, _ = make_tagger(recipe, indexers, TYPES)
    rememberer(tagger.train(), found, indexers.values(), tokens=30, seed=1)(tagger)
    assert tagger.training
    kept = tagger.decoder_weights()
    expected = set()
    for example in drawn(found, 30, 1):
        inputs = {n: torch.from_numpy(a) for n, a in encode([example.passage], indexers.values()).items()}
        with torch.no_grad():
            states = tagger.eval()(inputs)[0, slice(*example.passage.own)]
        for state, tag in zip(states, example.targets, strict=True):
            if tag >= 0:
                expected.add((int(tag), *(round(float(x), 3) + 0.0 for x in state)))
    rows = zip(kept["tags"], kept["support"], strict=True)
    assert {(int(tag), *(round(float(x), 3) + 0.0 for x in state)) for tag, state in rows} == expected
    assert np.bincount(kept["tags"].long().numpy()).tolist() == [20, 5, 5]


def test_other_decoders_know_their_tags_by_their_weights() -> None:
    found = training_examples()
    recipe, indexers = fit_indexers(tiny_recipe(), [example.passage for example in found])
    tagger, _ = make_tagger(recipe, indexers, TYPES)
    before = {name: weight.clone() for name, weight in tagger.decoder_weights().items()}
    rememberer(tagger, found, indexers.values(), tokens=30, seed=1)(tagger)
    assert all(weight.equal(before[name]) for name, weight in tagger.decoder_weights().items())


def test_a_trained_model_carries_its_support(run: Run, annotator: Annotator) -> None:
    kept = load_file(run.model / "decoder.safetensors")
    assert np.bincount(kept["tags"].astype(int)).tolist() == [46, 12, 12]
    assert kept["support"].shape == (70, 16)
    written = [Document.from_json(line) for line in (run.folder / "dev.jsonl").read_text("utf-8").splitlines()]
    assert list(annotator.pipe(NOTES)) == written
    assert all(0 <= (entity.score or 0) <= 1 for document in written for entity in document.entities)


def test_the_same_seed_gives_the_same_model(run: Run, tmp_path: Path) -> None:
    again = train(RECIPE, DATA, tmp_path / "nearest")
    for file in ("states.onnx", "decoder.safetensors", "network.safetensors"):
        assert (again.model / file).read_bytes() == (run.model / file).read_bytes()


SHOWN = [
    marked("s1", "Given [Dose 20 mg] of [Drug warfarin] twice."),
    marked("s2", "Took [Drug aspirin], [Dose 100 mg] daily."),
]


def test_types_that_the_model_never_saw_are_found_by_examples(annotator: Annotator) -> None:
    shown = annotator.with_support(SHOWN)
    assert [places(document) for document in shown.pipe(d.text for d in SHOWN)] == [places(d) for d in SHOWN]
    assert shown.about["types"] == ["Dose", "Drug"]
    assert annotator.about["types"] == ["Drug", "Problem"]
    types = {entity.type for document in shown.pipe(NOTES) for entity in document.entities}
    assert types <= {"Dose", "Drug"}


def test_a_support_is_every_token_of_its_documents_as_the_network_sees_it(annotator: Annotator) -> None:
    """One long sentence among them: the states of its windows are those that annotating it gives."""
    long = marked("long", "No [Sign fever] and no cough , " * 20)
    shown = annotator.with_support([long, SHOWN[0]])
    assert isinstance(shown.decoder, NearestNeighbour)
    assert shown.decoder.codec.scheme == "io"
    assert len(shown.decoder.support) == 20 * 6 + 7
    assert [places(document) for document in shown.pipe([long.text])] == [places(long)]


def test_another_support_leaves_the_annotator_as_it_was(annotator: Annotator) -> None:
    before = [document.to_json() for document in annotator.pipe(NOTES)]
    annotator.with_support(SHOWN)
    assert [document.to_json() for document in annotator.pipe(NOTES)] == before


def test_a_model_of_fixed_types_cannot_be_shown_others(tiny_model: Path) -> None:
    with pytest.raises(ModelError, match="tiny: this model finds only the types that it was trained for"):
        load(tiny_model).with_support(SHOWN)


@pytest.mark.parametrize("documents", [[], [Document("a", "Nothing is marked.")], [Document("b", "")]])
def test_a_support_without_an_entity_is_an_error(annotator: Annotator, documents: list[Document]) -> None:
    with pytest.raises(CorpusError, match=f"the {len(documents)} support documents hold no entity"):
        annotator.with_support(documents)
