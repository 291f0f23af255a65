"""Lessons: steps that open a page of the app in a scene, say what to do and look for, and ask questions.

lesson        what a lesson is
reading       a lesson from its Markdown file, which may come from anybody
addresses     what the pages read from their addresses, and whether what they name is there
translations  the same lesson in another language
checks        links, scenes and minutes of a lesson
shelf         the ready lessons of the app and a teacher's own
places        where somebody stands
"""

from cnnlab.lessons.addresses import Address
from cnnlab.lessons.checks import check
from cnnlab.lessons.lesson import NEEDS, WITHOUT, Lesson, Question, Step
from cnnlab.lessons.reading import read
from cnnlab.lessons.shelf import all_lessons, get, own_folder

__all__ = [
    "NEEDS",
    "WITHOUT",
    "Address",
    "Lesson",
    "Question",
    "Step",
    "all_lessons",
    "check",
    "get",
    "own_folder",
    "read",
]
