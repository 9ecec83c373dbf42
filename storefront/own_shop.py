"""A shop of somebody's own: an index that is there already, or a catalogue's file that is loaded first."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from endcap.evaluate.open_catalogue import open_catalogue
from endcap.index.engine import Engine
from endcap.index.field_map import FieldMap
from endcap.index.judgments.id_match import match_engine
from endcap.index.judgments.judgments import Judgments
from endcap.index.readers.reading import Reading
from endcap.index.settings import IndexSettings
from endcap.plugin.model.student import Student
from endcap.plugin.states.fill import fill
from endcap.plugin.states.read_ahead import document_memories
from endcap.plugin.states.store import StateStore
from endcap.progress import Watch, unwatched
from endcap.storefront.picture_files import PictureFolder
from endcap.storefront.shop import Shop, make_shop

LOG = logging.getLogger("endcap.storefront")


def open_own_shop(
    name: str,
    settings: IndexSettings,
    engine: Engine,
    fields: FieldMap,
    model: Path | None,
    *,
    judgments: Judgments | None = None,
    unknown_ids: float | None = None,
    pictures: Path | None = None,
    read_in_advance: bool = False,
    deadline_ms: float | None = None,
    warn: Callable[[str], None] = LOG.warning,
    watch: Watch = unwatched,
) -> Shop:
    """A shop on somebody's own index. ``pictures`` is a folder that relative paths of images are looked up in.

    ``read_in_advance`` reads all products before the first search. Else each is read when it is first found, as far as
    ``deadline_ms`` lets it. ``warn`` is told of judged products that the index lacks. Raises ``InputError`` where
    those are more than the share ``unknown_ids`` (``share_allowed``).
    """
    if judgments is not None:
        unmatched = match_engine(judgments.grades, engine, settings.index or settings.name)
        if warning := unmatched.check(judgments.name, unknown_ids):
            warn(f"{warning}.")
    student, states = Student.load(model), StateStore.open()
    if read_in_advance:
        with watch("Reading products in advance", engine.count()) as advance:
            memories = document_memories(student, languages=settings.languages)
            fill(states, student, engine.products(), progress=advance, memories=memories)
    shop = make_shop(name, settings, engine, fields, student, states, judgments=judgments, deadline_ms=deadline_ms)
    return shop if pictures is None else replace(shop, pictures=PictureFolder(pictures))


def open_file_shop(
    catalogue: Path,
    model: Path,
    *,
    url: str = "",
    reading: Reading = Reading(),  # noqa: B008 (frozen)
    body: str = "",
    judgments: Judgments | None = None,
    unknown_ids: float | None = None,
    deadline_ms: float | None = None,
    warn: Callable[[str], None],
    watch: Watch = unwatched,
) -> Shop:
    """The shop of a catalogue's file or folder, read in advance; its pictures lie beside it.

    It is loaded into the cluster at ``url``, or where that is empty into the embedded engine. ``warn`` is called with
    what the catalogue lacks. Raises ``InputError`` where it can't be read.
    """
    opened = open_catalogue(str(catalogue), url=url, reading=reading, body=body, watch=watch)
    for warning in opened.warnings:
        warn(warning)
    return open_own_shop(
        shop_name(catalogue.name),
        IndexSettings(name=opened.index, engine="opensearch" if url else "embedded", url=url, body=body),
        opened.shop.engine,
        opened.shop.fields,
        model,
        judgments=judgments,
        unknown_ids=unknown_ids,
        pictures=catalogue if catalogue.is_dir() else catalogue.parent,
        read_in_advance=True,
        deadline_ms=deadline_ms,
        warn=warn,
        watch=watch,
    )


def shop_name(file: str) -> str:
    """A name for people from that of a file: ``garden_tools-2.csv.gz`` is "garden tools 2"."""
    return re.sub(r"[-_]+", " ", Path(file).name.split(".")[0]).strip() or file
