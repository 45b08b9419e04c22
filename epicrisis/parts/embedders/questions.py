"""States of a pre-trained encoder that has read a question before the passage, once for each type of entity.

Li et al. (2020), "A Unified MRC Framework for Named Entity Recognition", section 3.3. The published system classifies
these states; here that is a decoder's, `span_match`, or any other's that takes a token's states for all questions.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from epicrisis.parts.embedders.transformer import PIECES, Transformer


class Questions(nn.Module):
    """A vector per token and question, those of a token side by side.

    config   the encoder's config.json
    lengths  pieces that each question adds to a passage

    The settings are those of `Transformer`.
    """

    def __init__(
        self,
        config: dict[str, Any],
        lengths: Sequence[int],
        *,
        pool: str = "first",
        keep_layers: int = 0,
        frozen: int = 0,
        attention_dropout: float = 0.0,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.lengths = tuple(lengths)
        self.transformer = Transformer(
            config,
            pool=pool,
            keep_layers=keep_layers,
            frozen=frozen,
            attention_dropout=attention_dropout,
            dropout=dropout,
        )
        self.output_size = len(self.lengths) * self.transformer.output_size

    def start_from(self, folder: Path) -> None:
        """Take over the weights of a checkpoint. Raises ValueError where it lacks weights of this architecture."""
        self.transformer.start_from(folder)

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """question_pieces, question_piece_mask, question_piece_types (R, P); question_first, question_after
        (B, T, questions) -> (B, T, output_size)
        """
        names = ("question_pieces", "question_piece_mask", "question_piece_types")
        states = self.transformer.states(*(inputs[name] for name in names))
        return self.transformer.pooled(states, inputs["question_first"], inputs["question_after"]).flatten(2)

    def flops(self, tokens: int) -> int:
        """With PIECES pieces a token."""
        return round(sum(self.transformer.flops_of_pieces(PIECES * tokens + length) for length in self.lengths))
