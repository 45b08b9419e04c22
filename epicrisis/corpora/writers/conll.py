"""CoNLL columns: a token a line, its first and last character, its BIO tag, with tabs between them.

`-DOCSTART-` and the document's id begin a document, a blank line ends a sentence. The tag is in the last column, as in
CoNLL-2003 (Tjong Kim Sang and De Meulder 2003); the offsets say where in the text a token stood, its white space is not
kept. Of mentions that overlap, the longer one is written.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from epicrisis.corpora.contracts import Format
from epicrisis.corpora.files.output import encode, one_file, writing
from epicrisis.corpora.writers.losses import GAPS, without
from epicrisis.document import Document


def write(documents: Iterable[Document], path: Path) -> Counter[str]:
    """Raises CorpusError where the file cannot be written."""
    lost: Counter[str] = Counter()
    with writing(one_file(path, ".conll")) as file:
        for document in documents:
            lost += without(document, "entities", GAPS)
            file.write(encode("".join(f"{line}\n" for line in _lines(document, lost)), f"document {document.id!r}"))
    return +lost


def _lines(document: Document, lost: Counter[str]) -> Iterator[str]:
    from epicrisis.text import TagCodec, sentence_tokens

    names = {type: re.sub(r"[\s|]+", "_", type) for type in sorted({entity.type for entity in document.entities})}
    lost["names with white space or |, written with _"] += sum(names[e.type] != e.type for e in document.entities)
    cut = list(sentence_tokens(document.text))
    tokens = [token for sentence in cut for token in sentence]
    codec = TagCodec(list(names), scheme="bio")
    encoded = codec.encode(tokens, document.entities)
    lost["mentions widened to whole tokens"] += len(encoded.snapped)
    for entity in encoded.dropped:
        discontinuous = len(entity.fragments) > 1
        lost["discontinuous mentions" if discontinuous else "mentions that overlap a longer one or have no token"] += 1
    ends = [(-1, 0), *tokens, (len(document.text), -1)]
    gaps = (document.text[before[1] : after[0]] for before, after in pairwise(ends))
    lost["white space between tokens other than one space"] += sum(gap not in ("", " ") for gap in gaps)

    id = re.sub(r"[\t\r\n]", " ", document.id)
    lost["ids of documents whose white space was changed"] += id != document.id
    yield f"-DOCSTART-\t{id}\t-X-\tO"
    yield ""
    numbers = iter(encoded.targets.tolist())
    breaks = {sentence[-1] for sentence in cut}
    tag = "O"
    waiting = False
    for start, end in tokens:
        number = next(numbers)
        prefix, _, type = codec.names[number].partition("-")
        tag = f"{prefix}-{names[type]}" if type else "O"
        if waiting and prefix != "I":  # no sentence ends within a mention
            yield ""
            waiting = False
        yield f"{document.text[start:end]}\t{start}\t{end}\t{tag}"
        waiting = waiting or (start, end) in breaks
    if tokens:
        yield ""


CONLL = Format("conll", "CoNLL columns: token, first and last character, BIO tag", write, suffix=".conll")
