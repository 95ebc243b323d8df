"""Expressions over outcomes, as patterns state them: `ecommerce_2019.KAZ / ecommerce_2015.KAZ`.

They know names of outcomes, numbers, + - * /, unary minus, brackets, comparisons (also in a chain), `and`, `or`, `not`;
nothing else is run. A comparison with a date that never came is false, so that `not bank_passed <= 2022` holds where
the bank never passes.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim.errors import InputError, did_you_mean

_SUMS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_TESTS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def parse(text: str) -> ast.expr:
    """Return the expression's tree; InputError where it is none of those above."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise InputError(f"{text!r} is not an expression over outcomes ({error.msg}).") from None
    _check(tree, text)
    return tree


def names_in(tree: ast.expr) -> tuple[str, ...]:
    """Return the names of outcomes in a tree, each once, in the order of their writing."""
    found: list[str] = []

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.Name | ast.Attribute):
            found.append(_dotted(node))
        else:
            for child in ast.iter_child_nodes(node):
                visit(child)

    visit(tree)
    return tuple(dict.fromkeys(found))


def evaluate(tree: ast.expr, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the expression's value for every run, shape (runs,): float64, or bool for a condition.

    InputError where a name is no outcome. Division by zero gives NaN or infinity, no warning.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(_value(tree, columns))


def _value(node: ast.AST, columns: Mapping[str, np.ndarray]) -> Any:
    match node:
        case ast.Name() | ast.Attribute():
            name = _dotted(node)
            if name not in columns:
                raise InputError(f"There is no outcome {name!r}.{did_you_mean(name, columns)}")
            return columns[name]
        case ast.Constant():
            return float(node.value)  # type: ignore[arg-type]
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand, columns)
        case ast.UnaryOp():
            return np.logical_not(_value(node.operand, columns))
        case ast.BinOp():
            return _SUMS[type(node.op)](_value(node.left, columns), _value(node.right, columns))
        case ast.BoolOp():
            join = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
            return join.reduce([_value(part, columns) for part in node.values])
        case ast.Compare():
            parts = [_value(part, columns) for part in (node.left, *node.comparators)]
            pairs = zip(node.ops, parts, parts[1:], strict=False)
            return np.logical_and.reduce([_TESTS[type(op)](left, right) for op, left, right in pairs])
    raise AssertionError(node)


def _check(node: ast.AST, text: str) -> None:
    children: list[ast.AST] = []
    match node:
        case ast.Name() | ast.Attribute() if _is_dotted(node):
            pass
        case ast.Constant() if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            pass
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            children = [node.operand]
        case ast.BinOp() if type(node.op) in _SUMS:
            children = [node.left, node.right]
        case ast.BoolOp():
            children = list(node.values)
        case ast.Compare() if all(type(op) in _TESTS for op in node.ops):
            children = [node.left, *node.comparators]
        case _:
            raise InputError(f"{text!r}: {ast.unparse(node)!r} is not allowed in an expression over outcomes.")
    for child in children:
        _check(child, text)


def _is_dotted(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _is_dotted(node.value))


def _dotted(node: ast.AST) -> str:
    return ast.unparse(node)
