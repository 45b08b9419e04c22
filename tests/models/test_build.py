from dataclasses import MISSING, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from epicrisis.encoding import Spellings
from epicrisis.encoding.spellings import normalise
from epicrisis.encoding.vectors import Vectors, find_vectors, write_vectors
from epicrisis.errors import RecipeError
from epicrisis.models import fit_indexers, make_tagger, parts_and_settings, start_from_pretrained
from epicrisis.parts.attention import Nothing
from epicrisis.parts.decoders import CRF, Softmax
from epicrisis.parts.embedders import CharacterCNN, Words
from epicrisis.parts.encoders import BiLSTM
from epicrisis.recipe import Part, Recipe, check_recipe
from epicrisis.text import Passage, TagCodec

from ..checkpoints import save_checkpoint
from ..parts.making import write_questions

WORDS = [Passage.of(["She", "took", "warfarin", "5"]), Passage.of(["头", "痛"])]


def recipe(**model: Any) -> Recipe:
    plain = {"embedder": [{"type": "words", "size": 7}], "decoder": {"type": "crf"}, **model}
    return check_recipe({"model": plain}, parts_and_settings(), "test")


def test_the_settings_of_a_part_are_its_keyword_arguments() -> None:
    parts = parts_and_settings()
    assert parts["encoder"]["bilstm"] == {"hidden_size": (int, 200), "layers": (int, 1), "dropout": (float, 0.5)}
    assert parts["encoder"]["nothing"] == {}
    assert parts["decoder"]["crf"] == {"scheme": (str, "bio")}
    assert parts["embedder"]["character_cnn"]["widths"] == (tuple[int, ...], (3,))
    assert {
        (part, name)
        for part, settings in parts["embedder"].items()
        for name, (_, d) in settings.items()
        if d is MISSING
    } == {("transformer", "checkpoint"), ("questions", "checkpoint"), ("questions", "questions")}


def test_a_recipe_becomes_the_network_that_it_describes() -> None:
    made = recipe(
        embedder=[{"type": "words", "size": 7}, {"type": "character_cnn", "filters": 5, "widths": [1, 3]}],
        encoder={"type": "bilstm", "hidden_size": 11, "layers": 2},
        decoder={"type": "crf", "scheme": "bioes"},
    )
    filled, indexers = fit_indexers(made, WORDS)
    assert filled == made
    assert indexers["words"].start is None
    tagger, codec = make_tagger(filled, indexers, ["Drug", "Problem"])
    words, characters = tagger.embedder.embedders.values()  # type: ignore[union-attr,operator]
    assert isinstance(words, Words)
    assert isinstance(characters, CharacterCNN)
    assert isinstance(tagger.encoder, BiLSTM)
    assert isinstance(tagger.attention, Nothing)
    assert isinstance(tagger.decoder, CRF)
    assert tagger.embedder.output_size == 7 + 5 * 2
    assert tagger.encoder.forwards[0].input_size == 17
    assert tagger.encoder.forwards[1].input_size == 22
    assert tagger.decoder.output.in_features == 22
    assert isinstance(codec, TagCodec)
    assert (codec.scheme, codec.types, len(codec)) == ("bioes", ("Drug", "Problem"), 9)


def test_without_an_encoder_the_decoder_reads_the_embedder() -> None:
    filled, indexers = fit_indexers(recipe(decoder={"type": "softmax"}), WORDS)
    tagger, _ = make_tagger(filled, indexers, ["Drug"])
    assert isinstance(tagger.decoder, Softmax)
    assert tagger.decoder.output.in_features == 7


def test_vectors_set_the_size_and_the_vocabulary_and_reach_the_table(tmp_path: Path) -> None:
    write_vectors(Vectors(("warfarin", "aspirin"), np.array([[1, 2, 3], [-4, 0, 2]], np.float32)), tmp_path)
    made = recipe(embedder=[{"type": "casing"}, {"type": "words", "size": 7, "vectors": str(tmp_path)}])
    filled, indexers = fit_indexers(made, WORDS)
    assert filled.embedder[1].settings["size"] == 3
    tagger, _ = make_tagger(filled, indexers, ["Drug"])
    start_from_pretrained(tagger, indexers)
    numbers = torch.from_numpy(
        indexers["words"].arrays(Spellings([Passage.of(["Warfarin", "aspirin", "new"])]))["words"]
    )
    warfarin, aspirin, new = tagger.embedder.embedders["words"].eval()({"words": numbers})[0]  # type: ignore[union-attr]
    torch.testing.assert_close(warfarin / warfarin[0], torch.tensor([1.0, 2.0, 3.0]))
    torch.testing.assert_close(aspirin / aspirin[0], torch.tensor([1.0, 0.0, -0.5]))
    assert not new.any()


