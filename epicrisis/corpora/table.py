"""The corpora and formats that can be read, by name."""

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.on_demand import OnDemand
from epicrisis.errors import CorpusError, suggestion

CORPORA: OnDemand[Corpus] = OnDemand(
    {
        # formats that anyone's files may be in
        "brat": "formats.brat.CORPUS",
        "jsonl": "formats.jsonl.CORPUS",
        "table": "formats.tabular.CORPUS",
        "parquet": "formats.parquet.CORPUS",
        "text": "formats.text.CORPUS",
        "anafora": "formats.anafora.CORPUS",
        "bioc": "formats.bioc.CORPUS",
        "conll": "formats.conll.CORPUS",
        "ehost": "formats.ehost.CORPUS",
        "label-studio": "formats.label_studio.CORPUS",
        "pubtator": "formats.pubtator.CORPUS",
        "token-json": "formats.token_json.CORPUS",
        "xmi": "formats.xmi.CORPUS",
        # corpora
        "ace-2004": "published.ace.ACE_2004",
        "ace-2004-heads": "published.ace.ACE_2004_HEADS",
        "ace-2005": "published.ace.ACE_2005",
        "ace-2005-heads": "published.ace.ACE_2005_HEADS",
        "ade-v2": "published.ade_v2.CORPUS",
        "ade-v2-all": "published.ade_v2.ALL",
        "clinical-tempeval-2015": "published.tempeval.TEMPEVAL_2015",
        "clinical-tempeval-2016": "published.tempeval.TEMPEVAL_2016",
        "bc5cdr": "published.bc5cdr.CORPUS",
        "ccks-2017": "published.ccks2017.CORPUS",
        "ccks-2019": "published.ccks2019.CORPUS",
        "cehrner": "published.cehrner.CORPUS",
        "cmedqaner": "published.cmedqaner.CORPUS",
        "genia": "published.genia.CORPUS",
        "genia-terms": "published.genia.TERMS",
        "goemotions": "published.goemotions.CORPUS",
        "i2b2-2010": "published.i2b2_2010.CORPUS",
        "kbp-2017": "published.kbp2017.CORPUS",
        "maccrobat-2020": "published.maccrobat2020.CORPUS",
        "maccrobat-json": "published.maccrobat_json.CORPUS",
        "mimic-iii": "published.mimic.III",
        "mimic-iv-note": "published.mimic.IV",
        "n2c2-2018": "published.n2c2_2018.CORPUS",
        "ncbi-disease": "published.ncbi_disease.CORPUS",
        "nhs-criticality": "published.nhs.CRITICALITY",
        "nhs-feedback": "published.nhs.FEEDBACK",
        "phee": "published.phee.CORPUS",
        "phee-events": "published.phee.EVENTS",
        "phee-cues": "published.phee.CUES",
        "semeval-2014-7": "published.share.SEMEVAL_2014",
        "semeval-2015-14": "published.share.SEMEVAL_2015",
        "share-clef-2013": "published.share.CLEF_2013",
        "share-clef-2014": "published.share.CLEF_2014",
    }
)


def find(name: str) -> Corpus:
    """Raises CorpusError where there is no such corpus, with the names that there are."""
    if name not in CORPORA:
        raise CorpusError(f"no corpus {name!r}.{suggestion(name.lower(), CORPORA)}")
    return CORPORA[name]
