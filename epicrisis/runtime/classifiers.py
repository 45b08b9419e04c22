"""Classifiers by language: every text is labelled by the one for its language."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from epicrisis.document import Document
from epicrisis.errors import ModelError
from epicrisis.runtime.by_language import routed
from epicrisis.runtime.model import is_classifier, load_classifier, read_description, shipped_models
from epicrisis.text import language


class ClassifiersByLanguage:
    """models: language (ISO 639-1) -> the name or folder of its model, which is loaded when it is needed"""

    def __init__(self, models: Mapping[str, str | Path]) -> None:
        self.models = dict(models)
        self._classifier = cache(lambda language: load_classifier(self.models[language]))

    def pipe(
        self,
        documents: Iterable[Document],
        *,
        threads: int | None = None,
        sentences: bool = False,
        evidence: bool = False,
    ) -> Iterator[Document]:
        """As `Classifier.pipe`; a text in a language for which there is no model goes to any, which says so."""
        return routed(
            iter(documents),
            self._language,
            lambda name, own: self._classifier(name).pipe(own, threads=threads, sentences=sentences, evidence=evidence),
        )

    def _language(self, document: Document) -> str:
        name = language(document.text)
        return name if name in self.models else next(iter(self.models))


def load_classifiers() -> ClassifiersByLanguage:
    """Those that came with the package. Raises ModelError where there is none."""
    models: dict[str, str] = {}
    for name, folder in shipped_models().items():
        about = read_description(folder)
        for one in about.get("languages", ()) if is_classifier(about) else ():
            models.setdefault(one, name)
    if not models:
        raise ModelError("no model of sentiment came with this package: name one of your own, --sentiment FOLDER")
    return ClassifiersByLanguage(models)
