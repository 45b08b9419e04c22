"""Dates as files write them -> days. What can be read in two ways is not read, unless the caller says how.

Read are ISO 8601 (2024-03-05, 20240305, with a time behind it), year first with other signs (2024/3/5, 2024年3月5日),
and a month by its English name (5 March 2024, 05-MAR-2024, March 5, 2024). Numbers with the year last (3/5/2024) are
read where only one order makes a date, or both the same one.
"""

import re
from datetime import date, datetime, time

ORDERS = ("day-first", "month-first")
"""What is said of numbers with the year last."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NAME = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
TIME = r"(?:[T\s,]\s*\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:[AaPp][Mm])?)?"
YEAR_FIRST = re.compile(rf"(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*日?{TIME}", re.ASCII)
YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){TIME}", re.ASCII)
DAY_NAME = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[-\s]+{NAME}[-,\s]+(\d{{4}}){TIME}", re.ASCII | re.IGNORECASE)
NAME_DAY = re.compile(rf"{NAME}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}}){TIME}", re.ASCII | re.IGNORECASE)
ZONE = r"(?:Z|[+-]\d\d:?\d\d)?"
CLOCK = re.compile(rf"(?:^|[T\s,])(\d{{1,2}}):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*([AaPp][Mm])?{ZONE}$", re.ASCII)
BASIC = re.compile(rf"\dT(\d\d)(\d\d)(?:(\d\d)(?:\.\d+)?)?(){ZONE}$", re.ASCII)
"""20240305T101500, the basic format of ISO 8601; groups as of CLOCK, the last of which is always empty."""


def day_of(written: str, order: str | None = None) -> date | None:
    """The day as it is written, whatever the time zone; None where there is none, or more than one reading.

    order: one of ORDERS
    """
    written = written.strip()
    if re.match(r"\d{4}-?\d\d-?\d\d(\D|$)", written, re.ASCII):
        try:
            return datetime.fromisoformat(written).date()
        except ValueError:
            pass  # other signs, or another time, may follow
    if found := YEAR_FIRST.fullmatch(written):
        return _date(*found.groups())
    if found := DAY_NAME.fullmatch(written):
        day, month, year = found.groups()
        return _date(year, _month(month), day)
    if found := NAME_DAY.fullmatch(written):
        month, day, year = found.groups()
        return _date(year, _month(month), day)
    if found := YEAR_LAST.fullmatch(written):
        one, _, other, year = found.groups()
        readings = {"day-first": _date(year, other, one), "month-first": _date(year, one, other)}
        if order is not None:
            return readings[order]
        days = {day for day in readings.values() if day is not None}
        return days.pop() if len(days) == 1 else None
    return None


def time_of(written: str) -> time | None:
    """The time of day at the end of a date and time, or that is all there is; None where there is none."""
    written = written.strip()
    if (found := CLOCK.search(written) or BASIC.search(written)) is None:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    if half := found[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half.lower() == "pm")
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def _month(name: str) -> int:
    return MONTHS.index(name[:3].lower()) + 1


def _date(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
