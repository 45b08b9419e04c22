from pathlib import Path

import numpy as np
import pytest

from epicrisis.encoding.vectors import Vectors, read_vectors, write_vectors
from epicrisis.errors import ModelError

VECTORS = Vectors(("dose", "头"), np.array([[0.5, -1.0, 2.0], [0.25, 0.0, 1.0]], np.float32))


def test_vectors_survive_being_written(tmp_path: Path) -> None:
    write_vectors(VECTORS, tmp_path / "new" / "folder")
    again = read_vectors(tmp_path / "new" / "folder")
    assert again.words == VECTORS.words
    assert again.matrix.dtype == np.float32
    np.testing.assert_array_equal(again.matrix, VECTORS.matrix)


def test_a_word_without_a_vector_has_a_row_of_zeros() -> None:
    assert VECTORS.rows(("头", "new", "dose")).tolist() == [[0.25, 0.0, 1.0], [0.0, 0.0, 0.0], [0.5, -1.0, 2.0]]


def test_a_folder_without_vectors_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no word vectors can be read here"):
        read_vectors(tmp_path)


@pytest.mark.parametrize("file", ["words.json", "vectors.safetensors"])
def test_half_a_file_is_an_error_that_names_the_folder(tmp_path: Path, file: str) -> None:
    write_vectors(VECTORS, tmp_path)
    (tmp_path / file).write_bytes((tmp_path / file).read_bytes()[:-9])
    with pytest.raises(ModelError, match="no word vectors can be read here"):
        read_vectors(tmp_path)


def test_vectors_of_other_words_are_an_error(tmp_path: Path) -> None:
    write_vectors(VECTORS, tmp_path)
    (tmp_path / "words.json").write_text('["dose"]')
    with pytest.raises(ModelError, match="1 words, but 2 vectors"):
        read_vectors(tmp_path)
