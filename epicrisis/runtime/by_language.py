"""Every text goes to the model for its language, and a stream stays one stream.

Each language has a pipe of its own, for a pipe that is begun anew for every note would have one note a batch and one
thread. All pipes draw from one stream: whichever is asked for a document draws until it has the work that it wants,
and puts what is not its own aside for the others. When much lies aside, it is told that the stream is over, finishes,
and is begun anew later. So memory is bounded, and a stream in one language is one pipe to its end.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from epicrisis.document import Document
from epicrisis.errors import ModelError
from epicrisis.runtime.annotator import Annotator
from epicrisis.runtime.model import is_classifier, load_annotator, read_description, shipped_models
from epicrisis.text import language as language_of
from epicrisis.text.language import DEFAULT

ASIDE = 4_000_000
"""Characters that may lie aside: about what a pipe of several threads holds itself."""
EACH = 1_000
"""What a document counts for beside its characters."""


class AnnotatorByLanguage:
    """Annotates as an `Annotator` does, by the model for each text's language; a model is loaded when it is needed.

    models         language (ISO 639-1) -> the name or folder of its model
    default        the language whose model annotates texts for whose language there is none
    without_model  how many such texts there were, by language

    Raises ModelError where there is no model for the default language.
    """

    def __init__(self, models: Mapping[str, str | Path], default: str = DEFAULT) -> None:
        if default not in models:
            raise ModelError(f"there is no model for {default!r}, the default language: give one, or another default")
        self.models = dict(models)
        self.default = default
        self.without_model: Counter[str] = Counter()
        self._annotator: Callable[[str], Annotator] = cache(lambda language: load_annotator(self.models[language]))

    def __call__(self, text: str | Document) -> Document:
        """Annotate one text. Raises DocumentError where it holds a lone surrogate, ModelError where the model fails."""
        document = _as_document(text)
        return self._annotator(self._language(document))(document)

    def pipe(self, documents: Iterable[str | Document], *, threads: int | None = None) -> Iterator[Document]:
        """Annotate a stream, in its order and in constant memory; threads and failures as in `Annotator.pipe`."""
        return routed(
            map(_as_document, documents),
            self._language,
            lambda language, own: self._annotator(language).pipe(own, threads=threads),
        )

    def annotator_for(self, text: str) -> Annotator:
        """That of its language, or the default one. Raises ModelError where the model fails."""
        language = language_of(text)
        return self._annotator(language if language in self.models else self.default)

    def _language(self, document: Document) -> str:
        language = language_of(document.text)
        if language in self.models:
            return language
        self.without_model[language] += 1
        return self.default


def load_by_language(models: Mapping[str, str | Path] | None = None, *, default: str = DEFAULT) -> AnnotatorByLanguage:
    """An annotator for texts of several languages; models: by language, by default those that came with the package.

    Raises ModelError where there is none for the default language; a damaged one raises at the first text for it.
    """
    return AnnotatorByLanguage(_shipped() if models is None else models, default)


def _shipped() -> dict[str, str]:
    """The shipped model of each language: the one of its name, else the first that knows it."""
    models: dict[str, str] = {}
    for name, folder in shipped_models().items():
        about = read_description(folder)
        for language in () if is_classifier(about) else about.get("languages", ()):
            if language == name or language not in models:
                models[language] = name
    return models


def routed(
    documents: Iterator[Document],
    language: Callable[[Document], str],
    pipe: Callable[[str, Iterator[Document]], Iterator[Document]],
) -> Iterator[Document]:
    """What the pipe of each document's language makes of it, in the order of the stream.

    pipe: a language and documents of it -> those as a model leaves them, one for one

    Where the stream raises, that is raised on after the documents before it.
    """
    stream = _Stream(documents, language)
    pipes: dict[str, Iterator[Document]] = {}
    while (name := stream.next_language()) is not None:
        done = next(pipes[name], None) if name in pipes else None
        if done is None:  # there was no pipe, or it was told that the stream is over
            pipes[name] = pipe(name, stream.of(name))
            done = next(pipes[name])
        stream.passed()
        yield done
    if stream.failure is not None:
        raise stream.failure


class _Stream:
    """One stream of documents, drawn from by several readers, each of which sees those of its language."""

    def __init__(self, documents: Iterator[Document], language: Callable[[Document], str]) -> None:
        self.failure: Exception | None = None
        self._documents = documents
        self._language = language
        self._order: deque[str] = deque()
        """The languages of the documents that were drawn and have not passed."""
        self._aside: dict[str, deque[Document]] = defaultdict(deque)
        self._held = 0

    def next_language(self) -> str | None:
        """That of the document whose turn it is; None at the end."""
        return self._order[0] if self._order or self._draw() else None

    def passed(self) -> None:
        self._order.popleft()

    def of(self, language: str) -> Iterator[Document]:
        """The documents of a language, as long as not too many others had to be put aside for it."""
        own = self._aside[language]
        while own or (self._held <= ASIDE and self._draw()):
            if own:
                document = own.popleft()
                self._held -= _weight(document)
                yield document

    def _draw(self) -> bool:
        """Put the next document aside. Where the stream fails, it ends, and what it gave is not lost."""
        try:
            document = next(self._documents, None)
        except Exception as error:
            self.failure, document = error, None
        if document is None:
            self._documents = iter(())
            return False
        language = self._language(document)
        self._order.append(language)
        self._aside[language].append(document)
        self._held += _weight(document)
        return True


def _weight(document: Document) -> int:
    return EACH + len(document.text)


def _as_document(text: str | Document) -> Document:
    return Document("", text) if isinstance(text, str) else text
