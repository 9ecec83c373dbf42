"""A corpus of BEIR: its passages are products, and some have no title."""

from __future__ import annotations

from endcap.index.fields import FieldMap
from endcap.index.readers.format_records import OwnerFormat

FORMATS = (
    OwnerFormat(
        "beir",
        FieldMap.parse("id=_id,description=text").product,
        (frozenset({"_id", "title", "text"}),),
        may_lack_titles=True,
        order=50,
    ),
)
