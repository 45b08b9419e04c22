"""A recurrence over characters in which the words of a lexicon are short cuts, batched.

Zhang and Yang (2018), "Chinese NER Using Lattice LSTM", section 3, equations 11 to 16; coupled gates and what is left
open there as in the authors' code. It is the encoder as well: a recipe puts `nothing` behind it.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from epicrisis.parts.embedders.lattice_steps import lattice_states
from epicrisis.parts.embedders.words import Words

TOKENS_PER_WORD = 2
"""Where operations are counted: one word of the lexicon begins at every other token."""


class Lattice(nn.Module):
    """Two lattice LSTMs, one from the left and one from the right, side by side.

    A word w from token b to token e gets a cell of its own from the state of b. At e the cells of all words that end
    there are mixed with what the token itself would write, each unit with its own shares:

        i, o, g       = sigmoid, sigmoid, tanh of W [x_e; h_(e-1)]
        i_w, f_w, g_w = sigmoid, sigmoid, tanh of V [x_w; h_b]
        c_w           = f_w c_b + i_w g_w
        a_w           = sigmoid(L [x_e; c_w])
        c_e           = softmax(i, a_w, a_w', ...) (g, c_w, c_w', ...), without a word (1 - i) c_(e-1) + i g
        h_e           = o tanh(c_e)

    characters, seen        rows of the table of tokens, and those of them that occur in training: see `Words`
    words, seen_words       the same of the table of words
    word_size               width of a word's vector
    size                    width of a token's vector; that of the pre-trained ones where there are any
    hidden_size             width of one direction
    dropout                 on the vectors of tokens and words, and on what goes out
    """

    def __init__(
        self,
        characters: int,
        seen: int,
        words: int,
        seen_words: int,
        word_size: int,
        *,
        size: int = 50,
        hidden_size: int = 200,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.characters = Words(characters, seen, size=size)
        self.words = Words(words, seen_words, size=word_size)
        self.words.unknown.requires_grad_(False)  # a word that the lexicon does not hold is none
        self.character_inputs = nn.Parameter(torch.empty(2, size, 4 * hidden_size))  # i, o, g, and the gate of words
        self.character_bias = nn.Parameter(torch.zeros(2, 1, 4 * hidden_size))
        self.word_inputs = nn.Parameter(torch.empty(2, word_size, 3 * hidden_size))  # i, f, g
        self.word_bias = nn.Parameter(torch.zeros(2, 1, 3 * hidden_size))
        self.recurrent = nn.Parameter(torch.empty(2, hidden_size, 6 * hidden_size))  # of a token's i, o, g, a word's
        self.link = nn.Parameter(torch.empty(2, hidden_size, hidden_size))  # of a word's cell to its gate
        for direction in (0, 1):
            for weight, gates in ((self.character_inputs, 4), (self.word_inputs, 3)):
                for gate in weight.data[direction].chunk(gates, 1):
                    nn.init.xavier_uniform_(gate)
            for weight, gates in ((self.recurrent, 6), (self.link, 1)):
                for gate in weight.data[direction].chunk(gates, 1):
                    nn.init.orthogonal_(gate)
        self.dropout = nn.Dropout(dropout)
        self.output_size = 2 * hidden_size

    def start_from(self, start: Sequence[Any]) -> None:
        """Vectors of tokens (characters - 2, size) and of words (words - 2, word_size); None for none."""
        for table, vectors in zip((self.characters, self.words), start, strict=True):
            if vectors is not None:
                table.start_from(torch.as_tensor(vectors))

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """mask (B, T) and the arrays of `LatticeIndexer` -> (B, T, 2 * hidden_size)"""
        mask = inputs["mask"]
        batch, longest = mask.shape
        reverse = _reversal(mask)
        characters = self.dropout(self.characters({"words": inputs["lattice_characters"]})).flatten(0, 1)
        both = torch.stack([characters, characters.index_select(0, reverse)])  # (2, B * T, size)
        from_characters = torch.baddbmm(self.character_bias, both, self.character_inputs)
        words = self.dropout(self.words({"words": inputs["lattice_words"]})).view(
            longest, 2, -1, self.words.output_size
        )
        from_words = torch.baddbmm(self.word_bias, words.transpose(0, 1).flatten(1, 2), self.word_inputs)
        ends, end_lanes = inputs["lattice_ends"], inputs["lattice_end_lanes"]
        lanes = torch.arange(2 * batch, device=mask.device).view(1, -1, 1)
        kind = self.link.dtype  # what a recurrence adds up stays in full precision
        states = lattice_states(
            from_characters.view(2 * batch, longest, -1).transpose(0, 1).to(kind),
            from_words.view(2, longest, -1, from_words.shape[2]).transpose(0, 1).flatten(1, 2).to(kind),
            inputs["lattice_lanes"],
            inputs["lattice_slots"],
            ends,
            end_lanes,
            ((end_lanes.unsqueeze(1) == lanes) & (ends > 0).unsqueeze(1)).to(kind),
            inputs["lattice_store"].to(kind),
            self.recurrent,
            self.link,
        )
        right, left = states.transpose(0, 1).reshape(2, batch * longest, -1)
        return self.dropout(torch.cat([right, left.index_select(0, reverse)], 1).view(batch, longest, -1))

    def flops(self, tokens: int) -> int:
        """With a word for every `TOKENS_PER_WORD` tokens."""
        each_token = self.character_inputs.numel() + self.recurrent.numel()
        each_word = self.word_inputs.numel() + self.link.numel()
        return 2 * tokens * each_token + 2 * (tokens // TOKENS_PER_WORD) * each_word


def _reversal(mask: Tensor) -> Tensor:
    """(B, T) -> (B * T,), where in the flattened batch each token's mirror image stands; padding is its own"""
    batch, longest = mask.shape
    position = torch.arange(longest, device=mask.device)
    mirrored = torch.where(mask, mask.sum(1, keepdim=True) - 1 - position, position)
    return (torch.arange(batch, device=mask.device).unsqueeze(1) * longest + mirrored).flatten()
