"""Word pieces: the numbers that a pre-trained encoder reads, and which of them belong to each token.

The tokenizer reads the text of a passage as it stands, so that pieces are those of pre-training; tokens find theirs
by character offsets. A passage with more pieces than the encoder has positions is read in overlapping windows:
nothing is cut off.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Span
from epicrisis.encoding.checkpoints import find_checkpoint, read_config
from epicrisis.encoding.spellings import Spellings
from epicrisis.errors import ModelError
from epicrisis.text import Passage

Numbers = NDArray[np.int64]

POSITIONS = 512
"""Pieces that an encoder reads at the most where its configuration does not say fewer."""
SHARED = 0.25
"""Share of a window's pieces that the next one reads again."""
BYTES = 4
"""Of a character, at the most."""
_COUNT_FROM_PADDING = {
    *("roberta", "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl", "xmod", "camembert", "longformer"),
    *("mpnet", "data2vec-text", "ibert", "luke", "esm"),
}
"""Architectures that number their positions from behind the number of the padding piece: so many fewer are left."""


@dataclass(frozen=True)
class Alignment:
    """Where the pieces of each token lie, half open; a token without pieces of its own has an empty range."""

    first: Numbers
    after: Numbers


@dataclass(frozen=True)
class Frame:
    """What a window holds beside the pieces of a passage: pieces before and behind them, and room for how many."""

    before: list[int]
    behind: list[int]
    room: int


