"""Which fields a file's columns are likely to be, for advice: nothing is read by it unasked."""

from __future__ import annotations

import re
from collections.abc import Collection

from endcap.index.field_guess import USUAL_NAMES
from endcap.index.readers.format_records import plain_name

_MORE = {
    "id": "id _id sku product_id item_id objectID product_code product_number item_sku seller_sku article_number "
    "item_number number code handle uid uuid asin key reference artikelnummer artikelnr referenz referencia codigo "
    "reference_produit productnumber",
    "title": "titel bezeichnung produktname artikelname artikelbezeichnung nombre nom nome naam nazwa titre titulo "
    "item_title product",
    "brand": "brands marke hersteller marque marca merk marka manufacturer_name",
    "category": "product_category category_string categoria kategorie kategorien warengruppe categorie catégorie",
    "description": "beschreibung langtext descripcion descrizione beschrijving opis body_html long_text",
    "attributes": "attribute custom_attributes additional_attributes eigenschaften merkmale additionalProperty",
    "price": "regular_price price_gross standard_price preis verkaufspreis precio prix prezzo prijs cena",
    "image": "images image_link main_image image_src main_image_url bild bilder imagen picture_url cover_media_url",
}
"""What the fields are called besides, the likeliest first."""
_SIDE = re.compile(r"\(.*?\)|\[.*?\]")


def likely_map(columns: Collection[str]) -> str:
    """A map, as ``--fields`` takes it, of the columns that are likely to be a product's fields but not called so."""
    pairs = likely_columns(columns).items()
    return ",".join(f"{name}={path}" for name, path in pairs if name != path.strip().casefold())


def likely_columns(columns: Collection[str]) -> dict[str, str]:
    """For each field the column that it is likely to be, as a map has it; each column once."""
    found: dict[str, str] = {}
    for field in _MORE:
        column = _column(columns, field)
        if column and column not in found.values():
            found[field] = column
    return {field: re.sub(r"([\\,|=])", r"\\\1", column) for field, column in found.items()}


def _column(columns: Collection[str], field: str) -> str:
    words = [plain_name(word) for word in (field, *USUAL_NAMES.get(field, "").split(), *_MORE[field].split())]
    whole = {plain_name(_SIDE.sub("", column)): column for column in reversed(list(columns))}
    if known := next((whole[word] for word in words if word in whole), ""):
        return known
    ends = [word for word in words if len(word) > 3 and field in ("title", "description", "brand", "category", "price")]
    return next((column for word in ends for name, column in whole.items() if name.endswith(word)), "")


def advice(columns: Collection[str]) -> str:
    """What to say of columns that no format knows: the map to give, where one can be guessed."""
    likely = likely_map(columns)
    return (
        f'It may be --fields "{likely}".' if likely else "Say which field is which, as in --fields title=name,id=sku."
    )
