import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.encoding import PieceIndexer, WordIndexer, chapters, documents, encode_documents, unseen
from epicrisis.encoding.documents import opened
from epicrisis.text import Passage, PassageRule, tokens

from ..checkpoints import save_checkpoint

RULE = PassageRule(6, 2)
TEXTS = st.lists(st.sampled_from(["a", "Bc", "头", ". ", "\n\n", " "]), max_size=60).map("".join)


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> PieceIndexer:
    folder = Path(save_checkpoint(tmp_path_factory.mktemp("checkpoint")))
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["max_position_embeddings"] = 12  # room for ten pieces
    return PieceIndexer(json.loads((folder / "tokenizer.json").read_text("utf-8")), config)


def own(cut: list[list[Passage]]) -> list[tuple[int, int]]:
    return [token for chapter in cut for p in chapter for token in p.tokens[p.own[0] : p.own[1]]]


@given(TEXTS, st.booleans(), st.integers(1, 20))
def test_every_token_of_a_text_is_in_one_chapter(text: str, opens: bool, longest: int) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(documents, "LONGEST", longest)
        cut = list(chapters(text, RULE, (), opens=opens))
    assert own(cut) == list(tokens(text))
    assert all(chapter for chapter in cut)
    for chapter in cut:
        assert len(chapter) == 1 or sum(len(p.tokens) - opens for p in chapter) <= longest


def test_an_opened_passage_begins_with_a_token_of_no_characters() -> None:
    passage = Passage("xx No fever", [(3, 5), (6, 11)], (0, 2))
    assert opened(passage) == Passage("xx No fever", [(3, 3), (3, 5), (6, 11)], (1, 3))
    assert opened(passage).words == ["", "No", "fever"]


def test_a_text_is_its_passages_in_a_row() -> None:
    texts = [[Passage.of(["No", "fever"])], [Passage.of(["a"]), Passage.of(["b", "c", "d"])], [Passage.of(["e"])]]
    indexer = WordIndexer.fit([passage for text in texts for passage in text])
    inputs = encode_documents(texts, [indexer])
    assert inputs["rows"].tolist() == [[0, 0], [1, 2], [3, 0]]
    assert inputs["there"].tolist() == [[True, False], [True, True], [True, False]]
    assert inputs["words"].shape == inputs["own"].shape == (4, 3)
    assert inputs["own"].sum(1).tolist() == [2, 1, 3, 1]


def test_the_first_token_of_an_opened_passage_stands_for_the_encoders_first_piece(pieces: PieceIndexer) -> None:
    cut = [opened(Passage.of(["She", "took", "aspirin"]))]
    arrays = encode_documents([cut], [pieces])
    assert arrays["first_piece"][0, 0] == 0
    assert arrays["after_piece"][0, 0] == 1
    assert arrays["pieces"][0, 0] == pieces.frame.before[0]
    assert arrays["first_piece"][0, 1] >= 1


def test_passages_are_cut_so_that_the_first_piece_sees_all_of_them(pieces: PieceIndexer) -> None:
    text = " ".join(["aspirin pain"] * 9)
    rule = PassageRule(64, 8)
    (whole,) = next(chapters(text, rule, [pieces], opens=False))
    assert pieces.beyond(whole) > 0
    cut = list(chapters(text, rule, [pieces], opens=True))
    assert own(cut) == list(tokens(text))
    assert len(cut[0]) > 1
    assert encode_documents(cut, [pieces])["pieces"].shape[0] == len(cut[0]), "one window a passage"
    assert unseen(cut[0], [pieces]) == 0


def test_a_single_token_too_long_for_any_window_is_counted(pieces: PieceIndexer) -> None:
    text = "pain " + "x" * 40
    (chapter,) = chapters(text, PassageRule(64, 8), [pieces], opens=True)
    read = pieces.tokenizer.encode("x" * 40, add_special_tokens=False)
    expected = 40 - read.offsets[10][0] if len(read.ids) > 10 else 0
    assert unseen(chapter, [pieces]) == expected
    assert unseen(chapter, []) == 0
    numbers = np.array([pieces.beyond(Passage.of(["x" * n])) for n in range(1, 60)])
    assert (np.diff(numbers) >= 0).all()
