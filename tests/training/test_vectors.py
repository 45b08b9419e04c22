import random
from collections import Counter

import numpy as np
import pytest

from epicrisis.document import Document
from epicrisis.training.lexicon import Lexicon
from epicrisis.training.vectors import VectorSettings, train_vectors, without_near_copies

DRUGS, ORGANS = ("阿司匹林", "华法林", "他汀"), ("胃", "肝脏", "肺")


def invented(count: int) -> list[Document]:
    """Drugs are taken, organs are painful: what stands beside them tells them apart."""
    choose = random.Random(1)
    texts = []
    for number in range(count):
        sentences = [f"每日口服{choose.choice(DRUGS)}{choose.randint(1, 9)}片，" for _ in range(10)]
        sentences += [f"自觉{choose.choice(ORGANS)}部疼痛{choose.randint(1, 9)}天，" for _ in range(10)]
        choose.shuffle(sentences)
        texts.append(Document(f"d{number}", "".join(sentences)))
    return texts


SETTINGS = VectorSettings(size=8, window=3, at_least=2, epochs=10, sample=0.0)
LEXICON = Lexicon([*DRUGS, *ORGANS, "疼痛", "口服", "从不"])


def test_a_lexicon_adds_its_words_to_the_tokens() -> None:
    alone, counts = train_vectors(invented(3), (), (), SETTINGS)
    both, counts_of_both = train_vectors(invented(3), (), (), SETTINGS, LEXICON)
    assert {"胃", "阿", "痛", "0"} <= set(alone.words)
    assert all(len(word) == 1 for word in alone.words)
    assert set(both.words) - set(alone.words) == {*DRUGS, "肝脏", "疼痛", "口服"}, "a word that is never read has none"
    assert counts["words"] < counts_of_both["words"] < 2 * counts["words"]


def test_words_that_stand_in_like_places_are_alike() -> None:
    vectors, _ = train_vectors(invented(60), (), (), SETTINGS, LEXICON)
    unit = vectors.matrix / np.linalg.norm(vectors.matrix, axis=1, keepdims=True)
    row = {word: unit[number] for number, word in enumerate(vectors.words)}
    inside = [row[a] @ row[b] for kind in (DRUGS, ORGANS) for a in kind for b in kind if a < b]
    across = [row[a] @ row[b] for a in DRUGS for b in ORGANS]
    assert np.mean(inside) > np.mean(across) + 0.2


def test_the_same_texts_and_seed_give_the_same_vectors() -> None:
    one, _ = train_vectors(invented(3), (), (), SETTINGS, LEXICON)
    two, _ = train_vectors(invented(3), (), (), SETTINGS, LEXICON)
    assert one.words == two.words
    np.testing.assert_array_equal(one.matrix, two.matrix)


def test_a_repeated_sentence_is_learned_from_once() -> None:
    sentence = "感谢您的咨询，祝您早日康复。"
    texts = [Document("a", sentence * 3 + sentence + "完"), Document("b", sentence)]
    _, counts = train_vectors(texts, (), (), VectorSettings(size=2, at_least=1, epochs=1))
    assert counts["words"] == 15


@pytest.mark.parametrize("shared", ["id", "text"])
def test_what_is_like_a_held_out_document_is_left_out(shared: str) -> None:
    held_out = invented(1)[0]
    copy = Document(held_out.id, "别的") if shared == "id" else Document("copy", f"病史：{held_out.text[:60]}")
    far = Document("far", "这里写的是别的内容，与之毫无关系。")
    counts: Counter[str] = Counter()
    assert list(without_near_copies([copy, far], [held_out], counts)) == [far]
    assert counts == {"left out: like a held-out document": 1, "texts": 1}
