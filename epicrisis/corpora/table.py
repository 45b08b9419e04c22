"""The corpora and formats that can be read, by name."""

from epicrisis.corpora import brat, ccks2019, jsonl, maccrobat2020, text
from epicrisis.corpora.contracts import Corpus
from epicrisis.errors import CorpusError, suggestion

CORPORA: dict[str, Corpus] = {
    corpus.name: corpus for corpus in (brat.CORPUS, jsonl.CORPUS, text.CORPUS, ccks2019.CORPUS, maccrobat2020.CORPUS)
}


def find(name: str) -> Corpus:
    """Raises CorpusError where there is no such corpus, with the names that there are."""
    if name not in CORPORA:
        raise CorpusError(f"no corpus {name!r}.{suggestion(name.lower(), CORPORA)}")
    return CORPORA[name]
