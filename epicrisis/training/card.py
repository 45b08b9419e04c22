"""A model's card: what it is, what it was trained on, how it scores, in Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

MEASURES = ("strict", "boundary", "partial", "type")
PRECISION = "0.9"
"""The one for which the card says from which score on it holds; model.json has others, too."""


def card(about: Mapping[str, Any], scores: Mapping[str, Any], remarks: Sequence[str] = ()) -> str:
    """about: the content of model.json; scores: that of scores.json; remarks: paragraphs that a person adds"""
    training = about["training"]
    lines = [
        f"# {about['name']}",
        "",
        f"Finds {len(about['types'])} types of entities in {_languages(about['languages'])} text. Recipe "
        f"`{about['recipe']}`, seed {training.get('seed')}, trained on the train part of {training.get('corpus')} "
        f"(split {str(training.get('split_hash'))[:12]}).",
        "",
    ]
    for remark in remarks:
        lines += [remark, ""]
    if about.get("licence"):
        lines += [f"Licence of the training data: {about['licence']}", ""]
    lines += [f"Types: {', '.join(about['types'])}.", ""]
    if "relations" in about:
        relations = about["relations"]
        said = [f"{name} ({', '.join(map(str, values))})" for name, values in relations["attributes"].items()]
        lines += [
            f"Relations between mentions at most {relations['window']} tokens apart: {', '.join(relations['types'])}."
            + (f" What it says of a mention: {', '.join(said)}." if said else ""),
            "",
        ]
    for part in ("dev", "test"):
        if part in scores:
            lines += [*_table(part, scores[part]), "", *_structure(scores[part])]
    lines += [*_sureness(about), *_precision(about, scores)]
    return "\n".join(lines).rstrip() + "\n"


def label_card(about: Mapping[str, Any], scores: Mapping[str, Any], remarks: Sequence[str] = ()) -> str:
    """As `card`, of a model that labels whole texts."""
    training = about["training"]
    said: dict[str, list[str]] = {}
    for head in about["labels"]:
        values = said.setdefault(head.get("label", "topics"), list(map(str, head["values"])))
        values += ["a number"] if head["type"] == "intensity" else []
    told = "; ".join(f"{name} ({', '.join(values)})" for name, values in said.items())
    lines = [
        f"# {about['name']}",
        "",
        f"Labels {_languages(about['languages'])} texts: {told}. Recipe `{about['recipe']}`, seed "
        f"{training.get('seed')}, trained on the train part of {training.get('corpus')} (split "
        f"{str(training.get('split_hash'))[:12]}).",
        "",
        *(line for remark in remarks for line in (remark, "")),
    ]
    if about.get("licence"):
        lines += [f"Licence of the training data: {about['licence']}", ""]
    for part in ("dev", "test"):
        if part in scores:
            lines += [f"## {part}, {scores[part]['documents']} documents", "", *_label_tables(scores[part])]
    figures = ", ".join(f"{name} {figure:.4f}" for name, figure in scores.get("dev_score_by_precision", {}).items())
    kept = about.get("graphs", {}).get("states", {}).get("precision", "fp32")
    lines.append(f"Kept in {kept}. Dev score by precision: {figures}.")
    return "\n".join(lines).rstrip() + "\n"


def _label_tables(result: Mapping[str, Any]) -> list[str]:
    rows = {**result["labels"], **({"topics": result["topics"]} if "topics" in result else {})}
    lines = [
        "| label | accuracy | macro F1 | weighted F1 | kappa | MAE | calibration error |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in rows.items():
        numbers = [one.get("accuracy", one.get("exact"))]
        numbers += [one[average]["f1"] if average in one else None for average in ("macro", "weighted")]
        numbers += [one.get(key) for key in ("quadratic_weighted_kappa", "mean_absolute_error", "calibration_error")]
        lines.append(f"| {name} | " + " | ".join("" if n is None else f"{n:.4f}" for n in numbers) + " |")
    for name, one in rows.items():
        each = one.get("per_class") or one.get("per_topic") or {}
        if each:
            figures = ", ".join(f"{value} {row['f1']:.3f}" for value, row in each.items())
            lines += ["", f"F1 of {name}: {figures}."]
    return [*lines, ""]


def _table(part: str, result: Mapping[str, Any]) -> list[str]:
    scores = result["scores"]
    lines = [
        f"## {part}, {result['documents']} documents",
        "",
        "| measure | precision | recall | F1 | macro F1 |",
        "|---|---|---|---|---|",
    ]
    for measure in MEASURES:
        micro, macro = scores[measure]["micro"], scores[measure]["macro"]
        numbers = (micro["precision"], micro["recall"], micro["f1"], macro["f1"])
        lines.append(f"| {measure} | " + " | ".join(f"{number:.4f}" for number in numbers) + " |")
    if "token" in scores:
        weighted = scores["token"]["weighted"]
        shares = (weighted["precision"], weighted["recall"], weighted["f1"])
        lines.append("| tokens, weighted, with O | " + " | ".join(f"{share:.4f}" for share in shares) + " | |")
    if "codec" in result:
        codec = result["codec"]
        lines += [
            "",
            f"All gold mentions count, though the tags cannot express {codec['dropped']} of them (nested, overlapping, "
            f"discontinuous, or with an end inside a word); against the others strict F1 is "
            f"{codec['strict']['micro']['f1']:.4f}.",
        ]
    return lines


def _structure(result: Mapping[str, Any]) -> list[str]:
    """Relations and attributes, where the model finds some."""
    lines: list[str] = []
    if "relations" in result:
        lines += ["| relations, strict | precision | recall | F1 | macro F1 |", "|---|---|---|---|---|"]
        for name, scores in result["relations"].items():
            micro, macro = scores["strict"]["micro"], scores["strict"]["macro"]
            numbers = (micro["precision"], micro["recall"], micro["f1"], macro["f1"])
            lines.append(f"| {name.replace('_', ' ')} | " + " | ".join(f"{number:.4f}" for number in numbers) + " |")
        each = {
            name: {type_: row["f1"] for type_, row in scores["strict"]["per_type"].items()}
            for name, scores in result["relations"].items()
        }
        for name, of_type in each.items():
            figures = ", ".join(f"{type_} {f1:.3f}" for type_, f1 in of_type.items())
            lines += ["", f"F1 by relation, {name.replace('_', ' ')}: {figures}."]
        lines.append("")
    for name, scores in result.get("attributes", {}).items():
        for setting, on in (("found", "on entities that were found"), ("given_gold_entities", "given gold's entities")):
            per_value = scores.get(setting, {}).get("per_value", {})
            if rows := ", ".join(f"{value} {row['f1']:.3f}" for value, row in per_value.items()):
                lines += [f"{name}, F1 by value {on}: {rows}.", ""]
    if "calibration_error" in result:
        errors = ", ".join(f"{name} {error:.3f}" for name, error in result["calibration_error"].items())
        lines += [f"Expected calibration error: {errors}.", ""]
    return lines


def _sureness(about: Mapping[str, Any]) -> list[str]:
    """From which scores on what it finds is right so often."""
    lines: list[str] = []
    for kind, lowest in about.get("precise_from", {}).get(PRECISION, {}).items():
        shares = {what or "any other": lowest[what] for what in sorted(lowest, key=lambda what: (not what, what))}
        if reached := ", ".join(f"{what} {score:.2f}" for what, score in shares.items() if score is not None):
            lines += [f"Score from which on {kind} are right in {float(PRECISION):.0%} of cases on dev: {reached}.", ""]
        if never := ", ".join(what for what, score in shares.items() if score is None):
            lines += [f"Never so precise, {kind}: {never}.", ""]
    return lines


def _precision(about: Mapping[str, Any], scores: Mapping[str, Any]) -> list[str]:
    measured = scores.get("dev_strict_f1_by_precision", {})
    states = about["graphs"]["states"]
    text = f"The graph is kept in {states['precision']}"
    if states["quantised"]:
        products = [name for name in states["quantised"] if name.startswith("/")]
        names = [name for name in states["quantised"] if name not in products]
        names += [f"{len(products)} products of the encoder's states with its weights"] if products else []
        text += f" (8 bits: {', '.join(names)}; all else fp32)"
    figures = ", ".join(f"{name} {figure:.4f}" for name, figure in measured.items())
    return [f"{text}. Strict F1 on dev by precision: {figures}."]


def _languages(codes: Sequence[str]) -> str:
    return ", ".join({"en": "English", "zh": "Chinese"}.get(code, code) for code in codes) or "clinical"
