import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from epicrisis.parts.encoders import BiLSTM

LENGTHS = torch.tensor([5, 3, 1])
MASK = torch.arange(5) < LENGTHS.unsqueeze(1)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bilstm_is_torchs_own_on_packed_sequences(layers: int) -> None:
    torch.manual_seed(0)
    ours = BiLSTM(4, hidden_size=3, layers=layers, dropout=0.0)
    theirs = torch.nn.LSTM(4, 3, layers, batch_first=True, bidirectional=True)
    for layer in range(layers):
        for module, suffix in ((ours.forwards[layer], ""), (ours.backwards[layer], "_reverse")):
            for name, weight in module.named_parameters():
                torch.nn.init.normal_(weight)
                getattr(theirs, name.replace("l0", f"l{layer}") + suffix).data.copy_(weight.data)
    embedded = torch.randn(3, 5, 4)
    packed = pack_padded_sequence(embedded, LENGTHS, batch_first=True)
    expected = pad_packed_sequence(theirs(packed)[0], batch_first=True)[0]
    torch.testing.assert_close(ours(embedded, MASK)[MASK], expected[MASK])


def test_every_state_knows_the_first_and_the_last_token() -> None:
    torch.manual_seed(0)
    encoder = BiLSTM(4, hidden_size=3, dropout=0.0)
    embedded = torch.randn(1, 5, 4, requires_grad=True)
    states = encoder(embedded, torch.ones(1, 5, dtype=torch.bool))
    for token in range(5):
        (gradient,) = torch.autograd.grad(states[0, token].sum(), embedded, retain_graph=True)
        assert gradient.abs().sum(2).gt(0).all()


def test_forget_gates_begin_open() -> None:
    for lstm in (*(encoder := BiLSTM(4, hidden_size=3, layers=2)).forwards, *encoder.backwards):
        assert (lstm.bias_ih_l0 + lstm.bias_hh_l0).tolist() == [0.0] * 3 + [1.0] * 3 + [0.0] * 6


def test_dropout_works_in_training_alone() -> None:
    torch.manual_seed(0)
    encoder, embedded = BiLSTM(4, hidden_size=3, dropout=0.5), torch.randn(3, 5, 4)
    assert not torch.equal(encoder(embedded, MASK), encoder(embedded, MASK))
    encoder.eval()
    assert torch.equal(encoder(embedded, MASK), encoder(embedded, MASK))
