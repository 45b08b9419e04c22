"""Invented comments with labels, in English and Chinese, and a recipe small enough to learn them."""

from typing import Any

from epicrisis.document import Document, Label
from epicrisis.models import parts_and_settings
from epicrisis.recipe import Recipe, check_recipe
from epicrisis.training import Data

SAID = {
    "The nurses were kind and the ward was clean.": ("positive", 4.5, "staff"),
    "Nobody answered the bell all night. I was in pain.": ("negative", 1.0, "staff"),
    "Parking costs two pounds an hour.": ("neutral", 3.0, "parking"),
    "Wonderful care, thank you!": ("positive", 5.0, ""),
    "Rude reception and a dirty bathroom.": ("negative", 1.5, "staff"),
    "My appointment was on Tuesday.": ("neutral", 2.5, ""),
    "I waited four hours and nobody came.\n\nThe car park was full.": ("negative", 0.5, "parking"),
    "Excellent doctors. Easy to park.": ("positive", 4.0, "parking"),
}
SAID_ZH = {
    "护士很好,谢谢。": ("positive", 4.5, "staff"),
    "等了四个小时,没有人来。": ("negative", 1.0, "staff"),
    "周二复查。": ("neutral", 3.0, ""),
    "医生态度差!": ("negative", 1.5, "staff"),
    "停车两元一小时。": ("neutral", 2.5, "parking"),
    "病房干净,很满意。": ("positive", 5.0, ""),
}


def documents(said: dict[str, tuple[str, float, str]], prefix: str) -> list[Document]:
    found = []
    for number, (text, (value, intensity, topic)) in enumerate(said.items()):
        labels = {"sentiment": Label(value, intensity=intensity)}
        if topic:
            labels[f"topic:{topic}"] = Label(True)
        found.append(Document(f"{prefix}{number}", text, labels=labels))
    return found


ENGLISH, CHINESE = documents(SAID, "e"), documents(SAID_ZH, "c")


def label_data(train: list[Document] = ENGLISH, dev: list[Document] = ENGLISH, languages: str = "en zh") -> Data:
    split = {"train": [d.id for d in train], "dev": [d.id for d in dev], "test": []}
    about = {"corpus": "invented", "split_hash": "abc", "licence": "CC0-1.0", "languages": languages.split()}
    return Data(train, dev, split, about)


def label_recipe(
    *heads: dict[str, Any],
    pooling: str = "max",
    encoder: dict[str, Any] | None = None,
    preparation: dict[str, Any] | None = None,
    **training: Any,
) -> Recipe:
    recipe = {
        "name": "tiny",
        "preparation": preparation or {},
        "passages": {"budget": 12, "overlap": 4},
        "model": {
            "task": "classifier",
            "embedder": [{"type": "words", "size": 12, "vectors": ""}],
            "encoder": encoder or {"type": "ngram_cnn", "hidden_size": 8, "regions": [1, 2]},
            "pooling": {"type": pooling},
            "heads": list(heads) or [{"type": "classes", "dropout": 0.1}],
        },
        "training": {"optimizer": {"rate": 0.03}, "epochs": 20, "patience": 20, "batch_tokens": 40, **training},
    }
    return check_recipe(recipe, parts_and_settings(), "tiny")
