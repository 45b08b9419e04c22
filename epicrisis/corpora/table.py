"""The corpora and formats that can be read, by name."""

from epicrisis.corpora import (
    ade_v2,
    bc5cdr,
    brat,
    ccks2019,
    cmedqaner,
    genia,
    jsonl,
    maccrobat2020,
    n2c2_2018,
    parquet,
    phee,
    text,
)
from epicrisis.corpora.contracts import Corpus
from epicrisis.errors import CorpusError, suggestion

CORPORA: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        brat.CORPUS,
        jsonl.CORPUS,
        parquet.CORPUS,
        text.CORPUS,
        ade_v2.CORPUS,
        ade_v2.ALL,
        bc5cdr.CORPUS,
        ccks2019.CORPUS,
        cmedqaner.CORPUS,
        genia.CORPUS,
        maccrobat2020.CORPUS,
        n2c2_2018.CORPUS,
        phee.CORPUS,
        phee.EVENTS,
        phee.CUES,
    )
}


def find(name: str) -> Corpus:
    """Raises CorpusError where there is no such corpus, with the names that there are."""
    if name not in CORPORA:
        raise CorpusError(f"no corpus {name!r}.{suggestion(name.lower(), CORPORA)}")
    return CORPORA[name]
