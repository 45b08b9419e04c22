"""The corpora and formats that can be read, by name."""

from epicrisis.corpora import brat, ccks2019, cmedqaner, genia, jsonl, maccrobat2020, text
from epicrisis.corpora.contracts import Corpus
from epicrisis.errors import CorpusError, suggestion

CORPORA: dict[str, Corpus] = {
    module.CORPUS.name: module.CORPUS for module in (brat, jsonl, text, ccks2019, cmedqaner, genia, maccrobat2020)
}


def find(name: str) -> Corpus:
    """Raises CorpusError where there is no such corpus, with the names that there are."""
    if name not in CORPORA:
        raise CorpusError(f"no corpus {name!r}.{suggestion(name.lower(), CORPORA)}")
    return CORPORA[name]
