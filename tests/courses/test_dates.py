from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.courses import ORDERS, day_of, time_of

FIFTH = date(2024, 3, 5)


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-05", "20240305", " 2024-03-05 ", "2024-03-05T23:30:00-05:00", "2024-03-05 00:10:00Z",
        "2024-03-05 7:05", "2024-3-5", "2024/03/05", "2024.3.5", "2024年3月5日", "2024/3/5 10:00", "5 March 2024",
        "05-MAR-2024", "5 mar. 2024", "5th March 2024", "March 5, 2024", "Mar 5th 2024", "March 5, 2024 4:15 PM",
    ],
)  # fmt: skip
def test_a_date_of_one_reading_is_read_as_the_day_that_is_written(written: str) -> None:
    assert {day_of(written), *(day_of(written, order) for order in ORDERS)} == {FIFTH}


@pytest.mark.parametrize(
    "written",
    ["", "2024", "2024-03", "March 2024", "3/5/2024", "05.03.2024", "5/3/24", "2024-02-30", "31 June 2024", 
     "2024-13-05", "yesterday", "5 Mai 2024", "1709596800", "3/5-2024", "2024-03-05 (?)", "32/13/2024"],
)  # fmt: skip
def test_what_has_no_day_or_two_readings_is_none(written: str) -> None:
    assert day_of(written) is None


def test_numbers_with_the_year_last_are_read_where_one_order_alone_makes_a_date_or_as_they_are_said_to_be() -> None:
    assert day_of("13/5/2024") == date(2024, 5, 13)
    assert day_of("5/13/2024") == date(2024, 5, 13)
    assert day_of("7.7.2024") == date(2024, 7, 7)
    assert day_of("3/5/2024", "day-first") == date(2024, 5, 3)
    assert day_of("3/5/2024", "month-first") == FIFTH
    assert day_of("13/5/2024", "month-first") is None


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_day_is_read_back_from_every_form(day: date) -> None:
    forms = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d %B %Y", "%d-%b-%Y", "%B %d, %Y", "%Y年%m月%d日")
    assert {day_of(day.strftime(form)) for form in forms} == {day}
    assert day_of(day.strftime("%d/%m/%Y")) in (day, None)
    assert day_of(day.strftime("%d/%m/%Y"), "day-first") == day


@given(st.text(max_size=20) | st.from_regex(r"[0-9]{1,4}[-/. ][0-9A-Za-z]{1,4}[-/. ][0-9]{1,4}", fullmatch=True))
def test_any_text_is_a_day_or_none(written: str) -> None:
    for order in (None, *ORDERS):
        assert day_of(written, order) is None or isinstance(day_of(written, order), date)
    time_of(written)


def test_the_time_of_day_stands_at_the_end() -> None:
    assert time_of("2101-10-20 19:08:00") == time(19, 8)
    assert time_of("7:05") == time(7, 5)
    assert (time_of("20240305T190809Z"), time_of("20240305T1908")) == (time(19, 8, 9), time(19, 8))
    assert time_of("2024-03-05T23:30:09.5-05:00") == time(23, 30, 9)
    assert (time_of("12:10 AM"), time_of("12:10 pm"), time_of("4:15 PM")) == (time(0, 10), time(12, 10), time(16, 15))
    assert [time_of(one) for one in ("", "2024-03-05", "25:00", "13:00 pm", "at noon")] == [None] * 5
