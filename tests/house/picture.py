"""The house as a picture in text, drawn from its imports: docs/architecture.md shows what this module prints."""

from __future__ import annotations

from functools import cache

from tests.house.sources import house, modules

OPEN, CLOSE = "<!-- picture -->\n```\n", "```\n<!-- end -->\n"
WIDTH = 100


def room_of(module: str) -> str:
    """The package that a module lies in: what stands at the root of `suite/`, `workloads`, or `workloads/shared`."""
    parts = module.split(".")
    if parts[0] == "workloads":
        return "workloads/shared" if parts[1:2] == ["shared"] else "workloads"
    return parts[1] if len(parts) > 1 else "suite"


@cache
def arrows() -> dict[str, frozenset[str]]:
    """{room: the rooms that it imports from}, without the faces `suite` and `__main__`."""
    found: dict[str, set[str]] = {}
    for module in modules():
        room = room_of(module)
        found.setdefault(room, set()).update(map(room_of, house(module)))
    faces = {"suite", "__main__"}
    return {room: frozenset(to - {room, *faces}) for room, to in found.items() if room not in faces}


@cache
def floor(room: str) -> int:
    """One above the highest room that it imports from; 1 is the ground."""
    return 1 + max(map(floor, arrows()[room]), default=0)


def picture() -> str:
    """A line for each room, floor by floor from the top, with the rooms below that it takes from."""
    lines = []
    for level in range(max(map(floor, arrows())), 0, -1):
        for room in sorted(room for room in arrows() if floor(room) == level):
            below = sorted(arrows()[room], key=lambda other: (-floor(other), other))
            lines.append(f"{level:2}  {room:17} {'─▶ ' + ', '.join(below) if below else ''}".rstrip())
        lines.append("    " + "┈" * (WIDTH - 4))
    return "\n".join(lines[:-1]) + "\n"


if __name__ == "__main__":
    print(OPEN + picture() + CLOSE, end="")
