"""Documents, or courses of patients -> one self-contained HTML page, or a table in the terminal."""

from epicrisis.page.courses import course_page
from epicrisis.page.html import page
from epicrisis.page.table import rows, table

__all__ = ["course_page", "page", "rows", "table"]
