"""Word pieces: every token finds its own, whatever the tokenizer."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.encoding import PieceIndexer, Spellings
from epicrisis.encoding.checkpoints import CHECKPOINTS, find_checkpoint
from epicrisis.encoding.pieces import align
from epicrisis.errors import ModelError, RecipeError
from epicrisis.text import Passage, PassageRule, passages

from ..checkpoints import KINDS, config, save_checkpoint, tokenizer

TEXT = "患者 5mg HbA1c was\tmeasured\n头痛, aspirin. "


def indexer(kind: str = "bert", positions: int = 40) -> PieceIndexer:
    import json

    return PieceIndexer(json.loads(tokenizer(kind).to_str()), config(kind, max_position_embeddings=positions))


WHOLE, SHORT = indexer(positions=400), indexer(positions=22)  # windows of 20 pieces, 5 of them shared


def spelt(found: PieceIndexer, cut: list[Passage]) -> list[list[list[str]]]:
    """The pieces of each token of each passage."""
    arrays = found.arrays(Spellings(cut))
    names = [found.tokenizer.id_to_token(number) for number in arrays["pieces"].ravel().tolist()]
    rows = zip(cut, arrays["first_piece"].tolist(), arrays["after_piece"].tolist(), strict=True)
    return [[names[a:b] for _, a, b in zip(p.tokens, first, after, strict=False)] for p, first, after in rows]


@given(st.data())
def test_a_token_gets_the_pieces_that_share_a_character_with_it(data: st.DataObject) -> None:
    def spans(gaps: list[tuple[int, int]]) -> np.ndarray:
        ends = np.cumsum([part for pair in gaps for part in pair])
        return ends.reshape(-1, 2) if len(gaps) else np.zeros((0, 2), np.int64)

    pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=12)
    tokens, pieces = spans(data.draw(pairs)), spans(data.draw(pairs))
    found = align(tokens, pieces)
    for (start, end), first, after in zip(tokens, found.first, found.after, strict=True):
        expected = [n for n, (a, b) in enumerate(pieces) if a < end and b > start]
        assert list(range(first, after)) == expected


def test_pieces_are_those_of_the_text_as_it_stands() -> None:
    (passage,) = passages("She had pain, 5mg HbA1c", PassageRule())
    (found,) = spelt(indexer(), [passage])
    assert found[0] == ["she"]
    assert found[passage.words.index("pain")] == ["pain"]
    assert found[passage.words.index("5")] == found[passage.words.index("mg")] == ["5mg"]
    assert found[-1] == ["hba1c"]


@pytest.mark.parametrize("kind", ["bert", "roberta", "xlm-roberta"])
def test_a_tokens_pieces_spell_it_with_every_kind_of_tokenizer(kind: str) -> None:
    (passage,) = passages("She was measured and had fever", PassageRule())
    (found,) = spelt(indexer(kind), [passage])
    for word, pieces in zip(passage.words, found, strict=True):
        joined = "".join(pieces).replace("##", "").replace("Ġ", "").replace("▁", "")
        assert joined.lower() == word.lower()


@pytest.mark.parametrize("positions", [5, 9, 40])
@pytest.mark.parametrize("kind", ["bert", "roberta", "xlm-roberta"])
def test_a_long_passage_is_read_in_windows_and_no_piece_is_lost(kind: str, positions: int) -> None:
    cut = [Passage.of(["fever"]), *passages("She had fever and took aspirin " * 6, PassageRule(64, 8))]
    short, whole = indexer(kind, positions), indexer(kind, 400)
    arrays = short.arrays(Spellings(cut))
    assert arrays["piece_mask"].sum(1).max() == arrays["pieces"].shape[1]
    assert arrays["pieces"].shape[1] <= positions
    for parts, expected in zip(spelt(short, cut), spelt(whole, cut), strict=True):
        for part, pieces in zip(parts, expected, strict=True):
            assert part == pieces[: len(part)]
            assert part


@given(st.lists(st.sampled_from(["fever", "aspirin", "ref", "nirip", "derum", "pasas"]), min_size=1, max_size=40))
def test_a_token_of_no_more_pieces_than_windows_share_keeps_them_all(words: list[str]) -> None:
    cut = [Passage.of(words)]
    (whole,) = spelt(WHOLE, cut)
    assert max(map(len, whole)) <= 5
    assert spelt(SHORT, cut) == [whole]


def test_a_token_belongs_to_the_window_in_which_its_first_piece_is_farthest_from_a_cut() -> None:
    found = indexer(positions=10)  # windows of 8 pieces, 2 of them shared
    (passage,) = passages("fever " * 20, PassageRule(64, 8))
    arrays = found.arrays(Spellings([passage]))
    assert found.frame.room == 8
    row, column = np.divmod(arrays["first_piece"][0], arrays["pieces"].shape[1])
    assert row.tolist() == [0] * 7 + [1] * 6 + [2] * 7
    assert (column + 6 * row - 1).tolist() == list(range(20))


def test_what_the_tokenizer_drops_takes_the_state_of_the_first_special_piece() -> None:
    passage = Passage("a \x01 fever", [(0, 1), (2, 3), (4, 9)], (0, 3))  # BERT drops control characters
    arrays = indexer().arrays(Spellings([passage]))
    assert (arrays["first_piece"][0, 1], arrays["after_piece"][0, 1]) == (0, 1)
    assert arrays["first_piece"][0, 2] > 1


def test_a_batch_is_the_passages_one_by_one() -> None:
    cut = list(passages(TEXT * 4, PassageRule(16, 4)))
    found = indexer()
    assert spelt(found, cut) == [row for passage in cut for row in spelt(found, [passage])]


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkpoint_is_found_read_and_kept(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = save_checkpoint(tmp_path / "models" / "small-encoder", kind)
    fitted = PieceIndexer.fit([], checkpoint=str(folder))
    assert fitted.start == folder
    again = PieceIndexer.from_dict(fitted.to_dict())
    cut = list(passages(TEXT, PassageRule(8, 2)))
    assert again.start is None
    for name, array in fitted.arrays(Spellings(cut)).items():
        np.testing.assert_array_equal(array, again.arrays(Spellings(cut))[name])
    monkeypatch.setenv(CHECKPOINTS, str(tmp_path / "models"))
    assert find_checkpoint("somebody/small-encoder") == folder


def test_the_hub_is_asked_last_and_its_silence_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *a, **k: 1 / 0)
    with pytest.raises(RecipeError, match=r"'some/model' is no folder here.*the hub gives no such model \(ZeroDiv"):
        find_checkpoint("some/model")


@pytest.mark.parametrize("name", ["", "./nowhere", "/nowhere/at/all", "a/b/c"])
def test_what_can_be_no_id_of_the_hub_is_not_looked_for_there(name: str) -> None:
    with pytest.raises(RecipeError, match="is no folder; give a folder, or an id"):
        find_checkpoint(name)


def test_a_checkpoint_without_a_fast_tokenizer_is_an_error_that_says_how_to_make_one(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "c")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"no fast tokenizer can be read .*save_pretrained\(FOLDER\) does"):
        PieceIndexer.fit([], checkpoint=str(folder))


def test_a_folder_that_holds_no_checkpoint_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no checkpoint: its config\.json cannot be read"):
        PieceIndexer.fit([], checkpoint=str(tmp_path))
