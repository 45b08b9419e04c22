"""A vector per word from its characters: convolution and maximum over the word.

Ma and Hovy (2016), "End-to-end Sequence Labeling via Bi-directional LSTM-CNNs-CRF", section 2.1.
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.flops import per_token

PADDING = 0
USUAL = 8
"""Characters of a word, where operations are counted: a round number of ours, for words of any language."""


class CharacterCNN(nn.Module):
    """Reads every different word of a batch once.

    vocabulary  number of characters, padding and the unknown one among them
    size        width of a character's vector (the paper: 30)
    filters     filters of each width (the paper: 30)
    widths      characters that a filter sees, odd (the paper: 3)
    dropout     on the character vectors (the paper: 0.5)
    """

    def __init__(
        self,
        vocabulary: int,
        *,
        size: int = 30,
        filters: int = 30,
        widths: tuple[int, ...] = (3,),
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if any(width % 2 == 0 for width in widths):
            raise ValueError("the widths of a character CNN are odd, so that a filter has a middle")
        self.characters = nn.Embedding(vocabulary, size, padding_idx=PADDING)
        bound = (3 / size) ** 0.5  # section 3.1
        with torch.no_grad():
            nn.init.uniform_(self.characters.weight, -bound, bound)[PADDING] = 0
        self.dropout = nn.Dropout(dropout)
        self.filters = nn.ModuleList(nn.Conv1d(size, filters, width, padding=width // 2) for width in widths)
        self.output_size = filters * len(widths)

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """characters (U, C), spellings (B, T) -> (B, T, filters of all widths)"""
        characters = inputs["characters"]
        padding = (characters == PADDING).unsqueeze(1)
        vectors = self.dropout(self.characters(characters)).transpose(1, 2)  # (U, size, C)
        found = [torch.relu(filters(vectors).masked_fill(padding, 0.0).amax(2)) for filters in self.filters]
        return torch.cat(found, 1)[inputs["spellings"]]

    def flops(self, tokens: int) -> int:
        """As if every token were another word, of `USUAL` characters."""
        return tokens * USUAL * per_token(self.filters)
