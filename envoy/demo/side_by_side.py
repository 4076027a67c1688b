"""Columns of text beside each other, as wide as the terminal: what does not fit goes on in the next line, nothing is cut.

Knows nothing of HTTP.
"""

import shutil
import textwrap

GAP = "   "
NARROWEST = 24
USUAL_WIDTH = 132  # where nobody looks at a terminal


def width():
    """The width to fill."""
    return max(shutil.get_terminal_size((USUAL_WIDTH, 24)).columns - 1, 80)


def wrap(line, room):
    """A line in pieces of at most so many letters, parted behind a space or comma where there is one."""
    pieces, indent = [], ""
    while len(indent) + len(line) > room:
        most = room - len(indent)
        cut = max(line.rfind(" ", 0, most), line.rfind(",", 0, most)) + 1 or most
        pieces.append((indent + line[:cut]).rstrip())
        line, indent = line[cut:], "  "
    return [*pieces, indent + line]


def paragraph(text, indent="  "):
    """A text between the margins."""
    return "\n".join(textwrap.wrap(text, width(), initial_indent=indent, subsequent_indent=indent,
                                   break_on_hyphens=False))


def columns(named):
    """Texts with a heading each, beside each other."""
    cells = [[heading, "-" * len(heading), *text.split("\n")] for heading, text in named]
    rooms = share(width() - len(GAP) * len(cells), [max(map(len, cell)) for cell in cells])
    wrapped = [[piece for line in cell for piece in wrap(line, room)] for cell, room in zip(cells, rooms)]
    height = max(map(len, wrapped))
    rows = zip(*(cell + [""] * (height - len(cell)) for cell in wrapped))
    return "\n".join((GAP + GAP.join(text.ljust(room) for text, room in zip(row, rooms))).rstrip() for row in rows)


def share(total, wishes):
    """What each column gets: narrow ones what they wish for, the others equal parts of the rest."""
    rooms, left, open_ = [0] * len(wishes), total, sorted(range(len(wishes)), key=lambda at: wishes[at])
    while open_:
        at = open_.pop(0)
        rooms[at] = max(min(wishes[at], left // (len(open_) + 1)), NARROWEST)
        left -= rooms[at]
    return rooms