def test_vectors_may_be_a_file_of_another_tool(tmp_path: Path) -> None:
    (tmp_path / "glove.txt").write_text("Warfarin 1 2 3\n头 4 5 6\n", "utf-8")
    vectors = find_vectors(str(tmp_path / "glove.txt"))
    assert (vectors.words, vectors.matrix.tolist()) == (("warfarin", "头"), [[1, 2, 3], [4, 5, 6]])


@pytest.mark.parametrize("name", ["clinical-en", "clinical-zh", "clinical-zh-words"])
def test_shipped_vectors_are_looked_up_as_they_are_written(name: str) -> None:
    vectors = find_vectors(name)
    assert len(set(vectors.words)) == len(vectors.words) == len(vectors.matrix)
    assert all(word == normalise(word) for word in vectors.words)
    assert np.isfinite(vectors.matrix).all()
    assert (np.abs(vectors.matrix).sum(1) > 0).all()


def test_shipped_words_with_a_like_meaning_are_near() -> None:
    near, near_too, far = find_vectors("clinical-zh-words").rows(("胃癌", "肝癌", "因此"))
    cosine = [near @ other / np.linalg.norm(near) / np.linalg.norm(other) for other in (near_too, far)]
    assert cosine[0] > cosine[1] + 0.2


def test_unknown_vectors_are_an_error() -> None:
    with pytest.raises(RecipeError, match=r"vectors: no 'clinical-ne'\..*Or give a folder or file"):
        find_vectors("clinical-ne")


@pytest.mark.parametrize(
    ("name", "wrong", "expected"),
    [
        ("character_cnn", {"widths": (2,)}, "the widths of a character CNN are odd"),
        ("bilstm", {"dropout": 1.5}, "dropout is a share from 0 to 1, not 1.5"),
        ("bilstm", {"hidden_size": 10**15}, "can't allocate memory"),
    ],
)
def test_a_setting_that_no_part_can_be_made_with_is_an_error_of_the_recipe(
    name: str, wrong: dict[str, Any], expected: str
) -> None:
    """The checks of a recipe know no memory, and a recipe made by hand has not seen them."""
    made = recipe(embedder=[{"type": "character_cnn"}], encoder={"type": "bilstm"})

    def changed(part: Part) -> Part:
        return replace(part, settings={**part.settings, **wrong}) if part.type == name else part

    made = replace(made, embedder=tuple(map(changed, made.embedder)), encoder=changed(made.encoder))
    filled, indexers = fit_indexers(made, WORDS)
    with pytest.raises(RecipeError) as raised:
        make_tagger(filled, indexers, ["Drug"])
    assert str(raised.value).startswith(f"{name}: it cannot be made with {{")
    assert expected in str(raised.value)
    assert "\n" not in str(raised.value)


def test_questions_that_ask_for_other_types_are_an_error_that_names_them(tmp_path: Path) -> None:
    checkpoint, questions = save_checkpoint(tmp_path / "c"), write_questions(tmp_path / "q.yaml")
    asked = {"type": "questions", "checkpoint": str(checkpoint), "questions": str(questions)}
    filled, indexers = fit_indexers(recipe(embedder=[asked], decoder={"type": "span_match"}), WORDS)
    make_tagger(filled, indexers, ["Drug", "Problem"])
    with pytest.raises(RecipeError, match=r"missing Dose; of no use Problem\. Give a file of questions"):
        make_tagger(filled, indexers, ["Dose", "Drug"])


def test_a_decoder_of_questions_without_questions_is_an_error_of_the_recipe() -> None:
    filled, indexers = fit_indexers(recipe(decoder={"type": "span_match"}), WORDS)
    with pytest.raises(RecipeError, match="7 numbers a token cannot be the states of 2 questions"):
        make_tagger(filled, indexers, ["Drug", "Problem"])
