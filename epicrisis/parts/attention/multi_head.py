"""Every state looks at all states of the passage, in several ways at once.

Vaswani et al. (2017), "Attention Is All You Need", section 3.2.
"""

from torch import Tensor, nn

from epicrisis.parts.attention.masking import masked_softmax


class MultiHead(nn.Module):
    """Scaled dot products between the states; what is found is added to them, and the sum normalised.

    heads    ways of looking
    size     width of a head; heads * size need not be the states' width
    dropout  on the attention's shares and on what is added

    The sum and its layer norm are those of the transformer (section 5.4, and 3.1): a token stays recognisable. Papers
    that put this attention between an encoder and a CRF do not say what they do; there it is our choice.
    """

    def __init__(
        self, input_size: int, embedded_size: int, *, heads: int = 8, size: int = 64, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.heads, self.size = heads, size
        self.queries = nn.Linear(input_size, heads * size)
        self.keys = nn.Linear(input_size, heads * size, bias=False)  # its bias would cancel in the softmax
        self.values = nn.Linear(input_size, heads * size)
        self.output = nn.Linear(heads * size, input_size)
        self.norm = nn.LayerNorm(input_size)
        self.dropout = nn.Dropout(dropout)
        self.output_size = input_size

    def forward(self, states: Tensor, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T, embedded_size), (B, T) -> (B, T, input_size)"""
        queries, keys, values = (
            linear(states).unflatten(-1, (self.heads, self.size)).transpose(1, 2)  # (B, heads, T, size)
            for linear in (self.queries, self.keys, self.values)
        )
        scores = queries @ keys.transpose(2, 3) * self.size**-0.5
        shares = self.dropout(masked_softmax(scores, mask[:, None, None], -1))
        found = (shares @ values).transpose(1, 2).flatten(2)
        return self.norm(states + self.dropout(self.output(found)))

    def flops(self, tokens: int) -> int:
        width = self.heads * self.size
        return 2 * tokens * (4 * self.output_size * width + 2 * tokens * width)
