"""The shapes that shops give attributes in: pairs of a name and a value, whatever the two are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from endcap.index.written_values import written_value

_NAME_WORDS = (
    "name key label attribute_name attribute_label attributeName displayName display_name property feature "
    "field attribute_code attributeCode code attribute title k id slug"
)
_VALUE_WORDS = (
    "value values option options data amount text label displayValue display_value attribute_value attributeValue "
    "attributeValues valueText value_text numericValue numeric_value v content"
)
_ASIDE_WORDS = "@type type id position order locale lang language scope visible variation group"
_NAMES, _VALUES = _NAME_WORDS.split(), _VALUE_WORDS.split()
_UNITS = ("unit", "units", "uom", "unitText", "unit_text", "unitCode", "unit_code", "measure")
_ASIDE = {*_UNITS, *_ASIDE_WORDS.split()}
"""What stands beside a name and a value, and is neither."""
_GROUPS = ("attributes", "features", "specs", "specifications", "properties", "items")


def attribute_pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """(name, value) of each attribute; "" where it has no name, a value with a unit as "2 kg".

    Read are a mapping of names, lists of records with a name and one or several values, lists of one-entry mappings,
    groups of such lists, and any of these as a text, in JSON's words or Python's.
    """
    if isinstance(value, str):
        value = written_value(value)
    if isinstance(value, Mapping):
        if _is_record(value):
            yield from _of_record(value)
        else:
            for name, item in value.items():
                records = item if isinstance(item, list) else [item]
                if len(value) == 1 and records and all(isinstance(r, Mapping) and _is_record(r) for r in records):
                    yield from attribute_pairs(records)  # {"attribute": [{"name": …, "value": …}]}, as XML has it
                else:
                    yield str(name), _with_unit(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            if isinstance(item, Mapping):
                yield from _of_record(item)
            else:
                yield "", item
    else:
        yield "", value


def _is_record(value: Mapping[str, Any]) -> bool:
    """Whether a lone mapping is one attribute, as an engine gives back a list of one: a name, a value, nothing else."""
    name, item = _first(value, ("name", "key", "attribute_code")), _first(value, ("value", "values"))
    return bool(name and item) and isinstance(value[name], str) and set(value) <= {name, item} | _ASIDE


def _of_record(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if not _first(record, _NAMES) and not _first(record, _GROUPS):
        small = {name.lower() if name.isupper() else name[:1].lower() + name[1:]: item for name, item in record.items()}
        record = small if _first(small, _NAMES) and _first(small, _VALUES) else record
    name = _first(record, _NAMES)
    item = _first(record, _VALUES, but=name)
    group = next((key for key in _GROUPS if isinstance(record.get(key), (list, Mapping))), "")
    if group and not item:
        yield from attribute_pairs(record[group])
    elif name and item:
        yield _name(record[name]), _with_unit(record[item], record)
    elif name and (rest := [value for key, value in record.items() if key != name and key not in _ASIDE]):
        if name in ("name", "key", "label", "attribute_code"):
            yield _name(record[name]), rest
        else:
            yield from ((str(key), _with_unit(value)) for key, value in record.items())
    elif name and name not in ("id", "slug", "code"):
        yield "", record[name]
    elif item and len(record) > 1:
        yield "", _with_unit(record[item], record)
    else:
        yield from ((str(key), _with_unit(value)) for key, value in record.items())


def _name(value: Any) -> str:
    """A name in words; one that is an object with a name of its own has that."""
    if isinstance(value, Mapping) and (inner := _first(value, _NAMES)):
        return _name(value[inner])
    if isinstance(value, Mapping) and len(value) == 1:
        return _name(*value.values())
    return "" if value is None else str(value)


def _with_unit(value: Any, record: Mapping[str, Any] = {}) -> Any:
    """A value, or several, each with the unit that stands beside it."""
    unit = _first(record, _UNITS)
    if isinstance(value, (list, tuple)):
        return [_with_unit(item, {unit: record[unit]} if unit else {}) for item in value]
    if isinstance(value, Mapping):
        inner = _first(value, _VALUES)
        if inner and (set(value) <= {inner} | _ASIDE | set(_NAMES)):
            return _with_unit(value[inner], value if _first(value, _UNITS) else record)
        return {name: _with_unit(item) for name, item in value.items()}
    if not unit or value in (None, "") or isinstance(value, bool):
        return value
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    return f"{number} {_name(record[unit])}".strip()


def _first(record: Mapping[str, Any], names: Any, but: str = "") -> str:
    return next((name for name in names if name != but and record.get(name) not in (None, "", [])), "")
