from __future__ import annotations

import numpy as np
import pytest

from sim.errors import InputError
from sim.report.expressions import evaluate, names_in, parse

COLUMNS = {"a": np.array([1.0, 2.0]), "b.KAZ": np.array([4.0, np.nan])}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + 2 * a - 1", [2.0, 5.0]),
        ("-a / 2", [-0.5, -1.0]),
        ("b.KAZ / a > 3", [True, False]),
        ("not b.KAZ <= 5", [False, True]),
        ("3 > a > 1", [False, True]),
        ("a < 2 and b.KAZ > 3 or a == 9", None),
        ("a < 2 or b.KAZ > 3", [True, False]),
    ],
)
def test_values_by_hand(text: str, expected: list[float] | None) -> None:
    if expected is None:
        with pytest.raises(InputError, match="not allowed"):
            parse(text)
        return
    assert evaluate(parse(text), COLUMNS).tolist() == expected


def test_names_are_found_once_in_order() -> None:
    assert names_in(parse("b.KAZ / a + a")) == ("b.KAZ", "a")


@pytest.mark.parametrize(
    "text", ["__import__('os')", "a[0]", "a if a else a", "lambda: 1", "'text'", "a ** 2", "True", "f(a)", "a.b().c"]
)
def test_nothing_else_is_run(text: str) -> None:
    with pytest.raises(InputError, match="not allowed"):
        parse(text)


def test_bad_syntax_and_unknown_names_are_named() -> None:
    with pytest.raises(InputError, match="not an expression"):
        parse("a +")
    with pytest.raises(InputError, match=r"no outcome 'b\.KAS'.*b\.KAZ"):
        evaluate(parse("b.KAS"), COLUMNS)


def test_division_by_zero_is_no_warning() -> None:
    assert np.isinf(evaluate(parse("a / 0"), COLUMNS)).all()
