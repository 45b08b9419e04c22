"""Formats that anyone's files may be in: one file each. More are written than read: `writers`."""
