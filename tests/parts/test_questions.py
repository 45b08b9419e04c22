"""The embedder of questions: the encoder's own states for each pair of question and passage."""

from pathlib import Path

import pytest
import torch

from epicrisis.encoding import QuestionIndexer, Spellings
from epicrisis.parts.embedders import Questions
from epicrisis.text import PassageRule, passages

from ..checkpoints import KINDS, SIZE, config, save_checkpoint
from . import making


@pytest.mark.parametrize("kind", KINDS)
def test_a_tokens_vectors_are_the_states_of_its_first_piece_behind_each_question(kind: str, tmp_path: Path) -> None:
    from transformers import AutoModel

    save_checkpoint(tmp_path, kind, max_position_embeddings=64)
    questions = making.write_questions(tmp_path / "q.yaml")
    indexer = QuestionIndexer.fit([], checkpoint=str(tmp_path), questions=str(questions))
    part = Questions(*indexer.sizes).eval()
    part.start_from(tmp_path)
    (passage,) = passages("She had fever, 5mg HbA1c", PassageRule())
    arrays = {name: torch.from_numpy(array) for name, array in indexer.arrays(Spellings([passage])).items()}
    found = part(arrays)
    assert found.shape == (1, len(passage.tokens), 2 * SIZE)
    network = AutoModel.from_pretrained(tmp_path).eval()
    for n, type_ in enumerate(indexer.types):
        pair = indexer.pieces.tokenizer.encode(indexer.questions[type_], passage.text)
        types = (
            {"token_type_ids": torch.tensor([pair.type_ids])} if getattr(network.config, "type_vocab_size", 0) else {}
        )
        with torch.inference_mode():
            states = network(input_ids=torch.tensor([pair.ids]), **types).last_hidden_state[0]
        for token, (start, _) in enumerate(passage.tokens):
            where = zip(pair.sequence_ids, pair.offsets, strict=True)
            first = next(m for m, (sequence, (_, end)) in enumerate(where) if sequence == 1 and end > start)
            torch.testing.assert_close(found[0, token, n * SIZE : (n + 1) * SIZE], states[first], rtol=1e-4, atol=1e-5)


def test_its_operations_are_those_of_every_question() -> None:
    part = Questions(config("bert", vocab_size=30), (5, 8))
    encoder = part.transformer
    assert part.flops(100) == encoder.flops_of_pieces(135) + encoder.flops_of_pieces(138)
    assert part.output_size == 2 * SIZE
