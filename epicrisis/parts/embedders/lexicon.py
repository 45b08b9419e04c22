"""A vector per token of the words of a lexicon that it is part of: features for any encoder.

Ma et al. (2020), "Simplify the Usage of Lexicon in Chinese NER" (SoftLexicon), section 3.
"""

from torch import Tensor, nn

from epicrisis.parts.embedders.words import Words

SETS = 4


class Lexicon(nn.Module):
    """The weighted sum of the vectors of each of a token's four sets of words, side by side.

    words    rows of the table, padding and "none" among them
    seen     rows, from the first on, that training texts hold: those are learned further
    size     width of a word's vector; that of the lexicon's vectors
    trained  False keeps all vectors as they are but that of "none"
    dropout  on what goes out (the paper: 0.5)
    """

    def __init__(self, words: int, seen: int, *, size: int = 50, trained: bool = True, dropout: float = 0.5) -> None:
        super().__init__()
        self.words = Words(words, seen, size=size, trained=trained)
        self.dropout = nn.Dropout(dropout)
        self.output_size = SETS * size

    def start_from(self, vectors: Tensor) -> None:
        """(words - 2, size)"""
        self.words.start_from(vectors)

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """mask (B, T), lexicon_words, lexicon_places, lexicon_weights (P,) -> (B, T, 4 * size)"""
        batch, longest = inputs["mask"].shape
        vectors = self.words({"words": inputs["lexicon_words"]})
        weighted = vectors * inputs["lexicon_weights"].unsqueeze(1).to(vectors.dtype)
        sets = vectors.new_zeros(batch * longest * SETS, vectors.shape[1])
        places = inputs["lexicon_places"].unsqueeze(1).expand_as(weighted)
        summed = sets.scatter_add(0, places, weighted)  # not index_add: exported, it keeps one word of a place only
        return self.dropout(summed.view(batch, longest, -1))

    def flops(self, tokens: int) -> int:
        """Sums of looked-up vectors are no products of matrices."""
        return 0
