"""Clinical TempEval 2015 and 2016, on the corpus THYME: events, times, and what happened when, in oncology notes.

Source    annotations: github.com/stylerw/thymedata; notes: Mayo Clinic, by an agreement of their own. SemEval-2015
          task 6, SemEval-2016 task 12
Licence   data use agreement: get your own copy, never pass it on, and keep it on your machine
Cite      Styler et al. (2014), "Temporal Annotation in the Clinical Domain", TACL 2; Bethard et al. (2015, 2016),
          "Clinical TempEval", SemEval
Files     Anafora XML (see `anafora`) in folders Train, Dev and Test, with the notes laid over them or anywhere below
          the path, packed or not

Reported are 293, 147 and 151 notes. 2015 trained on Train and tested on Dev, 2016 trained on Train and Dev and tested
on Test: `meta["split"]` says what a note was for.
"""

from collections.abc import Mapping
from functools import partial

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.formats.anafora import ASSERTIONS, read

NOTES = {"train": 293, "dev": 147, "test": 151}
PARTS_2015 = {"train": "train", "dev": "test"}
PARTS_2016 = {"train": "train", "dev": "dev", "test": "test"}


def _tempeval(year: int, parts: Mapping[str, str], pages: str) -> Corpus:
    return Corpus(
        name=f"clinical-tempeval-{year}",
        title=f"Clinical TempEval {year} (THYME): events, times and their relations in oncology notes",
        read=partial(read, parts=parts),
        licence="data use agreement (Mayo Clinic); do not pass on",
        citation=f"Styler et al. 2014, TACL 2; Bethard et al. {year}, SemEval-{year} {pages}",
        languages=("en",),
        where="https://github.com/stylerw/thymedata (annotations); notes from Mayo Clinic",
        reported={"documents": sum(NOTES[part] for part in parts)},
        folders=("thyme", "THYME", "thymedata"),
        scheme="clinical-tempeval",
        assertions=ASSERTIONS,
    )


TEMPEVAL_2015 = _tempeval(2015, PARTS_2015, "task 6")
TEMPEVAL_2016 = _tempeval(2016, PARTS_2016, "task 12")
