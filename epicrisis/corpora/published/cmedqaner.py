"""cMedQANER (ChineseBLUE): 2,063 Chinese medical questions and answers with 11 types of entity, nested ones too.

Source    github.com/alibaba-research/ChineseBLUE, data/cMedQANER, as JSON lines with character offsets
Licence   Apache-2.0
Cite      Zhang et al. (2020), "Conceptualized Representation Learning for Chinese Biomedical Text Mining",
          arXiv:2008.10813
Files     `train.jsonl`, `dev.jsonl`, `test.jsonl` of `{"id", "text", "entities": [{"start", "end", "type"}]}`, offsets
          in characters from 0, the end exclusive

The parts are the official ones: `meta["split"]` is the file's name. The counts are those of mentions that stand where
they say: of the published ones, 15 were moved by up to 3 characters and 75 left out, for their words are not there.
"""

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.formats import jsonl

COUNTS = {"documents": 1673 + 175 + 215, "entities": 12558 + 1031 + 1346}
TYPES = {
    "disease": 3890 + 329 + 432,
    "body": 2524 + 213 + 238,
    "symptom": 2299 + 130 + 231,
    "treatment": 1065 + 107 + 145,
    "crowd": 736 + 48 + 78,
    "drug": 527 + 45 + 59,
    "test": 463 + 69 + 48,
    "physiology": 384 + 32 + 45,
    "feature": 312 + 27 + 28,
    "time": 212 + 18 + 32,
    "department": 146 + 13 + 10,
}

CORPUS = Corpus(
    name="cmedqaner",
    title="cMedQANER: Chinese medical questions and answers with eleven types of entity, nested",
    read=jsonl.read,
    licence="Apache-2.0",
    citation="Zhang et al. 2020, arXiv:2008.10813",
    languages=("zh",),
    where="https://github.com/alibaba-research/ChineseBLUE (data/cMedQANER)",
    counts=COUNTS,
    types=TYPES,
    folders=("cMedQANER",),
    has_split=True,
)
