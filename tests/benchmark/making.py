"""Runs that nobody has to train."""

import json
from typing import Any

from epicrisis.benchmark import Job, Store
from epicrisis.recipe import Part, Passages, Recipe, Training

TEST_HASH = "of the test part"


def job(name: str = "tiny", seed: int = 1, *, corpus: str = "invented", label: str = "", **changes: Any) -> Job:
    """changes: of the job, such as documents_hash, or of the recipe, such as published"""
    given = {"documents_hash": "of the documents", "split_hash": "of the split", "test_hash": TEST_HASH}
    given |= {key: changes.pop(key) for key in list(changes) if key in (*given, "split")}
    parts = {"embedder": (Part("words", {"size": 8, "vectors": ""}),), "encoder": Part("nothing", {})}
    parts |= {"attention": Part("nothing", {}), "decoder": Part("crf", {"scheme": "bio"})}
    settings = {"passages": Passages(), "training": Training(seed=seed, epochs=10), "task": "tagger", **parts}
    return Job(Recipe(name=name, **{**settings, **changes}), corpus, label, **given)


def measured(
    f1: float = 0.5, seconds: float = 60.0, relations: dict[str, float] | None = None, **changes: Any
) -> dict[str, Any]:
    scores: dict[str, Any] = {"scores": {measure: {"micro": {"f1": f1}} for measure in ("strict", "boundary")}}
    if relations:
        scores["relations"] = {name: {"strict": {"micro": {"f1": value}}} for name, value in relations.items()}
    return {
        "dev": scores,
        "test": scores,
        "parameters": {"total": 1_234_567, "trained": 1_000_000},
        "flops": 2_500_000,
        "training": {"seconds": seconds, "cpu_seconds": seconds},
        "annotating": {"words_per_second": 20_000.0},
        "settings": {"model": {"embedder": [{"type": "words", "vectors": "clinical-en"}]}},
        **changes,
    }


def done(store: Store, job: Job, **changes: Any) -> None:
    store.run(job).mkdir(parents=True, exist_ok=True)
    store.keep(job, measured(**changes))


def in_progress(store: Store, job: Job, seconds: list[float]) -> None:
    store.run(job).mkdir(parents=True, exist_ok=True)
    points = [{"epoch": number, "seconds": value} for number, value in enumerate(seconds, start=1)]
    (store.run(job) / "curves.json").write_text(json.dumps(points))