class PieceIndexer:
    """tokenizer: the content of a tokenizer.json; config: that of the encoder's config.json

    start  the folder of the checkpoint; known only when the indexer is fitted
    """

    axes: Mapping[str, tuple[str, ...]] = {"pieces": ("windows", "pieces"), "piece_mask": ("windows", "pieces")}

    def __init__(self, tokenizer: Mapping[str, Any], config: Mapping[str, Any], start: Path | None = None) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # threads are the caller's business
        from tokenizers import Tokenizer

        self.config = dict(config)
        self.start = start
        self._json = {**tokenizer, "truncation": None, "padding": None}
        self.tokenizer: Tokenizer = Tokenizer.from_str(json.dumps(self._json))
        specials = self.tokenizer.encode("").ids
        self.padding = int(config.get("pad_token_id") or 0)
        taken = self.padding + 1 if config["model_type"] in _COUNT_FROM_PADDING else 0
        self.positions = min(POSITIONS, int(config.get("max_position_embeddings") or POSITIONS) - taken)
        self.frame = Frame(specials[:1], specials[1:], max(1, self.positions - len(specials)))

    @property
    def sizes(self) -> tuple[Any, ...]:
        return (self.config,)

    @classmethod
    def fit(cls, passages: Sequence[Passage], *, checkpoint: str) -> "PieceIndexer":
        """Nothing is learned from the passages.

        checkpoint: a folder, or an id of the Hugging Face hub (see `find_checkpoint`)
        Raises RecipeError where there is no such checkpoint, ModelError where it has no fast tokenizer.
        """
        folder = find_checkpoint(checkpoint)
        config = read_config(folder)
        try:
            return cls(json.loads((folder / "tokenizer.json").read_text("utf-8")), config, folder)
        except Exception as error:  # tokenizers raises plain Exceptions
            raise ModelError(
                f"{folder}: no fast tokenizer can be read (tokenizer.json, {type(error).__name__}). Where transformers "
                f"can convert the one that is there, AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) does"
            ) from None

    def arrays(self, spellings: Spellings) -> dict[str, NDArray[Any]]:
        """-> pieces and piece_mask (R, P): R windows, at least one a passage; first_piece and after_piece (B, T):
        each token's pieces, half open, as positions in the flattened R * P
        """
        rows: list[list[int]] = []
        places = [self.windows(ids, found, self.frame, rows) for ids, found in self.read(spellings.passages)]
        pieces, mask = self.table(rows)
        first, after = np.zeros((2, *spellings.index.shape), np.int64)
        for n, (row, begin, end) in enumerate(places):
            first[n, : len(row)] = row * pieces.shape[1] + begin
            after[n, : len(row)] = row * pieces.shape[1] + end
        return {"pieces": pieces, "piece_mask": mask, "first_piece": first, "after_piece": after}

    def read(self, passages: Sequence[Passage]) -> list[tuple[list[int], Alignment]]:
        """The pieces of each passage, without special ones, and which of them belong to each token."""
        spans = [_extent(passage) for passage in passages]
        texts = [p.text[start:end] for p, (start, end) in zip(passages, spans, strict=True)]
        encoded = self.tokenizer.encode_batch(texts, add_special_tokens=False)
        return [
            (
                read.ids,
                align(np.array(p.tokens, np.int64).reshape(-1, 2) - start, np.array(read.offsets).reshape(-1, 2)),
            )
            for p, (start, _), read in zip(passages, spans, encoded, strict=True)
        ]

    def spell(self, sentence: str) -> list[int]:
        """The pieces of words, each read by itself, as within a text."""
        words = [f" {word}" for word in sentence.split()]
        return [n for read in self.tokenizer.encode_batch(words, add_special_tokens=False) for n in read.ids]

    def coverage(self, passages: Sequence[Passage]) -> float:
        """The share of the pieces that are not the unknown one."""
        unknown = {self.tokenizer.token_to_id(name) for name in ("[UNK]", "<unk>")} - {None}
        pieces = [number for ids, _ in self.read(passages) for number in ids]
        return 1 - sum(number in unknown for number in pieces) / max(1, len(pieces))

    def beyond(self, passage: Passage) -> int:
        """How many of its characters stand behind its first window."""
        start, end = _extent(passage)
        if BYTES * (end - start) <= self.frame.room:  # a piece is a byte at least
            return 0
        read = self.tokenizer.encode(passage.text[start:end], add_special_tokens=False)
        return 0 if len(read.ids) <= self.frame.room else end - start - read.offsets[self.frame.room][0]

    def windows(
        self, ids: list[int], found: Alignment, frame: Frame, rows: list[list[int]]
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Append the windows of one passage to `rows`; returns of each token its row, first and after position there.

        A token without a piece of its own stands at the piece before the first, as does one of a tokenizer that adds
        none. A token stands in the window that has the most pieces around it; one with more pieces than two windows
        share may lose the last of them.
        """
        step = max(1, int(frame.room * (1 - SHARED)))
        starts = [0, *range(step, max(1, len(ids) - frame.room + step), step)]
        margin = (frame.room - step) // 2
        window = np.clip((found.first - margin) // step, 0, len(starts) - 1)
        window += (found.after > window * step + frame.room) & (found.first >= (window + 1) * step)
        begin = found.first - window * step
        lead = len(frame.before)
        lengths = np.array([len(ids[start : start + frame.room]) for start in starts])
        has_piece = found.after > found.first
        end = np.minimum(found.after - window * step, lengths[window])
        row = window + len(rows)
        rows += [[*frame.before, *ids[start : start + frame.room], *frame.behind] or [self.padding] for start in starts]
        return row, np.where(has_piece, begin + lead, 0), np.where(has_piece, end + lead, 1)

    def table(self, rows: Sequence[Sequence[int]]) -> tuple[Numbers, NDArray[np.bool_]]:
        """(R, P) pieces, padded, and which of them are real"""
        width = max(map(len, rows), default=0)
        pieces = np.full((len(rows), width), self.padding, np.int64)
        for line, row in zip(pieces, rows, strict=True):
            line[: len(row)] = row
        return pieces, np.arange(width) < np.array([len(row) for row in rows])[:, None]

    def to_dict(self) -> dict[str, Any]:
        return {"tokenizer": self._json, "config": self.config}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "PieceIndexer":
        return cls(data["tokenizer"], data["config"])


def _extent(passage: Passage) -> Span:
    return (passage.tokens[0][0], passage.tokens[-1][1]) if passage.tokens else (0, 0)


def align(tokens: Numbers, pieces: Numbers) -> Alignment:
    """The pieces that share a character with each token: (T, 2) and (P, 2) character spans, both in order.

    A piece that covers several tokens is a piece of each.
    """
    first = np.searchsorted(pieces[:, 1], tokens[:, 0], side="right")
    after = np.searchsorted(pieces[:, 0], tokens[:, 1], side="left")
    return Alignment(first, np.maximum(first, after))
