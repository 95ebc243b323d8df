"""The world as one record: fields of eight bytes, names that hide nothing, one flat vector over the same memory."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from sim.errors import InputError
from sim.world.address import resolve
from sim.world.build import PAIRS, World, build_world
from sim.world.fields import FLOAT, ID, Field
from sim.world.records import DOMAINS, TABLES, Sizes, field, flat_view, paths, world_dtype

SIZES = Sizes(states=4, firms=3, homes=2, sectors=5, slots=3, dyads=6, institutions=2, domains=len(DOMAINS),
              groups=2, theatres=1, origins=2, nodes=3, legs=2, channels=4, corridors=2, kinds=4, answers=6,
              statuses=3, holders=6, patrons=3, custodies=2, designations=3, pools=2, incidents=3, accusers=2,
              audiences=2, migrants=2, severities=3, models=2, conditions=2,
              strategies=2, injects=3)  # fmt: skip
DECLARED = [(table, f) for table, (fields, _) in TABLES.items() for f in fields]
MEASURED = [(table, f) for table, f in DECLARED if f.kind == FLOAT]
MARKS = [(table, f) for table, f in DECLARED if f.kind != FLOAT]


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def shape_of(table: str, declared: Field, sizes: Sizes) -> tuple[int, ...]:
    lengths = asdict(sizes)
    return tuple(lengths[dimension] for dimension in (*TABLES[table][1], *declared.shape))


def test_every_field_is_eight_bytes_wide_without_gaps() -> None:
    dtype = world_dtype(SIZES)
    numbers = sum(int(np.prod(shape_of(table, f, SIZES))) for table, f in DECLARED)
    assert dtype.itemsize == 8 * numbers
    assert {f.kind for _, f in DECLARED} <= {"f8", "i8", "u8"}
    assert flat_view(np.zeros(1, dtype)).shape == (numbers,)


def test_field_paths_are_unique_and_declared() -> None:
    assert len(set(paths())) == len(paths()) == len(DECLARED)
    for path in paths():
        assert field(path).name == path.partition(".")[2]
    with pytest.raises(KeyError, match=r"states\.nothing"):
        field("states.nothing")


@pytest.mark.parametrize(("table", "declared"), DECLARED, ids=paths())
def test_names_hide_no_attribute_of_arrays_and_declarations_are_whole(table: str, declared: Field) -> None:
    for kind in (np.ndarray, np.recarray, np.record):
        assert not hasattr(kind, declared.name), f"record.{declared.name} would be read as the array's own"
    assert declared.name.isidentifier()
    assert declared.unit
    assert declared.meaning
    assert set(declared.shape) <= set(asdict(SIZES))
    if declared.kind != ID:
        assert declared.low < declared.high


def test_tables_hide_no_attribute_of_arrays() -> None:
    assert [table for table in TABLES if hasattr(np.record, table)] == []


@pytest.mark.parametrize(("table", "declared"), DECLARED, ids=paths())
def test_flat_view_and_field_access_agree(table: str, declared: Field) -> None:
    """Write through the field and find it in the vector, in place and nowhere else; then the other way round."""
    record = np.zeros(1, world_dtype(SIZES))
    flat = flat_view(record)
    values = np.arange(1, record[table][declared.name].size + 1).reshape(record[table][declared.name].shape)
    record[table][declared.name] = values
    found = np.flatnonzero(flat.view(np.int64))
    assert len(found) == values.size
    assert sorted(flat[found].view(declared.kind)) == sorted(np.asarray(values.ravel(), declared.kind))
    flat[:] = 0.0
    assert not record[table][declared.name].any()
    for place in found[:: max(1, len(found) // 7)]:
        flat.view(np.int64)[place] = np.asarray([42], declared.kind).view(np.int64)[0]
        assert np.count_nonzero(record[table][declared.name]) == 1
        assert record[table][declared.name].max() == 42
        flat[place] = 0.0


def pair_name(world: World, table: str, place: int) -> str:
    """Return the name of a row that two others name."""
    first, of_first, second, of_second = PAIRS[table]
    row = world.record[table][0, place]
    return f"{getattr(world.names, of_first)[row[first]]}>{getattr(world.names, of_second)[row[second]]}"


def names_along(world: World, table: str, declared: Field, place: tuple[int, ...]) -> str | None:
    """Return the address of one element of a field, or None where its dimensions have no names."""
    words: list[str] = []
    dims = (*TABLES[table][1], *declared.shape)
    for dimension, i in zip(dims, place, strict=True):
        if dimension in PAIRS:
            words.append(pair_name(world, dimension, i))
        elif dimension == "slots":
            sector = world.record["sectors"][0, place[dims.index("sectors")]]
            if sector["seller"][i] < 0:
                return None
            words.append(world.names.firms[sector["seller"][i]])
        elif hasattr(world.names, dimension):
            words.append(getattr(world.names, dimension)[i])
        else:
            words.append(str(i))
    n = len(TABLES[table][1])
    outer, inner = ",".join(words[:n]), ",".join(words[n:])
    return f"{table}{f'[{outer}]' if outer else ''}.{declared.name}{f'[{inner}]' if inner else ''}"


@pytest.mark.parametrize(("table", "declared"), MEASURED, ids=[f"{table}.{f.name}" for table, f in MEASURED])
def test_addresses_find_the_same_number_as_field_access(world: World, table: str, declared: Field) -> None:
    record = world.record.copy()
    flat = flat_view(record).view(np.int64)
    shape = shape_of(table, declared, world.sizes)
    generator = np.random.default_rng(3)
    for _ in range(min(12, int(np.prod(shape)))):
        place = tuple(int(generator.integers(n)) for n in shape)
        text = names_along(world, table, declared, place)
        if text is None:
            continue
        (address,) = resolve(text, world)
        assert address.text == text
        before = flat[address.offset]
        assert np.asarray(record[table][declared.name][(0, *place)]).view(np.int64) == before
        record[table][declared.name][(0, *place)] = 1
        assert flat[address.offset] == np.asarray([1], declared.kind).view(np.int64)[0]
        flat[address.offset] = before


@pytest.mark.parametrize(("table", "declared"), MARKS, ids=[f"{table}.{f.name}" for table, f in MARKS])
def test_ids_dates_flags_and_places_in_tables_have_no_address(world: World, table: str, declared: Field) -> None:
    text = names_along(world, table, declared, (0,) * len(shape_of(table, declared, world.sizes)))
    assert text is not None
    with pytest.raises(InputError, match=rf"{table}\.{declared.name} is no measured number but a mark"):
        resolve(text, world)
