"""What readers and writers share: files found, opened and written; lines, rows, records and trees; places in texts."""

from epicrisis.corpora.files.output import write_bytes, write_text, writing

__all__ = ["write_bytes", "write_text", "writing"]
