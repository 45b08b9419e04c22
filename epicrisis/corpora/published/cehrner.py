"""cEHRNER (ChineseBLUE): 999 Chinese clinical records with seven types of entity, flat; CCKS2019 annotated again.

Source    github.com/alibaba-research/ChineseBLUE, data/cEHRNER, as JSON lines with character offsets
Licence   Apache-2.0, says the repository, whose owners do not own the records: research use
Cite      Zhang et al. (2020), "Conceptualized Representation Learning for Chinese Biomedical Text Mining",
          arXiv:2008.10813
Files     `train.jsonl`, `dev.jsonl`, `test.jsonl` of `{"id", "text", "entities": [{"start", "end", "type"}]}`, offsets
          in characters from 0, the end exclusive

Every record is one of the 1,000 that CCKS2019 has for training, in lower case and with 叒 for a blank; symptoms (症状)
are marked, too. So it is no other corpus: never score a model of the one on the other. The parts are the official
ones: `meta["split"]` is the file's name.
"""

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.formats import jsonl

TYPES = {
    "解剖部位": 5623 + 252 + 220,
    "疾病和诊断": 3824 + 173 + 149,
    "症状": 2095 + 78 + 88,
    "药物": 1646 + 84 + 72,
    "实验室检验": 1113 + 55 + 31,
    "手术": 946 + 52 + 43,
    "影像检查": 889 + 55 + 29,
}

CORPUS = Corpus(
    name="cehrner",
    title="cEHRNER: the training records of CCKS2019, annotated again with seven types of entity",
    read=jsonl.read,
    licence="Apache-2.0 (the repository's); research use",
    citation="Zhang et al. 2020, arXiv:2008.10813",
    languages=("zh",),
    where="https://github.com/alibaba-research/ChineseBLUE (data/cEHRNER)",
    counts={"documents": 914 + 44 + 41, "entities": 16136 + 749 + 632},
    types=TYPES,
    folders=("cEHRNER",),
    has_split=True,
    scheme="ccks",
)
