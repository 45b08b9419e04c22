import numpy as np
import torch

from epicrisis.parts.encoders import NgramCNN


def test_each_state_is_what_the_filters_make_of_the_token_and_those_before_it() -> None:
    torch.manual_seed(1)
    network = NgramCNN(3, hidden_size=2, regions=(1, 4))
    embedded = torch.randn(2, 5, 3)
    mask = torch.arange(5) < torch.tensor([[5], [2]])
    found = network(embedded, mask).detach().numpy()
    for row, length in enumerate((5, 2)):
        for token in range(length):
            expected = []
            for filters, region in zip(network.filters, (1, 4), strict=True):
                weight, bias = filters.weight.detach().numpy(), filters.bias.detach().numpy()
                for number in range(2):
                    total = bias[number]
                    for back in range(region):
                        if token - back >= 0:
                            total += weight[number, :, region - 1 - back] @ embedded[row, token - back].numpy()
                    expected.append(max(0.0, total))
            np.testing.assert_allclose(found[row, token], expected, atol=1e-5)


def test_regions_may_be_even_and_longer_than_the_text() -> None:
    network = NgramCNN(3, hidden_size=2, regions=(2, 9))
    assert network(torch.randn(1, 1, 3), torch.ones(1, 1, dtype=torch.bool)).shape == (1, 1, 4)
    assert network.flops(10) == 10 * 2 * 3 * 2 * (2 + 9)
