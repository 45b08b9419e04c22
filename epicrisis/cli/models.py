"""`epicrisis models`: what models and recipes there are, and what each is."""

import argparse
import json
import re
from collections.abc import Callable
from typing import Any

from epicrisis.cli.printing import print_json, print_table


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "models", help="models and recipes that there are", description="Models and recipes."
    )
    commands = parser.add_subparsers(dest="models_command", metavar="COMMAND", required=True)
    listed = commands.add_parser("list", help="the models that came with the package")
    recipes = commands.add_parser("recipes", help="the recipes that can be trained")
    show = commands.add_parser("show", help="a model's card, or a recipe")
    show.add_argument("name", help="a model, a model's folder, or a recipe")
    for command, run in ((listed, run_list), (recipes, run_recipes), (show, run_show)):
        command.add_argument("--json", action="store_true", help="print JSON")
        command.set_defaults(run=run)


def run_list(args: argparse.Namespace) -> int:
    from epicrisis.runtime import read_description, shipped_models

    rows = []
    for name, folder in shipped_models().items():
        about = read_description(folder)
        scores = json.loads((folder / "scores.json").read_text("utf-8"))
        test = scores.get("test", {})
        macro = {name: one.get("macro", {}).get("f1") for name, one in test.get("labels", {}).items()}
        rows.append(
            {
                "name": name,
                "languages": about["languages"],
                "recipe": about["recipe"],
                "types": len(about["types"]),
                "corpus": about["training"]["corpus"],
                "test_strict_f1": test.get("scores", {}).get("strict", {}).get("micro", {}).get("f1"),
                "test_macro_f1": macro or None,
                "megabytes": round(sum(file.stat().st_size for file in folder.iterdir()) / 1e6, 1),
                "licence": about["licence"],
            }
        )
    return _shown(rows, args.json, _line)


def _line(row: dict[str, Any]) -> dict[str, str]:
    """A model in the table; its score is the strict F1 of entities, or the macro F1 of a label."""
    strict, macro = row["test_strict_f1"], row["test_macro_f1"] or {}
    f1s = ["" if strict is None else f"{strict:.3f} strict", *(f"{f1:.3f} macro" for f1 in macro.values())]
    return {
        "name": row["name"],
        "of": ", ".join(row["languages"]),
        "recipe": row["recipe"],
        "corpus": row["corpus"],
        "F1 on test": ", ".join(filter(None, f1s)),
        "MB": str(row["megabytes"]),
        "licence": row["licence"],
    }


def run_recipes(args: argparse.Namespace) -> int:
    from epicrisis.recipe import read_recipe, recipe_files

    rows = []
    for name in recipe_files():
        data, _ = read_recipe(name)
        rows.append(
            {
                "name": name,
                "task": data["model"]["task"],
                "paper": data.get("paper", "").strip(),
                "published": _figures(data.get("published") or {}),
            }
        )
    return _shown(rows, args.json)


def run_show(args: argparse.Namespace) -> int:
    from epicrisis.recipe import recipe_files
    from epicrisis.runtime import model_folder, read_description

    files = recipe_files()
    if args.name in files:
        print(files[args.name].read_text("utf-8"), end="")
        return 0
    folder = model_folder(args.name)
    if args.json:
        print(json.dumps(read_description(folder), ensure_ascii=False, indent=1))
        return 0
    card = folder / "card.md"
    print(card.read_text("utf-8") if card.is_file() else json.dumps(read_description(folder), indent=1))
    return 0


def _figures(published: dict[str, Any]) -> str:
    """The published scores, and the corpus without the details that the recipe itself tells."""
    figures = ", ".join(
        f"{key} {published[key]}" for key in ("f1", "precision", "recall", "accuracy") if key in published
    )
    corpus = re.split(r"[,(]", published.get("corpus", ""), maxsplit=1)[0].strip()
    return f"{figures}, {corpus}" if figures else ""


def _shown(
    rows: list[dict[str, Any]], as_json: bool, line: Callable[[dict[str, Any]], dict[str, str]] = lambda row: row
) -> int:
    if as_json:
        print_json(rows)
    else:
        lines = [line(row) for row in rows]
        print_table("", list(lines[0]) if lines else ("nothing",), [list(one.values()) for one in lines])
    return 0
