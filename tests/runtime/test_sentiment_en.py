"""The shipped models of sentiment, on invented comments that no one can take for anything else."""

import pytest

from epicrisis.runtime import Classifier, load_classifier, model_folder

MODELS = ("sentiment-en", "sentiment-en-fast")
MOST_MEGABYTES = 15


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> Classifier:
    return load_classifier(request.param)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The nurses were lovely and very helpful. Thank you!", "positive"),
        ("EXCELLENT CARE, FRIENDLY STAFF", "positive"),
        ("Rude staff, poor communication and a long wait.", "negative"),
        ("Terrible, I was ignored and left waiting for hours", "negative"),
        ("I felt humiliated by the doctor.", "negative"),
        ("The ward was filthy and the food was cold.", "negative"),
    ],
)
def test_plain_praise_and_plain_complaint(model: Classifier, text: str, expected: str) -> None:
    label = model(text, evidence=True).labels["sentiment"]
    assert label.value == expected
    assert label.score is not None
    assert label.score > 0.6
    assert label.intensity is not None
    assert (label.intensity < 3) == (expected == "positive"), "from 1, very positive, to 5, very negative"
    assert label.evidence is not None
    assert label.evidence.by == "attention"
    assert label.evidence.words


def test_what_it_cannot_read_has_no_label(model: Classifier) -> None:
    for text in ("", "😀", "医生态度差", "Le personnel était très gentil mais l'attente est longue."):
        document = model(text)
        assert document.labels == {}
        assert document.meta["no_label"]


def test_words_of_complaint_that_patients_seldom_use_are_known() -> None:
    for text in ("Very unhappy with the service, nobody helped me.", "I am disgusted.", "They lost my notes."):
        assert load_classifier("sentiment-en")(text).labels["sentiment"].value == "negative"


@pytest.mark.parametrize("name", MODELS)
def test_it_is_small(name: str) -> None:
    files = model_folder(name).iterdir()
    assert sum(file.stat().st_size for file in files) < MOST_MEGABYTES * 1e6
