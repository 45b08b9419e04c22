"""The corpora and formats that can be read, by name."""

from epicrisis.corpora import (
    ade_v2,
    bc5cdr,
    brat,
    ccks2019,
    cmedqaner,
    genia,
    goemotions,
    jsonl,
    maccrobat2020,
    mimic,
    n2c2_2018,
    nhs,
    phee,
    tabular,
    text,
)
from epicrisis.corpora.contracts import Corpus
from epicrisis.errors import CorpusError, suggestion

CORPORA: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        brat.CORPUS,
        jsonl.CORPUS,
        tabular.CORPUS,
        text.CORPUS,
        ade_v2.CORPUS,
        ade_v2.ALL,
        bc5cdr.CORPUS,
        ccks2019.CORPUS,
        cmedqaner.CORPUS,
        genia.CORPUS,
        goemotions.CORPUS,
        maccrobat2020.CORPUS,
        mimic.III,
        mimic.IV,
        n2c2_2018.CORPUS,
        nhs.CRITICALITY,
        nhs.FEEDBACK,
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
