"""Who may import whom, read from the source; and that all but three packages work without torch."""

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import epicrisis

PACKAGE = Path(epicrisis.__file__).parent

EVERYONE_MAY = {"document", "errors", "version"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "version": set(),
    "document": {"errors"},
    "recipe": {"errors", "text"},
    "text": set(),
    "corpora": {"text"},
    "evaluation": {"text"},
    "rules": {"text"},
    "page": {"text", "courses"},
    "courses": {"corpora"},
    "encoding": {"text"},
    "decoding": {"text"},
    "runtime": {"encoding", "decoding", "rules", "text"},
    "calibration": {"runtime", "evaluation", "decoding", "rules", "text"},
    "parts": {"text"},
    "models": {"parts", "recipe", "encoding", "decoding", "text"},
    "training": {
        *("models", "parts", "runtime", "encoding", "decoding", "evaluation", "corpora", "rules", "recipe", "text"),
        "calibration",
    },
    "benchmark": {"recipe", "corpora"},
    "reports": {"runtime", "evaluation", "corpora", "page"},
    "batch": {"runtime", "corpora", "page"},
    "server": {"runtime", "corpora", "page"},
    "": {"runtime"},  # epicrisis/__init__.py, and that only when `load` is asked for
}
"""The table of the style guide, section 2. cli may import anything, and nobody imports cli."""

NEED_TORCH = {"parts", "models", "training"}
TORCH = {"torch", "lightning", "pytorch_lightning", "onnx", "onnxscript", "gensim", "transformers", "torchcrf"}


def unit(file: Path) -> str:
    """The package or module right below epicrisis that a file belongs to; "" for epicrisis itself."""
    first = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def imports(file: Path, *, inside_functions: bool = True) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a file imports."""
    waiting: list[ast.AST] = [ast.parse(file.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: a relative import hides where it leads"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        if inside_functions or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting.extend(ast.iter_child_nodes(node))


def target(name: str) -> str | None:
    """The unit of epicrisis that an import leads to, None for another library."""
    first, *rest = name.split(".")
    return (rest[0] if rest else "") if first == "epicrisis" else None


FILES = sorted(PACKAGE.rglob("*.py"))
SCRIPTS = sorted(file for folder in ("scripts", "benchmarks") for file in (PACKAGE.parent / folder).glob("*.py"))


def place(file: Path, line: int) -> str:
    return f"{file.relative_to(PACKAGE.parent)}:{line}"


def test_the_table_names_every_package() -> None:
    assert {unit(file) for file in FILES} <= {*MAY_IMPORT, "cli"}


def test_imports_point_one_way() -> None:
    table = {name: allowed | EVERYONE_MAY for name, allowed in MAY_IMPORT.items()}
    table["document"] = {"errors"}
    table["errors"] = table["version"] = set()
    table["cli"] = {*table, "cli"}
    wrong = [
        f"{place(file, line)}: {unit(file) or 'epicrisis'} imports {name}"
        for file in FILES
        for line, name in imports(file)
        if (to := target(name)) is not None and to not in table[unit(file)] | {unit(file)}
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_scripts_import_what_there_is(file: Path) -> None:
    """Most of them run by hand, and rarely."""
    for line, name in imports(file):
        module, _, what = name.rpartition(".")
        if name.startswith("epicrisis.") and not hasattr(importlib.import_module(module), what):
            assert importlib.util.find_spec(name), f"{file.name}:{line}: there is no {name}"


MAY_IMPORT_OF_CORPORA = {
    "files": {"files"},
    "formats": {"files", "formats"},
    "published": {"files", "formats", "published"},
    "writers": {"files", "formats", "writers"},
}
"""The folders of corpora; what lies beside them is for all of them, and imports none but where it is asked for."""


def test_imports_within_corpora_point_one_way() -> None:
    root = PACKAGE / "corpora"
    wrong = []
    for file in (file for file in FILES if file.is_relative_to(root)):
        folder = file.relative_to(root).parts[0]
        for line, name in imports(file):
            to = name.removeprefix("epicrisis.corpora.").split(".")[0]
            if folder in MAY_IMPORT_OF_CORPORA and to in {*MAY_IMPORT_OF_CORPORA} - MAY_IMPORT_OF_CORPORA[folder]:
                wrong.append(f"{place(file, line)}: {folder} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_nobody_imports_the_package_as_a_whole_but_cli() -> None:
    wrong = [
        place(file, line)
        for file in FILES
        for line, name in imports(file)
        if unit(file) not in ("cli", "") and (name == "epicrisis" or target(name) in epicrisis.__all__)
    ]
    assert not wrong, "\n".join(wrong)


def test_only_three_packages_import_torch_and_its_kind() -> None:
    wrong = [
        f"{place(file, line)}: {name}"
        for file in FILES
        if unit(file) not in NEED_TORCH
        for line, name in imports(file)
        if name.split(".")[0] in TORCH
    ]
    assert not wrong, "\n".join(wrong)


def test_only_a_running_command_imports_what_needs_torch() -> None:
    wrong = [
        f"{place(file, line)}: {name}"
        for file in FILES
        if unit(file) not in NEED_TORCH
        for line, name in imports(file, inside_functions=False)
        if target(name) in NEED_TORCH
    ]
    assert not wrong, "\n".join(wrong)


def test_parts_know_torch_and_no_other_library() -> None:
    """A part takes plain arguments, moves nothing, reads no files."""
    known = {"torch", "typing", "collections", "contextlib", "math", "epicrisis"}
    own = {
        "transformer.py": {"transformers", "pathlib"},
        "questions.py": {"pathlib"},
    }  # what is read there is a checkpoint of that library
    wrong = [
        f"{place(file, line)}: {name}"
        for file in FILES
        if unit(file) == "parts"
        for line, name in imports(file)
        if name.split(".")[0] not in known | own.get(file.name, set())
    ]
    assert not wrong, "\n".join(wrong)


WITHOUT_TORCH = """
import importlib, pkgutil, sys
for name in {libraries}:
    sys.modules[name] = None  # importing it fails
import epicrisis
for name in {units}:
    module = importlib.import_module("epicrisis." + name)
    for found in pkgutil.walk_packages(getattr(module, "__path__", []), module.__name__ + "."):
        importlib.import_module(found.name)
print(epicrisis.load.__name__, len([name for name in sys.modules if name.startswith("epicrisis.")]))
"""


def test_all_else_can_be_imported_where_torch_is_not_installed() -> None:
    units = sorted({unit(file) for file in FILES} - NEED_TORCH - {""})
    assert {"document", "corpora", "text", "encoding", "decoding", "evaluation", "runtime", "page", "cli"} <= {*units}
    script = WITHOUT_TORCH.format(libraries=sorted(TORCH), units=units)
    ran = subprocess.run([sys.executable, "-c", script], cwd=PACKAGE.parent, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    name, count = ran.stdout.split()
    assert name == "load"
    assert int(count) > 40


@pytest.mark.parametrize("name", ["onnxruntime", "numpy"])
def test_reading_documents_does_not_wait_for_the_libraries_of_a_model(name: str) -> None:
    script = f"import sys, epicrisis; epicrisis.Document('d', 'text'); print({name!r} in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], cwd=PACKAGE.parent, capture_output=True, text=True)
    assert ran.stdout == "False\n", ran.stderr
