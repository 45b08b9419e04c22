"""Cross-attention, then an LSTM: the order of Algorithm 1 of Entity-BERT.

Lu et al. (2023), "Application of Entity-BERT model based on neuroscience and brain-like cognition in electronic medical
record entity recognition".
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.attention.cross import Cross
from epicrisis.parts.dropout import LockedDropout
from epicrisis.parts.encoders import recurrent


class CrossLSTM(nn.Module):
    """The embedder's vectors attend to each other, both ways; an LSTM, left to right, reads them and what they found.

    hidden_size  width of the LSTM
    dropout      on what comes in and on what goes out

    The algorithm has its cross-attention between BERT and the LSTM, where nothing but BERT's vectors exists. Our
    reading: they stand on both sides of it, and [vector ; v ; u] (see `attention/cross.py`) is what the LSTM reads.
    """

    def __init__(self, input_size: int, *, hidden_size: int = 200, dropout: float = 0.5) -> None:
        super().__init__()
        self.cross = Cross(input_size, input_size)
        self.lstm = nn.LSTM(3 * input_size, hidden_size, batch_first=True)
        self.dropout = LockedDropout(dropout)
        self.output_size = hidden_size
        recurrent.initialise([self.lstm])

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, hidden_size)"""
        vectors = self.dropout(embedded)
        return self.dropout(self.lstm(torch.cat([vectors, *self.cross.attended(vectors, vectors, mask)], -1))[0])

    def flops(self, tokens: int) -> int:
        size = self.lstm.hidden_size
        return self.cross.flops(tokens) + 2 * tokens * 4 * size * (self.lstm.input_size + size)
