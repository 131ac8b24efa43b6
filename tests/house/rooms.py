#!/usr/bin/env python3
"""The rooms of the source tree: which folder includes which, from the #include lines of its sources.

Usage: rooms.py [--draw FILE] [--root FOLDER]

Without --draw, prints a line for each room with the rooms that it includes. With it, draws them as SVG: each top
folder is a box, in which a room is above those of the same box that it includes. Exits with 1 if rooms include
each other in a cycle.
"""

import argparse
import collections
import html
import pathlib
import sys

from house_rules import includes, source_files

HOUSE = ("protocols", "host", "sim", "adapter", "check", "analysis", "scenarios", "app")
# The boxes of the picture by floor, from the top down.
FLOORS = (("app",), ("scenarios",), ("sim", "adapter", "check", "analysis"), ("host",), ("protocols",))


def includes_of_rooms(root):
    """For each room, the rooms that its files include."""
    arrows = collections.defaultdict(set)
    for path, lines in source_files(root, HOUSE):
        room = str(path.parent)
        arrows[room] |= {str(pathlib.PurePath(what).parent) for _, quote, what in includes(lines) if quote == '"'} - {room}
    return dict(arrows)


def circle_in(arrows):
    """Rooms that include each other in a cycle, with the first one repeated at the end; none if there is no cycle."""
    done, path = set(), []

    def visit(room):
        if room in path:
            return [*path[path.index(room):], room]
        if room in done:
            return []
        path.append(room)
        for next_room in sorted(arrows.get(room, ())):
            found = visit(next_room)
            if found:
                return found
        path.pop()
        done.add(room)
        return []

    for room in sorted(arrows):
        found = visit(room)
        if found:
            return found
    return []


def storeys(box, arrows):
    """The rooms of a box by storey, lowest first: a room is above everything in the box that it includes."""
    rooms = [room for room in arrows if room.split("/")[0] == box]
    level = {}

    def level_of(room):
        if room not in level:
            below = [level_of(other) for other in arrows[room] if other in rooms]
            level[room] = 1 + max(below, default=-1)
        return level[room]

    found = collections.defaultdict(list)
    for room in sorted(rooms):
        found[level_of(room)].append(room)
    return [found[number] for number in sorted(found)]


def label_of(room):
    return room.split("/", 1)[1] if "/" in room else "(top level)"


ROOM_WIDTH, ROOM_HEIGHT, GAP, TITLE = 112, 26, 8, 22


class Box:
    def __init__(self, name, arrows):
        self.name = name
        self.storeys = storeys(name, arrows)
        widest = max(len(rooms) for rooms in self.storeys)
        self.width = widest * (ROOM_WIDTH + GAP) + GAP
        self.height = TITLE + len(self.storeys) * (ROOM_HEIGHT + GAP) + GAP

    def draw(self, x, y):
        yield f'<rect class="box" x="{x}" y="{y}" width="{self.width}" height="{self.height}" rx="6"/>'
        yield f'<text class="title" x="{x + GAP}" y="{y + 16}">{html.escape(self.name)}/</text>'
        top = y + TITLE
        for rooms in reversed(self.storeys):
            used = len(rooms) * (ROOM_WIDTH + GAP) - GAP
            left = x + (self.width - used) / 2
            for room in rooms:
                yield f'<rect class="room" x="{left:g}" y="{top}" width="{ROOM_WIDTH}" height="{ROOM_HEIGHT}" rx="4"/>'
                yield (f'<text x="{left + ROOM_WIDTH / 2:g}" y="{top + 17}" text-anchor="middle">'
                       f"{html.escape(label_of(room))}</text>")
                left += ROOM_WIDTH + GAP
            top += ROOM_HEIGHT + GAP


STYLE = ("<style>text{font:12px sans-serif;fill:#222}.title{font-weight:bold}.box{fill:#eef2f6;stroke:#8aa}"
         ".room{fill:#fff;stroke:#8aa}.background{fill:#fff}</style>")


def picture_of(arrows):
    floors = [[Box(name, arrows) for name in floor] for floor in FLOORS]
    between = 16
    width = max(sum(box.width for box in floor) + between * (len(floor) - 1) for floor in floors) + 2 * between
    parts, y = [], between
    for floor in floors:
        x = (width - sum(box.width for box in floor) - between * (len(floor) - 1)) / 2
        height = max(box.height for box in floor)
        for box in floor:
            parts += box.draw(x, y + height - box.height)
            x += box.width + between
        y += height + between
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {y}" role="img">'
            "<title>The rooms of the source tree: each includes only rooms below it</title>")
    return "\n".join([head, STYLE, '<rect class="background" width="100%" height="100%"/>', *parts, "</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--draw", type=pathlib.Path, metavar="FILE", help="write the picture there")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).parents[2])
    arguments = parser.parse_args()
    arrows = includes_of_rooms(arguments.root)
    circle = circle_in(arrows)
    if circle:
        print("rooms include each other in a circle: " + " -> ".join(circle))
        return 1
    if arguments.draw:
        arguments.draw.write_text(picture_of(arrows), encoding="utf-8")
        return 0
    for room in sorted(arrows):
        print(f"{room}: {', '.join(sorted(arrows[room]))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
