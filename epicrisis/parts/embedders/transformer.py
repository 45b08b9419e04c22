"""States of a pre-trained Transformer encoder: BERT and its relatives.

Devlin et al. (2019), "BERT", and whatever else of the Hugging Face library is an encoder: RoBERTa, DistilBERT,
DeBERTa 1 to 3, ELECTRA, MiniLM, XLM-R.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PIECES = 1.3
"""Word pieces of a token of English clinical text: what BERT's tokenizer makes of MACCROBAT2020's."""


class Transformer(nn.Module):
    """A vector per token from the states of its word pieces. Its weights are fresh until `start_from` is called.

    config             the encoder's config.json
    pool               which pieces speak for a token: the "first", or the "mean" of all
    keep_layers        how many of the encoder's layers are used, from the lowest on; 0 for all
    frozen             how many of the lowest layers keep their weights; the embeddings are the first of them
    mix                the states of all layers in learned shares (Peters et al. 2018, eq. 1), not those of the last
    attention_dropout  on the shares of attention. BERT has 0.1; without it a processor's fused attention can be used
    dropout            on the vectors that go out; that inside the encoder is the checkpoint's own
    """

    def __init__(
        self,
        config: dict[str, Any],
        *,
        pool: str = "first",
        keep_layers: int = 0,
        frozen: int = 0,
        mix: bool = False,
        attention_dropout: float = 0.0,
        dropout: float = 0.1,
    ) -> None:
        from transformers import AutoConfig, AutoModel

        super().__init__()
        try:
            made = AutoConfig.for_model(**config)
        except ValueError:
            raise ValueError(f"transformers knows no architecture {config.get('model_type')!r}") from None
        if keep_layers:
            made.num_hidden_layers = min(keep_layers, made.num_hidden_layers)
        for name in ("attention_probs_dropout_prob", "attention_dropout"):
            if hasattr(made, name):
                setattr(made, name, attention_dropout)
        if not hasattr(made, "hidden_size"):
            raise ValueError(f"{config['model_type']!r} is no architecture of an encoder of texts")
        self.network = AutoModel.from_config(made)  # type: ignore[no-untyped-call]
        if getattr(self.network, "pooler", None) is not None:
            self.network.pooler = None  # a vector for the whole passage: not asked for, and it would never learn
        for layer in self.pretrained_layers()[:frozen]:
            for weight in layer:
                weight.requires_grad_(False)
        self.pool = pool
        self.frozen = frozen
        self.shares = nn.Parameter(torch.zeros(made.num_hidden_layers + 1)) if mix else None
        self.dropout = nn.Dropout(dropout)
        self.output_size = int(made.hidden_size)

    def start_from(self, folder: Path) -> None:
        """Take over the weights of a checkpoint.

        Raises ValueError where the checkpoint lacks weights of this architecture.
        """
        from transformers import AutoModel
        from transformers.utils import logging

        before = logging.get_verbosity()
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # it would list the pooler and the heads of pre-training as left over
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            loaded, about = AutoModel.from_pretrained(
                str(folder), config=self.network.config, output_loading_info=True, dtype=torch.float32
            )
        finally:
            logging.set_verbosity(before)
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
        missing = [name for name in about["missing_keys"] if "pooler" not in name]
        if missing or about["mismatched_keys"]:
            raise ValueError(
                f"{folder}: the checkpoint lacks {len(missing)} weights of its own architecture "
                f"({self.network.config.model_type}), {', '.join(sorted(missing)[:3])} among them"
            )
        self.network.load_state_dict(loaded.state_dict(), strict=False)

    @contextmanager
    def plain_attention(self) -> Iterator[None]:
        """Attention as products and a softmax. Exported, it is faster than torch's fused one, which brings along
        what rows without a single piece would need.
        """
        config = self.network.config
        before, config._attn_implementation = config._attn_implementation, "eager"
        try:
            yield
        finally:
            config._attn_implementation = before

    def pretrained_layers(self) -> list[list[nn.Parameter]]:
        """The pre-trained weights, from the embeddings up to the last layer."""
        stack = max((m for m in self.network.modules() if isinstance(m, nn.ModuleList)), key=len)
        in_stack = {id(weight) for weight in stack.parameters()}
        below = [weight for weight in self.network.parameters() if id(weight) not in in_stack]
        return [below, *(list(layer.parameters()) for layer in stack)]

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """pieces, piece_mask (R, P); first_piece, after_piece (B, T) -> (B, T, output_size)"""
        states = self.states(inputs["pieces"], inputs["piece_mask"])
        return self.pooled(states, inputs["first_piece"], inputs["after_piece"])

    def states(self, pieces: Tensor, mask: Tensor, types: Tensor | None = None) -> Tensor:
        """(R, P), and the same of the types of pieces, for encoders that know any -> (R, P, output_size)"""
        known = types is not None and getattr(self.network.config, "type_vocab_size", 0) > 1
        read = self.network(
            input_ids=pieces,
            attention_mask=mask.long(),
            output_hidden_states=self.shares is not None,
            **({"token_type_ids": types} if known else {}),
        )
        states: Tensor = read.last_hidden_state
        if self.shares is not None:
            shares = self.shares.softmax(0)
            states = torch.stack([share * state for share, state in zip(shares, read.hidden_states, strict=True)]).sum(
                0
            )
        return states

    def pooled(self, states: Tensor, first: Tensor, after: Tensor) -> Tensor:
        """(R, P, size) and ranges in the flattened R * P, of any shape -> (..., size), what speaks for each range"""
        if self.pool == "first":
            return self.dropout(states.flatten(0, 1)[first])
        return self.dropout(mean(states, first, after))

    @property
    def table(self) -> Tensor:
        """(pieces, size of an embedding), of every word piece"""
        return self.network.get_input_embeddings().weight

    def spelt(self, inputs: dict[str, Tensor]) -> Tensor:
        """pieces (R, P); first_piece, after_piece (B, T) -> (B, T, size of an embedding), without any context"""
        return mean(F.embedding(inputs["pieces"], self.table), inputs["first_piece"], inputs["after_piece"])

    def flops(self, tokens: int) -> int:
        """With PIECES pieces a token."""
        return round(self.flops_of_pieces(PIECES * tokens))

    def flops_of_pieces(self, pieces: float) -> float:
        """Of one window; what relative positions cost beside is not counted."""
        config = self.network.config
        width = config.hidden_size
        inner = getattr(config, "intermediate_size", None) or config.hidden_dim
        return float(config.num_hidden_layers * 4 * pieces * width * (2 * width + inner + pieces))


def mean(states: Tensor, first: Tensor, after: Tensor) -> Tensor:
    """(R, P, size) and ranges in the flattened R * P, of any shape -> (..., size), the mean of each range

    A range lies within one row, and sums run along each row alone: what stands in the others rounds nothing here.
    """
    row = first // states.shape[1]  # each row of sums begins with a zero, and so is longer by one
    with torch.autocast(states.device.type, enabled=False):
        running = F.pad(states.float().cumsum(1), (0, 0, 1, 0)).flatten(0, 1)
        return (running[after + row] - running[first + row]) / (after - first).clamp(min=1).unsqueeze(-1)
