"""The pre-trained encoder as an embedder, for every architecture that recipes name."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from epicrisis.encoding import PieceIndexer, Spellings
from epicrisis.parts.embedders import Transformer
from epicrisis.text import Passage, PassageRule, passages

from ..checkpoints import KINDS, SIZE, config, save_checkpoint

CUT = [*passages("She had fever, 5mg HbA1c 头痛", PassageRule()), Passage.of(["aspirin"])]


def fitted(folder: Path, kind: str = "bert") -> PieceIndexer:
    return PieceIndexer.fit([], checkpoint=str(save_checkpoint(folder, kind)))


def arrays(indexer: PieceIndexer, cut: list[Passage] = CUT) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in indexer.arrays(Spellings(cut)).items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_tokens_vector_is_the_state_of_its_first_piece_under_the_checkpoints_weights(
    kind: str, tmp_path: Path
) -> None:
    from transformers import AutoModel

    indexer = fitted(tmp_path, kind)
    part = Transformer(indexer.config).eval()
    part.start_from(tmp_path)
    found = part(arrays(indexer))
    assert found.shape == (2, len(CUT[0].tokens), SIZE)
    read = indexer.tokenizer.encode(CUT[0].text)
    with torch.inference_mode():
        states = AutoModel.from_pretrained(tmp_path).eval()(input_ids=torch.tensor([read.ids])).last_hidden_state[0]
    for vector, (start, _) in zip(found[0], CUT[0].tokens, strict=True):
        special = read.special_tokens_mask
        first = next(n for n, (_, b) in enumerate(read.offsets) if b > start and not special[n])
        torch.testing.assert_close(vector, states[first], rtol=1e-4, atol=1e-5)


def test_the_mean_is_over_all_pieces_of_a_token(tmp_path: Path) -> None:
    indexer = fitted(tmp_path)
    first, mean = Transformer(indexer.config).eval(), Transformer(indexer.config, pool="mean").eval()
    first.start_from(tmp_path)
    mean.start_from(tmp_path)
    cut = [Passage.of(["Warfarinum", "fever"]), Passage.of(["pain"])]
    inputs = arrays(indexer, cut)
    states = first.network(input_ids=inputs["pieces"], attention_mask=inputs["piece_mask"].long()).last_hidden_state
    begin, end = inputs["first_piece"][0, 0], inputs["after_piece"][0, 0]
    assert end - begin > 1
    torch.testing.assert_close(mean(inputs)[0, 0], states.flatten(0, 1)[begin:end].mean(0))
    torch.testing.assert_close(mean(inputs)[0, 1], first(inputs)[0, 1])
    torch.testing.assert_close(mean(inputs)[1, 0], first(inputs)[1, 0])


def test_the_mix_of_layers_is_learned_and_starts_even(tmp_path: Path) -> None:
    indexer = fitted(tmp_path)
    part = Transformer(indexer.config, mix=True).eval()
    inputs = arrays(indexer)
    layers = part.network(
        input_ids=inputs["pieces"], attention_mask=inputs["piece_mask"].long(), output_hidden_states=True
    ).hidden_states
    expected = torch.stack(layers).mean(0).flatten(0, 1)[inputs["first_piece"]]
    torch.testing.assert_close(part(inputs), expected)
    assert part.shares is not None
    with torch.no_grad():
        part.shares[1] = 50.0
    torch.testing.assert_close(part(inputs), layers[1].flatten(0, 1)[inputs["first_piece"]])
    part(inputs).square().sum().backward()
    assert part.shares.grad is not None


def test_the_lowest_layers_alone_can_be_kept(tmp_path: Path) -> None:
    indexer = fitted(tmp_path)
    whole, low = Transformer(indexer.config).eval(), Transformer(indexer.config, keep_layers=1).eval()
    whole.start_from(tmp_path)
    low.start_from(tmp_path)
    inputs = arrays(indexer)
    layers = whole.network(
        input_ids=inputs["pieces"], attention_mask=inputs["piece_mask"].long(), output_hidden_states=True
    ).hidden_states
    torch.testing.assert_close(low(inputs), layers[1].flatten(0, 1)[inputs["first_piece"]])
    assert [len(layer) > 0 for layer in low.pretrained_layers()] == [True, True]


@pytest.mark.parametrize("kind", KINDS)
def test_the_layers_are_all_of_the_weights_once(kind: str) -> None:
    part = Transformer(config(kind, vocab_size=30))
    layers = part.pretrained_layers()
    assert len(layers) == 3
    given = [id(weight) for layer in layers for weight in layer]
    assert sorted(given) == sorted(id(weight) for weight in part.parameters())


def test_the_vectors_of_windows_depend_on_their_own_pieces_alone(tmp_path: Path) -> None:
    indexer = fitted(tmp_path)
    part = Transformer(indexer.config).eval()
    (long,) = passages("fever and pain or aspirin " * 12, PassageRule(64, 8))
    together = part(arrays(indexer, [long, *CUT]))
    alone = part(arrays(indexer, [long]))
    torch.testing.assert_close(together[0, : len(long.tokens)], alone[0])
    assert np.isfinite(alone.detach().numpy()).all()


def test_weights_of_another_architecture_are_an_error(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "bert")
    save_checkpoint(tmp_path / "deberta", "deberta")
    (tmp_path / "deberta" / "model.safetensors").replace(tmp_path / "bert" / "model.safetensors")
    indexer = PieceIndexer.fit([], checkpoint=str(tmp_path / "bert"))
    with pytest.raises(ValueError, match=r"lacks \d+ weights of its own architecture \(bert\)"):
        Transformer(indexer.config).start_from(tmp_path / "bert")


@pytest.mark.parametrize("kind", ["no-such-thing", "clip"])
def test_an_architecture_that_is_no_encoder_of_texts_is_an_error(kind: str) -> None:
    with pytest.raises(ValueError, match=f"{kind}"):
        Transformer({"model_type": kind})


def test_loading_says_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    indexer = fitted(tmp_path)
    capfd.readouterr()
    Transformer(indexer.config).start_from(tmp_path)
    assert capfd.readouterr() == ("", "")
