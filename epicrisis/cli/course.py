"""`epicrisis course`: labelled notes in, the course of each patient out."""

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from epicrisis import corpora
from epicrisis.corpora import Report
from epicrisis.corpora.files import write_text
from epicrisis.courses import ORDERS, Courses, courses_of
from epicrisis.courses.course import UNREADABLE
from epicrisis.document import Document
from epicrisis.errors import CorpusError

FORMATS = ("table", "json", "html", "csv")


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "course",
        help="how a label changes from note to note of a patient",
        description="How a label changes from note to note of a patient. Notes are documents with that label, as "
        "`extract --sentiment MODEL --format jsonl` writes them, and with patient and date in their meta.",
    )
    parser.add_argument("notes", nargs="+", help=".jsonl files, or folders of them")
    parser.add_argument("--label", default="sentiment", metavar="NAME", help="default: sentiment")
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="draw the courses there, too, as PNG")
    parser.add_argument("--only", action="append", metavar="PATIENT", help="this patient; may be given several times")
    parser.add_argument("--patient-key", default="patient", metavar="KEY", help="of meta; default: patient")
    parser.add_argument("--date-key", default="date", metavar="KEY", help="of meta; default: date")
    parser.add_argument("--dates", choices=ORDERS, help="how 3/5/2024 is read; default: where it is sure, else not")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    report = Report()
    courses = courses_of(
        _notes(args, report), label=args.label, patient=args.patient_key, date=args.date_key, order=args.dates
    )
    for problem in report:
        print(f"epicrisis: {problem}", file=sys.stderr)
    for why, count in courses.left.items():
        named = ", ".join(map(repr, courses.ids[why])) + (", ..." if count > len(courses.ids[why]) else "")
        print(f"epicrisis: {count:,} note{'s' * (count != 1)} {why}, in no course: {named}", file=sys.stderr)
    if courses.left.get(UNREADABLE) and args.dates is None:
        print(f"epicrisis: --dates {' or '.join(ORDERS)} says how 3/5/2024 is read", file=sys.stderr)
    if not courses.courses:
        raise CorpusError(
            f"no note has the label {args.label!r}, and {args.patient_key!r} and a date {args.date_key!r} in its meta: "
            f"--label, --patient-key and --date-key say what they are called"
        )
    if args.figure is not None:
        from epicrisis.courses.figure import draw

        shown = draw(courses, args.figure)
        if shown < len(courses.courses):
            print(
                f"epicrisis: {args.figure} shows the {shown} patients with the most notes of {len(courses.courses):,}; "
                f"--only PATIENT chooses",
                file=sys.stderr,
            )
    _write("".join(_pieces(courses, args.format, args.out)), args.out)
    return 1 if len(report) or courses.left.get(UNREADABLE) else 0


def _notes(args: argparse.Namespace, report: Report) -> Iterator[Document]:
    for place in args.notes:
        for document in corpora.read("jsonl", place, report):
            if args.only is None or str(document.meta.get(args.patient_key)).strip() in args.only:
                yield document


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
    else:
        write_text(out, text)


def _pieces(courses: Courses, format: str, out: Path | None) -> Iterator[str]:
    if format == "json":
        yield json.dumps(courses.to_dict(), ensure_ascii=False, indent=1) + "\n"
    elif format == "csv":
        yield _csv(courses)
    elif format == "html":
        from epicrisis.page import course_page

        yield from course_page(courses, title=f"Courses of {courses.label}")
    else:
        yield from _tables(courses, narrow=out is None and sys.stdout.isatty())


def _csv(courses: Courses) -> str:
    """A row a note."""
    written = io.StringIO()
    rows = [{"patient": c.patient, **point.to_dict()} for c in courses.courses for point in c.points]
    table = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows({**row, **{key: int(row[key]) for key in ("changes_class", "weak")}} for row in rows)
    return written.getvalue()


def _tables(courses: Courses, *, narrow: bool) -> Iterator[str]:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from epicrisis.page.courses import change, intensity, remark, summary, when
    from epicrisis.page.marks import visible
    from epicrisis.page.words import number, value

    console = Console(width=None if narrow else 160, highlight=False)
    for course in courses.courses:
        table = Table(title=Text(visible(course.patient)), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        for column in ("Date", "Note", courses.label, "Probability", "Intensity", "Change", "Remark"):
            right = column in ("Probability", "Intensity", "Change")
            table.add_column(Text(visible(column)), justify="right" if right else "left", overflow="fold")
        for p in course.points:
            cells = (when(p), p.document, value(p.value), number(p.score), intensity(p), change(p), remark(p))
            table.add_row(*(Text(visible(cell)) for cell in cells))
        with console.capture() as captured:
            console.print(table)
            console.print(Text(visible(summary(course))), soft_wrap=True)
        yield captured.get()
