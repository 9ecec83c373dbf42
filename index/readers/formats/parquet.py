"""Records of Parquet files, in batches."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.index.readers.files import CHUNK_BYTES, Source, seekable
from endcap.index.readers.format_records import FileFormat
from endcap.index.readers.record import MAX_RECORD_BYTES, Fault, Items, Place, Record, too_large

BATCH_ROWS = 512


def read_parquet(source: Source) -> Items:
    """The rows as records of their columns' names. Raises ``InputError`` where the file is not Parquet."""
    pa, pq = _pyarrow(source)
    with seekable(source) as path:
        yield from _rows(pa, pq, path, source)


def _rows(pa: Any, pq: Any, path: Path, source: Source) -> Items:
    try:
        file = pq.ParquetFile(path, buffer_size=CHUNK_BYTES, pre_buffer=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{source.name}: not a whole Parquet file ({_first_line(error)}). Fetch it again.") from error
    number, rows = 0, max(1, file.metadata.num_rows)
    with file:
        batches = file.iter_batches(batch_size=BATCH_ROWS)
        while True:
            try:
                batch = next(batches, None)
            except (pa.ArrowException, OSError, ValueError) as error:
                place = Place(source.name, number + 1, "row")
                detail = f"the file is damaged ({_first_line(error)}). Fetch it again."
                yield Fault(place, "truncated file", detail)
                return
            if batch is None:
                return
            for item in _items(batch, source.name, number + 1):
                number += 1
                yield item
            source.tell(number / rows)


def schema_names(source: Source) -> list[str]:
    """The columns' names."""
    pa, pq = _pyarrow(source)
    try:
        with seekable(source) as path:
            return [str(name) for name in pq.read_schema(path).names]
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{source.name}: not a whole Parquet file ({_first_line(error)}). Fetch it again.") from error


def _pyarrow(source: Source) -> tuple[Any, Any]:
    """pyarrow and its Parquet module; not part of a serving install, because they are large."""
    try:
        import pyarrow  # type: ignore[import-untyped]
        import pyarrow.parquet  # type: ignore[import-untyped]
    except ImportError as error:
        raise InputError(f"{source.name}: Parquet needs pyarrow. Install it: pip install 'endcap[parquet]'.") from error
    return pyarrow, pyarrow.parquet


def _items(batch: Any, file: str, first: int) -> Items:
    try:
        rows = [json_ready(row) for row in batch.to_pylist()]
    except (ValueError, OverflowError, ImportError):  # One bad value; find whose it is.
        rows = [None] * batch.num_rows
    for index, row in enumerate(rows):
        place = Place(file, first + index, "row")
        item = Record(place, row) if row is not None else _one_row(batch, index, place)
        if isinstance(item, Record) and _size(item.value) > MAX_RECORD_BYTES:
            text = " ".join(value for value in item.value.values() if isinstance(value, str))
            item = too_large(place, text[:MAX_RECORD_BYTES].encode())
        yield item


def _one_row(batch: Any, index: int, place: Place) -> Record | Fault:
    value = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            value[str(name)] = json_ready(column[index].as_py())
        except UnicodeDecodeError:
            return Fault(place, "not UTF-8", f"column {name!r} holds text that is not UTF-8.")
        except (ValueError, OverflowError, ImportError) as error:
            return Fault(place, "odd value", f"column {name!r} holds a value that can't be read ({error}).")
    return Record(place, value)


def _size(value: Any) -> int:
    """About how many bytes a value takes as text."""
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, Mapping):
        return sum(_size(item) for item in value.values())
    return sum(map(_size, value)) if isinstance(value, list) else 8


def json_ready(value: Any) -> Any:
    """A value that JSON can hold: dates in ISO 8601, bytes as their UTF-8 text, decimals as floats."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, Mapping):
        return {str(name): json_ready(item) for name, item in value.items()}
    if isinstance(value, list) and value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
        return _mapping(value)
    if isinstance(value, (list, tuple)):
        return [json_ready(item) for item in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return str(value)


def _mapping(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    """A MAP, which pyarrow gives as pairs; of a key that stands twice all values are kept."""
    values: dict[str, list[Any]] = {}
    for name, value in pairs:
        values.setdefault(str(json_ready(name)), []).append(json_ready(value))
    return {name: several[0] if len(several) == 1 else several for name, several in values.items()}


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


FORMATS = (FileFormat("parquet", (".parquet",), read_parquet, 40, magic=b"PAR1", columns=True, schema=schema_names),)
