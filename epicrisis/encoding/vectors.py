"""Pre-trained word vectors: words and a matrix, in a folder of their own or in a file as other tools write them."""

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from epicrisis.encoding import word2vec
from epicrisis.errors import ModelError, RecipeError, suggestion


@dataclass(frozen=True)
class Vectors:
    """words: normalised as `WordIndexer` looks them up; matrix: (words, size) float32"""

    words: tuple[str, ...]
    matrix: NDArray[np.float32]

    def rows(self, words: tuple[str, ...]) -> NDArray[np.float32]:
        """(len(words), size), zeros for a word without a vector"""
        number = {word: row for row, word in enumerate(self.words)}
        found = np.zeros((len(words), self.matrix.shape[1]), np.float32)
        for row, word in enumerate(words):
            if word in number:
                found[row] = self.matrix[number[word]]
        return found


def find_vectors(name: str) -> Vectors:
    """Vectors that come with the package by name, or a folder or file.

    Raises RecipeError where there are none of that name, ModelError where they cannot be read.
    """
    shipped = Path(str(resources.files("epicrisis").joinpath("weights", "vectors")))
    names = sorted(folder.name for folder in shipped.iterdir() if folder.is_dir()) if shipped.is_dir() else []
    if name in names:
        return read_vectors(shipped / name)
    if not Path(name).exists():
        raise RecipeError(f"model.embedder, vectors: no {name!r}.{suggestion(name, names)} Or give a folder or file")
    return read_vectors(Path(name))


def read_vectors(folder: Path) -> Vectors:
    """A folder that `write_vectors` made, or a file of word2vec, GloVe or fastText (see `word2vec`).

    Raises ModelError where it holds no vectors.
    """
    if folder.is_file():
        return Vectors(*word2vec.read(folder))
    try:
        words = tuple(json.loads((folder / "words.json").read_text("utf-8")))
        matrix = load_file(folder / "vectors.safetensors")["vectors"].astype(np.float32)
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise ModelError(f"{folder}: no word vectors can be read here ({type(error).__name__})") from None
    if len(words) != len(matrix):
        raise ModelError(f"{folder}: {len(words)} words, but {len(matrix)} vectors")
    return Vectors(words, matrix)


def write_vectors(vectors: Vectors, folder: Path) -> None:
    """Half precision: word vectors carry no more."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "words.json").write_text(json.dumps(list(vectors.words), ensure_ascii=False), "utf-8")
    matrix = vectors.matrix.astype(np.float16)
    (folder / "vectors.safetensors").write_bytes(save({"vectors": matrix}))
