"""YAML files read strictly: a key that stands twice in a mapping is an error, and 1e-3 is a number."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from sim.errors import InputError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The faster one, where PyYAML was built with it."""


class StrictLoader(_Loader):
    """PyYAML's safe loader, which refuses duplicate keys and reads `1e-3` as a number (YAML 1.1 takes it for text)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Return the mapping; raise a YAML error with the line where a key stands a second time."""
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable):
                if key in seen:
                    raise yaml.constructor.ConstructorError(
                        "while reading a mapping", node.start_mark, f"the key {key!r} stands twice", key_node.start_mark
                    )
                seen.add(key)
        return super().construct_mapping(node, deep)


StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
)


def read_mapping(path: Path) -> dict[str, Any]:
    """Return the mapping that the file holds.

    Raises InputError naming the file (and the line, where there is one) when it cannot be read, is not YAML, holds a
    key twice, holds something else than a mapping, or has a key at the top that is not text.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=StrictLoader)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise InputError(f"{path}{where}: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path}: is not YAML: {error}.") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: must hold a mapping of names to entries, but holds {_kind(content)}.")
    for key in content:
        if not isinstance(key, str):
            raise InputError(f"{path}: the key {key!r} is not text; put it in quotes.")
    return content


def _kind(content: object) -> str:
    return "nothing" if content is None else f"a {type(content).__name__}"
