import torch

from epicrisis.parts.dropout import LockedDropout


def test_the_same_features_of_all_tokens_of_a_passage_are_hidden() -> None:
    torch.manual_seed(0)
    hidden = LockedDropout(0.5)(torch.ones(4, 7, 50)) == 0
    assert torch.equal(hidden, hidden[:, :1].expand_as(hidden))
    assert not torch.equal(hidden[0, 0], hidden[1, 0])
    assert 0.35 < hidden.float().mean() < 0.65


def test_what_is_not_hidden_makes_up_for_what_is() -> None:
    torch.manual_seed(0)
    assert set(LockedDropout(0.75)(torch.ones(4, 3, 50)).unique().tolist()) == {0.0, 4.0}


def test_nothing_is_hidden_after_training_or_at_rate_0() -> None:
    states = torch.randn(2, 3, 4)
    assert LockedDropout(0.5).eval()(states) is states
    assert LockedDropout(0.0)(states) is states
