"""A corpus of BEIR: its passages are products, and some have no title."""

from endcap.index.field_map import FieldMap
from endcap.index.readers.format_records import OwnerFormat

_FIELDS = FieldMap.parse("id=_id,description=text")
FORMATS = (OwnerFormat("beir", _FIELDS.product, ("_id title text",), 50, may_lack_titles=True),)
