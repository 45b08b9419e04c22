"""The corpora and formats that can be read, by name."""

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.on_demand import OnDemand
from epicrisis.errors import CorpusError, suggestion

CORPORA: OnDemand[Corpus] = OnDemand(
    {
        # formats that anyone's files may be in
        "brat": "brat.CORPUS",
        "jsonl": "jsonl.CORPUS",
        "table": "tabular.CORPUS",
        "parquet": "parquet.CORPUS",
        "text": "text.CORPUS",
        "anafora": "anafora.CORPUS",
        "bioc": "bioc.CORPUS",
        "conll": "conll.CORPUS",
        "ehost": "ehost.CORPUS",
        "label-studio": "label_studio.CORPUS",
        "pubtator": "pubtator.CORPUS",
        "token-json": "token_json.CORPUS",
        "xmi": "xmi.CORPUS",
        # corpora
        "ace-2004": "ace.ACE_2004",
        "ace-2004-heads": "ace.ACE_2004_HEADS",
        "ace-2005": "ace.ACE_2005",
        "ace-2005-heads": "ace.ACE_2005_HEADS",
        "ade-v2": "ade_v2.CORPUS",
        "ade-v2-all": "ade_v2.ALL",
        "clinical-tempeval-2015": "tempeval.TEMPEVAL_2015",
        "clinical-tempeval-2016": "tempeval.TEMPEVAL_2016",
        "bc5cdr": "bc5cdr.CORPUS",
        "ccks-2017": "ccks2017.CORPUS",
        "ccks-2019": "ccks2019.CORPUS",
        "cehrner": "cehrner.CORPUS",
        "cmedqaner": "cmedqaner.CORPUS",
        "genia": "genia.CORPUS",
        "genia-terms": "genia.TERMS",
        "goemotions": "goemotions.CORPUS",
        "i2b2-2010": "i2b2_2010.CORPUS",
        "kbp-2017": "kbp2017.CORPUS",
        "maccrobat-2020": "maccrobat2020.CORPUS",
        "maccrobat-json": "maccrobat_json.CORPUS",
        "mimic-iii": "mimic.III",
        "mimic-iv-note": "mimic.IV",
        "n2c2-2018": "n2c2_2018.CORPUS",
        "ncbi-disease": "ncbi_disease.CORPUS",
        "nhs-criticality": "nhs.CRITICALITY",
        "nhs-feedback": "nhs.FEEDBACK",
        "phee": "phee.CORPUS",
        "phee-events": "phee.EVENTS",
        "phee-cues": "phee.CUES",
        "semeval-2014-7": "share.SEMEVAL_2014",
        "semeval-2015-14": "share.SEMEVAL_2015",
        "share-clef-2013": "share.CLEF_2013",
        "share-clef-2014": "share.CLEF_2014",
    }
)


def find(name: str) -> Corpus:
    """Raises CorpusError where there is no such corpus, with the names that there are."""
    if name not in CORPORA:
        raise CorpusError(f"no corpus {name!r}.{suggestion(name.lower(), CORPORA)}")
    return CORPORA[name]
