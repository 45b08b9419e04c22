"""The batched lattice LSTM against the same equations one passage at a time, as its authors' code runs them.

    python benchmarks/lattice.py

Needs torch (`pip install -e .[train]`). Passages, characters and words are made up, as many as in Chinese records: a
word for every other character. Both have the same weights; equal states and gradients are asserted first. What is
measured is a forward and a backward pass over one batch, with one thread.
"""

import itertools
import random
from collections.abc import Iterator

import torch
from measuring import arguments, heading, interleaved, median, seconds, spread, table
from torch import Tensor

from epicrisis.encoding import LatticeIndexer, WordIndexer, encode
from epicrisis.encoding.matching import MatchedWords
from epicrisis.parts.embedders import Lattice
from epicrisis.text import Passage

CHARACTERS, WORDS_EACH, SIZE, HIDDEN = 800, 2, 50, 200
LENGTHS, NEAR, BATCHES = (100, 180, 256), 0.85, (2000, 4000)
"""Characters of the longest passage; the shortest, as a share of it, that training puts into the same batch; characters
of a batch, padding counted; the recipe's batches are of 2,000."""
OURS, THEIRS = "batched", "one passage at a time"


class Case:
    """One batch, one set of weights, and both ways to run it."""

    def __init__(self, longest: int, batch: int) -> None:
        dice = random.Random(1)
        letters = [chr(0x4E00 + number) for number in range(CHARACTERS)]
        self.passages: list[Passage] = []
        for _ in range(batch // longest):
            text = "".join(dice.choices(letters, k=dice.randint(int(NEAR * longest), longest)))
            self.passages.append(Passage(text, [(n, n + 1) for n in range(len(text))], (0, len(text))))
        words = dict.fromkeys(  # a share of what stands in the texts, two to five characters long
            passage.text[first : first + length]
            for passage in self.passages
            for first in range(len(passage.text) - 5)
            for length in dice.choices((2, 2, 3, 4, 5), k=1)
            if dice.random() < 1 / WORDS_EACH
        )
        self.indexer = LatticeIndexer(WordIndexer(letters, CHARACTERS), MatchedWords(words, [1] * len(words), SIZE))
        self.inputs = {name: torch.from_numpy(array) for name, array in encode(self.passages, [self.indexer]).items()}
        torch.manual_seed(1)
        self.part = Lattice(*self.indexer.sizes, size=SIZE, hidden_size=HIDDEN, dropout=0.0)
        self.weights = [weight for weight in self.part.parameters() if weight.dim() == 3]  # all but the tables
        number = {word: n for n, word in enumerate(self.indexer.matched.words, start=2)}
        self.words = 0
        self.lattices: list[list[list[list[tuple[int, int]]]]] = []  # passage, direction, first character: words
        for passage in self.passages:
            size = len(passage.text)
            both: list[list[list[tuple[int, int]]]] = [[[] for _ in range(size)] for _ in (0, 1)]
            for first in range(size):
                for length in range(2, 6):
                    word = number.get(passage.text[first : first + length])
                    if word and first + length <= size:
                        both[0][first].append((length, word))
                        both[1][size - first - length].append((length, word))
                        self.words += 1
            self.lattices.append(both)

    def batched(self) -> tuple[Tensor, list[Tensor]]:
        states = self.part(self.inputs)[self.inputs["mask"]]
        return states, list(torch.autograd.grad(states.square().sum(), self.weights))

    def one_at_a_time(self) -> tuple[Tensor, list[Tensor]]:
        states = []
        for passage, (right, left) in zip(self.passages, self.lattices, strict=True):
            numbers = torch.tensor([self.indexer.characters._number[letter] for letter in passage.text])
            characters = self.part.characters({"words": numbers})
            forwards = torch.cat(list(self._direction(0, characters, right)))
            backwards = torch.cat(list(self._direction(1, characters.flip(0), left))).flip(0)
            states.append(torch.cat([forwards, backwards], 1))
        both = torch.cat(states)
        return both, list(torch.autograd.grad(both.square().sum(), self.weights))

    def _direction(self, direction: int, characters: Tensor, begin: list[list[tuple[int, int]]]) -> Iterator[Tensor]:
        """One cell for a character, one for all words that begin there, as in the authors' code."""
        part, size = self.part, HIDDEN
        inputs, bias = part.character_inputs[direction], part.character_bias[direction]
        recurrent, link = part.recurrent[direction], part.link[direction]
        waiting: list[list[Tensor]] = [[] for _ in begin]
        state = cell = characters.new_zeros(1, size)
        for place, words in enumerate(begin):
            read = torch.addmm(bias, characters[place : place + 1], inputs)
            gates = read[:, : 3 * size] + state @ recurrent[:, : 3 * size]
            write, out = torch.sigmoid(gates[:, : 2 * size]).chunk(2, 1)
            new = torch.tanh(gates[:, 2 * size :])
            if waiting[place]:
                cells = torch.cat(waiting[place])
                shares = torch.cat([write, torch.sigmoid(read[:, 3 * size :] + cells @ link)]).exp()
                cell = (shares / shares.sum(0) * torch.cat([new, cells])).sum(0, keepdim=True)
            else:
                cell = (1 - write) * cell + write * new
            state = out * torch.tanh(cell)
            if words:
                vectors = part.words({"words": torch.tensor([word for _, word in words])})
                gates = torch.addmm(part.word_bias[direction], vectors, part.word_inputs[direction])
                gates = gates + state @ recurrent[:, 3 * size :]
                write, forget = torch.sigmoid(gates[:, : 2 * size]).chunk(2, 1)
                for number, begun in enumerate((forget * cell + write * torch.tanh(gates[:, 2 * size :])).split(1)):
                    waiting[place + words[number][0] - 1].append(begun)
            yield state

    def check(self) -> None:
        (ours, our_gradients), (theirs, their_gradients) = self.batched(), self.one_at_a_time()
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
        for our, their in zip(our_gradients, their_gradients, strict=True):
            torch.testing.assert_close(our, their, rtol=1e-3, atol=1e-3)


def main() -> None:
    args = arguments(__doc__, runs=5).parse_args()
    torch.set_num_threads(1)
    heading("Lattice LSTM: batched against one passage at a time", "torch", runs=args.runs)
    print(
        f"Passages of similar length in a batch; {HIDDEN} units in each direction; one thread. "
        f"Milliseconds of a forward and a backward pass; states and gradients were equal first.\n"
    )
    rows = []
    for batch, longest in itertools.product(BATCHES, LENGTHS):
        case = Case(longest, batch)
        case.check()
        found = interleaved({OURS: seconds(case.batched, 1), THEIRS: seconds(case.one_at_a_time, 1)}, args.runs)
        ours, theirs = ([1e3 * value for value in found[who]] for who in (OURS, THEIRS))
        characters = sum(len(passage.tokens) for passage in case.passages)
        rows.append(
            [
                f"{len(case.passages)} passages of up to {longest} characters",
                f"{characters:,}",
                f"{case.words:,}",
                spread(ours, ".0f"),
                spread(theirs, ".0f"),
                f"{median(theirs) / median(ours):.1f}",
            ]
        )
    table(["", "characters", "words", OURS, THEIRS, "times faster"], rows)


if __name__ == "__main__":
    main()
