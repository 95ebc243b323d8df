from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from sim.locations import TABLES
from sim.report.map import CENTRE, OUTLINES, class_of, classes, outlines, project, shape
from tests.report.made_result import FIVE, OTHERS


def test_every_state_of_the_default_world_has_an_outline() -> None:
    with (TABLES / "states.csv").open(encoding="utf-8") as file:
        states = {row["iso"] for row in csv.DictReader(file)}
    assert states <= set(outlines()["states"])
    assert states == set(FIVE + OTHERS)


def test_outlines_are_small_and_closed() -> None:
    assert OUTLINES.stat().st_size < 150_000
    rings = [ring for polygons in outlines()["states"].values() for polygon in polygons for ring in polygon]
    assert all(len(ring) % 2 == 0 and ring[:2] == ring[-2:] for ring in rings)


def test_the_centre_is_the_origin_and_areas_are_kept() -> None:
    x, y, near = project(np.array([CENTRE[0]]), np.array([CENTRE[1]]))
    assert (x[0], y[0]) == (pytest.approx(0), pytest.approx(0))
    assert near[0]
    # a small square of latitude and longitude has the area of the sphere's, wherever it lies
    for longitude, latitude in ((20.0, 10.0), (100.0, 60.0), (68.0, 42.0)):
        d = 0.05
        corners = np.array([(0, 0), (d, 0), (d, d), (0, d)])
        px, py, _ = project(longitude + corners[:, 0], latitude + corners[:, 1])
        area = 0.5 * abs(np.dot(px, np.roll(py, -1)) - np.dot(py, np.roll(px, -1)))
        true = math.radians(d) * (math.sin(math.radians(latitude + d)) - math.sin(math.radians(latitude)))
        assert area == pytest.approx(true, rel=1e-4)


def test_east_is_right_and_north_is_up() -> None:
    x, y, _ = project(np.array([67.0, 69.0, 68.0]), np.array([42.0, 42.0, 45.0]))
    assert x[0] < x[1]
    assert y[2] > 0


def test_land_out_of_view_has_no_shape() -> None:
    assert shape(outlines()["states"]["NZL"]) is None
    assert shape(outlines()["states"]["KAZ"]) is not None


@pytest.mark.parametrize("most", [0.0, 0.004, 0.05, 0.1, 0.37, 0.6, 1.0])
def test_classes_hold_every_value(most: float) -> None:
    bounds = classes([0.0, most, math.nan])
    assert bounds[0] == 0.0
    assert bounds[-1] > most - 1e-9
    assert 2 <= len(bounds) <= 8
    assert 0 <= class_of(most, bounds) < len(bounds) - 1
