"""Recipes x corpora x seeds -> one result a run, in a store that several processes fill together, and a table."""

from epicrisis.benchmark.plan import Planned, read_plan
from epicrisis.benchmark.store import Job, Store
from epicrisis.benchmark.table import markdown, notes, rich_tables, rows
from epicrisis.benchmark.work import share

__all__ = ["Job", "Planned", "Store", "markdown", "notes", "read_plan", "rich_tables", "rows", "share"]
