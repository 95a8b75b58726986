"""Every field of a study file as tables, from the schema: docs/study.md shows what this module prints."""

from __future__ import annotations

from typing import Any

from suite.studies.study import Study

OPEN, CLOSE = "<!-- fields -->\n", "<!-- end -->\n"


def reference() -> str:
    """A table for the study and for each kind of entry in it."""
    schema = Study.model_json_schema()
    parts = {"Study": schema, **schema["$defs"]}
    return "\n".join(_table(name, part) for name, part in parts.items())


def _table(name: str, part: dict[str, Any]) -> str:
    lines = [f"### {name}", "", _line(part["description"]), "", "| field | is | default | |", "|---|---|---|---|"]
    required = part.get("required", [])
    for field, about in part["properties"].items():
        default = "" if field in required else _default(about.get("default"))
        lines.append(f"| `{field}` | {_kind(about)} | {default} | {_line(about.get('description', ''))} |")
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _default(default: Any) -> str:
    if isinstance(default, list) and default and not isinstance(default[0], dict):
        return f"`[{', '.join(map(str, default))}]`"
    return "" if default in (None, "") or isinstance(default, (dict, list)) else f"`{default}`"


def _kind(about: dict[str, Any]) -> str:
    if "$ref" in about:
        return about["$ref"].rpartition("/")[2]
    if "anyOf" in about:
        return " or ".join(kind for one in about["anyOf"] if (kind := _kind(one)))
    if "enum" in about:
        return ", ".join(f"`{value}`" for value in about["enum"])
    if about.get("type") == "array":
        return f"list of {_kind(about['items'])}" if "items" in about else "list"
    if isinstance(inner := about.get("additionalProperties"), dict):
        return f"mapping of {_kind(inner)}"
    return {"null": "", "integer": "whole number", "string": "text", "boolean": "true or false"}.get(
        about["type"], about["type"]
    ) + _bounds(about)


def _bounds(about: dict[str, Any]) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    return "".join(f" {sign} {about[name]}" for name, sign in signs.items() if name in about)


if __name__ == "__main__":
    print(OPEN + reference() + CLOSE, end="")
