"""Files of word vectors as other tools write them, with gensim as the oracle."""

import gzip
import lzma
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from epicrisis.encoding.spellings import normalise
from epicrisis.encoding.vectors import read_vectors
from epicrisis.errors import ModelError

WORDS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters=" \n\r"), min_size=1, max_size=6), min_size=1, max_size=8
)
NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)


def written(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    compress = {".gz": gzip.compress, ".xz": lzma.compress}.get(file.suffix, bytes)
    file.write_bytes(compress(content))
    return file


@settings(max_examples=60, deadline=None)
@given(data=st.data(), words=WORDS, size=st.integers(2, 5), header=st.booleans(), ending=st.sampled_from(["", " "]))
def test_what_is_written_as_text_or_binary_is_read(
    data: st.DataObject,
    words: list[str],
    size: int,
    header: bool,
    ending: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("vectors")
    matrix = data.draw(arrays.arrays(np.float32, (len(words), size), elements=NUMBERS))
    first = f"{len(words)} {size}\n"
    lines = [f"{word} {' '.join(map(str, row.tolist()))}{ending}\n" for word, row in zip(words, matrix, strict=True)]
    text = (first * header + "".join(lines)).encode()
    records = [word.encode() + b" " + row.tobytes() + b"\n" * header for word, row in zip(words, matrix, strict=True)]
    expected: dict[str, list[float]] = {}
    for word, row in zip(words, matrix, strict=True):
        expected.setdefault(normalise(word), row.tolist())
    for name, content in (("a.txt", text), ("a.vec.gz", text), ("a.bin.xz", first.encode() + b"".join(records))):
        vectors = read_vectors(written(folder, name, content))
        assert dict(zip(vectors.words, vectors.matrix.tolist(), strict=True)) == expected, name
        assert list(vectors.words) == list(expected), "in the order of the file"
        assert vectors.matrix.dtype == np.float32


@pytest.mark.parametrize("binary", [False, True])
def test_gensim_writes_what_is_read(binary: bool, tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models")
    words = ["疼痛", "of", "β", "痛", "不适", "00.0"]
    keyed = models.KeyedVectors(7)
    keyed.add_vectors(words, np.random.default_rng(1).normal(size=(len(words), 7)).astype(np.float32))
    file = tmp_path / ("v.bin" if binary else "v.txt")
    keyed.save_word2vec_format(str(file), binary=binary)
    again = models.KeyedVectors.load_word2vec_format(str(file), binary=binary)
    vectors = read_vectors(file)
    assert list(vectors.words) == again.index_to_key
    np.testing.assert_array_equal(vectors.matrix, again.vectors)


def test_of_words_that_are_looked_up_alike_the_first_counts(tmp_path: Path) -> None:
    vectors = read_vectors(written(tmp_path, "v.txt", "CT 1 2\n头 3 4\nct 5 6\n12mg 7 8\n34mg 9 9\n".encode()))
    assert vectors.words == ("ct", "头", "00mg")
    assert vectors.matrix.tolist() == [[1, 2], [3, 4], [7, 8]]


def test_a_word_of_several_words_keeps_its_spaces(tmp_path: Path) -> None:
    vectors = read_vectors(written(tmp_path, "v.vec", b"2 2\n. . . 1 2\nat home 3 4\n"))
    assert vectors.words == (". . .", "at home")


def test_a_line_may_end_as_in_windows(tmp_path: Path) -> None:
    vectors = read_vectors(written(tmp_path, "v.txt", b"1 2\r\ndose 1 2\r\n"))
    assert (vectors.words, vectors.matrix.tolist()) == (("dose",), [[1, 2]])


RECORD = b"secret " + np.ones(2, "<f4").tobytes()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v.txt", b"dose 1 2\nsecret 3\n", "line 2: a word and 2 numbers"),
        ("v.txt", b"dose 1 2\n\n", "line 2: a word and 2 numbers"),
        ("v.txt", b"dose 1 2\n 1 2\n", "line 2: a word and 2 numbers"),
        ("v.txt", b"secret\n", "line 1: a word and its numbers"),
        ("v.txt", b"dose 1 2\nsecret 1 secret\n", "line 2: what follows the word are no numbers"),
        ("v.txt", b"dose 1 2\nsecret 1 nan\n", "line 2: a number is infinite"),
        ("v.txt", b"secret 1e39 2\n", "line 1: a number is infinite"),
        ("v.txt", b"dose 1 2\n\xffsecret 1 2\n", "line 2: the word is no UTF-8"),
        ("v.txt", b"3 2\ndose 1 2\nsecret 1 2\n", "line 3: the last of 2 words, but the first line says 3"),
        ("v.txt", b"", "there are no word vectors in it"),
        ("v.bin", b"0 2\n", "there are no word vectors in it"),
        ("v.bin", b"secret", "line 1: there should be two numbers"),
        ("v.bin", b"1 99999999999\nsecret", "line 1: there should be two numbers"),
        ("v.bin", b"2 2\n" + RECORD, "word 2 of 2: the file ends"),
        ("v.bin", b"1 2\n\n" + RECORD[6:], "word 1 of 1: the file ends, or is no word2vec file"),
        ("v.bin", b"1 2\n" + RECORD[:-1], "word 1 of 1: the file ends"),
        ("v.bin", b"1 2\n" + RECORD * 2, "word 1: more follows"),
        ("v.bin", b"1 2\n" + b"\xff" + RECORD, "word 1: the word is no UTF-8"),
        ("v.bin", b"1 2\nsecret " + np.array([1, np.inf], "<f4").tobytes(), "word 1: a number is infinite"),
        ("v.bin", b"1 2\n" + b"secret" * 2000, "word 1 of 1: the file ends, or is no word2vec file"),
        ("v.json", b"secret", "from a folder, or from a file that ends in .txt, .vec, .bin"),
    ],
)
def test_a_bad_line_is_named_by_its_number_alone(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=message) as error:
        read_vectors(written(tmp_path, name, content))
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("suffix", [".gz", ".xz"])
def test_a_file_that_is_cut_off_or_not_compressed_is_an_error(suffix: str, tmp_path: Path) -> None:
    file = written(tmp_path, f"v.txt{suffix}", b"dose 1 2\n" * 100)
    for content in (file.read_bytes()[:-9], file.read_bytes()[:20] + b"\xff" * 30, b"dose 1 2\n"):
        file.write_bytes(content)
        with pytest.raises(ModelError, match="no word vectors can be read here"):
            read_vectors(file)
