"""Documents with a label, a patient and a date -> the course of each patient."""

from epicrisis.courses.course import Course, Courses, Point, courses_of
from epicrisis.courses.dates import ORDERS, day_of, time_of

__all__ = ["ORDERS", "Course", "Courses", "Point", "courses_of", "day_of", "time_of"]
