"""Clinical text mining: free-text records become structured facts.

    import epicrisis
    annotator = epicrisis.load("en")
    document = annotator("She took 5 mg of warfarin.")

A document goes through: corpora (files) -> document -> text (tokens, passages) -> encoding (arrays) -> a network ->
decoding (mentions) -> document. `runtime` does that with a finished model and without torch; `parts`, `models` and
`training` make one, from a recipe. `rules` annotate without a network. `evaluation` compares documents, `page` shows
them, `cli` is the command line.
"""

from typing import TYPE_CHECKING, Any

from epicrisis.document import Attribute, Code, Document, Entity, Evidence, Group, Label, Relation, Segment
from epicrisis.errors import CorpusError, DocumentError, EpicrisisError, ModelError, RecipeError
from epicrisis.version import __version__

if TYPE_CHECKING:
    from epicrisis.runtime import load, load_by_language

__all__ = [
    "Attribute",
    "Code",
    "CorpusError",
    "Document",
    "DocumentError",
    "Entity",
    "EpicrisisError",
    "Evidence",
    "Group",
    "Label",
    "ModelError",
    "RecipeError",
    "Relation",
    "Segment",
    "__version__",
    "load",
    "load_by_language",
]


def __getattr__(name: str) -> Any:
    """`load` and its like bring onnxruntime along; whoever only reads documents does not wait for it."""
    if name in ("load", "load_by_language"):
        from epicrisis import runtime

        return getattr(runtime, name)
    raise AttributeError(f"module 'epicrisis' has no attribute {name!r}")
