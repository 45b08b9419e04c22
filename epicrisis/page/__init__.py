"""Documents -> one self-contained HTML page, or a table in the terminal."""

from epicrisis.page.html import page
from epicrisis.page.table import rows, table

__all__ = ["page", "rows", "table"]
