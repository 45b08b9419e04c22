"""The corpora and formats that can be read, by name."""

from epicrisis.corpora import (
    ace,
    ade_v2,
    anafora,
    bc5cdr,
    bioc,
    brat,
    ccks2017,
    ccks2019,
    cmedqaner,
    conll,
    ehost,
    genia,
    goemotions,
    i2b2_2010,
    jsonl,
    kbp2017,
    label_studio,
    maccrobat2020,
    maccrobat_json,
    mimic,
    n2c2_2018,
    ncbi_disease,
    nhs,
    parquet,
    phee,
    pubtator,
    share,
    tabular,
    text,
    token_json,
    xmi,
)
from epicrisis.corpora.contracts import Corpus
from epicrisis.errors import CorpusError, suggestion

CORPORA: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        # formats that anyone's files may be in
        brat.CORPUS,
        jsonl.CORPUS,
        tabular.CORPUS,
        parquet.CORPUS,
        text.CORPUS,
        anafora.CORPUS,
        bioc.CORPUS,
        conll.CORPUS,
        ehost.CORPUS,
        label_studio.CORPUS,
        pubtator.CORPUS,
        token_json.CORPUS,
        xmi.CORPUS,
        # corpora
        ace.ACE_2004,
        ace.ACE_2004_HEADS,
        ace.ACE_2005,
        ace.ACE_2005_HEADS,
        ade_v2.CORPUS,
        ade_v2.ALL,
        anafora.TEMPEVAL_2015,
        anafora.TEMPEVAL_2016,
        bc5cdr.CORPUS,
        ccks2017.CORPUS,
        ccks2019.CORPUS,
        cmedqaner.CORPUS,
        genia.CORPUS,
        genia.TERMS,
        goemotions.CORPUS,
        i2b2_2010.CORPUS,
        kbp2017.CORPUS,
        maccrobat2020.CORPUS,
        maccrobat_json.CORPUS,
        mimic.III,
        mimic.IV,
        n2c2_2018.CORPUS,
        ncbi_disease.CORPUS,
        nhs.CRITICALITY,
        nhs.FEEDBACK,
        phee.CORPUS,
        phee.EVENTS,
        phee.CUES,
        share.SEMEVAL_2014,
        share.SEMEVAL_2015,
        share.CLEF_2013,
        share.CLEF_2014,
    )
}


def find(name: str) -> Corpus:
    """Raises CorpusError where there is no such corpus, with the names that there are."""
    if name not in CORPORA:
        raise CorpusError(f"no corpus {name!r}.{suggestion(name.lower(), CORPORA)}")
    return CORPORA[name]
