"""Each passage behind each question, and where its tokens lie there."""

import json
from pathlib import Path

import numpy as np
import pytest

from epicrisis.encoding import PieceIndexer, QuestionIndexer, Spellings
from epicrisis.encoding.questions import find_questions
from epicrisis.errors import RecipeError
from epicrisis.text import Passage, PassageRule, passages

from ..checkpoints import config, save_checkpoint, tokenizer

QUESTIONS = {"Problem": "pain or fever?", "Drug": "She took aspirin?"}


def pieces(kind: str = "bert", positions: int = 40) -> PieceIndexer:
    return PieceIndexer(json.loads(tokenizer(kind).to_str()), config(kind, max_position_embeddings=positions))


@pytest.mark.parametrize("kind", ["bert", "roberta", "xlm-roberta"])
def test_a_passage_is_read_as_the_tokenizer_reads_a_pair(kind: str) -> None:
    (passage,) = passages("No fever, on Warfarin 5mg", PassageRule())
    indexer = QuestionIndexer(pieces(kind, 64), QUESTIONS)
    arrays = indexer.arrays(Spellings([passage]))
    assert indexer.types == ("Drug", "Problem")
    for row, type_ in enumerate(indexer.types):
        pair = indexer.pieces.tokenizer.encode(QUESTIONS[type_], passage.text)
        real = arrays["question_piece_mask"][row]
        assert arrays["question_pieces"][row][real].tolist() == pair.ids
        assert arrays["question_piece_types"][row][real].tolist() == pair.type_ids
        assert not arrays["question_piece_types"][row][~real].any()
        assert indexer.sizes[1][row] == sum(sequence != 1 for sequence in pair.sequence_ids)
        for token, (start, end) in enumerate(passage.tokens):
            expected = [
                n
                for n, (sequence, (a, b)) in enumerate(zip(pair.sequence_ids, pair.offsets, strict=True))
                if sequence == 1 and a < end and b > start
            ]
            width = arrays["question_pieces"].shape[1]
            first, after = (arrays[name][0, token, row] - row * width for name in ("question_first", "question_after"))
            assert list(range(first, after)) == expected


@pytest.mark.parametrize("positions", [14, 20, 40])
def test_a_long_passage_is_read_in_windows_each_behind_the_whole_question(positions: int) -> None:
    cut = [Passage.of(["fever"]), *passages("She had fever and took aspirin " * 6, PassageRule(64, 8))]
    short, whole = (QuestionIndexer(pieces(positions=p), QUESTIONS) for p in (positions, 400))
    arrays, expected = (found.arrays(Spellings(cut)) for found in (short, whole))
    assert arrays["question_pieces"].shape[1] <= positions
    flat, other = arrays["question_pieces"].ravel(), expected["question_pieces"].ravel()
    assert len(arrays["question_pieces"]) > len(expected["question_pieces"]) == 2 * len(cut)
    for row, passage in enumerate(cut):
        own = arrays["question_first"][row, : len(passage.tokens)]
        np.testing.assert_array_equal(flat[own], other[expected["question_first"][row, : len(passage.tokens)]])
        for question, (frame, _, _) in enumerate(short._frames):
            for window in np.unique(own[:, question] // arrays["question_pieces"].shape[1]):
                line = arrays["question_pieces"][window]
                assert line[: len(frame.before)].tolist() == frame.before
                assert line[arrays["question_piece_mask"][window]][-1] == frame.behind[-1]


def test_it_is_kept_and_made_again(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("Problem: fever?\nDrug: aspirin?\n")
    fitted = QuestionIndexer.fit([], checkpoint=str(save_checkpoint(tmp_path / "c")), questions=str(file))
    assert fitted.start == tmp_path / "c"
    again = QuestionIndexer.from_dict(json.loads(json.dumps(fitted.to_dict())))
    cut = [Passage.of(["No", "fever"])]
    for name, array in fitted.arrays(Spellings(cut)).items():
        np.testing.assert_array_equal(array, again.arrays(Spellings(cut))[name])


def test_a_question_that_leaves_no_room_is_an_error() -> None:
    with pytest.raises(RecipeError, match=r"that for Drug has \d+ pieces, and the encoder no more than 9 positions"):
        QuestionIndexer(pieces(positions=9), {"Drug": "She took aspirin for her headache and slept well."})


def test_the_questions_for_genia_ask_for_its_five_types() -> None:
    assert sorted(find_questions("genia")) == ["DNA", "RNA", "cell_line", "cell_type", "protein"]


def test_unknown_questions_are_an_error() -> None:
    with pytest.raises(RecipeError, match=r"questions: no 'gennia'\. Did you mean 'genia'\?.*Or give a YAML file"):
        find_questions("gennia")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "lines of the form 'type: question'"),
        ("- fever?", "lines of the form 'type: question'"),
        ("a: [", "lines of the form 'type: question'"),
        ("Drug:\nNo: fever?\nTest: which?", "are expected, but not so at Drug, False"),
    ],
)
def test_what_is_no_file_of_questions_is_an_error(content: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "q.yaml").write_text(content)
    with pytest.raises(RecipeError, match=expected):
        find_questions(str(tmp_path / "q.yaml"))
