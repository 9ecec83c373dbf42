"""What WooCommerce's export calls its columns: it writes their names in the language of the shop's pages."""

from __future__ import annotations

import re

from endcap.index.readers.format_records import plain_name

_WORDS = {
    "ID": "ID",
    "Type": "Typ, Tipo, Rodzaj, Tyyppi",
    "SKU": "Artikelnummer, UGS, Artikel-Nr., Numer SKU, Código SKU, Varenummer",
    "Name": "Nom, Nombre, Nome, Naam, Nazwa, Namn, Navn, Název, Nimi",
    "Parent": "Übergeordnet, Übergeordnetes Produkt, Eltern, Superior, Principal, Padre, Genitore, Hoofd, "
    "Hoofdproduct, Bovenliggend, Ascendente, Nadrzędny, Rodzic, Överordnad, Overordnet, Förälder, Nadřazený",
    "Published": "Veröffentlicht, Publié, Publicado, Pubblicato, Gepubliceerd, Opublikowano, Publicerad, Udgivet",
    "Visibility in catalog": "Sichtbarkeit im Katalog, Visibilité dans le catalogue, Visibilidad en el catálogo, "
    "Visibilità nel catalogo, Zichtbaarheid in catalogus, Visibilidade no catálogo, Widoczność w katalogu",
    "Short description": "Kurzbeschreibung, Description courte, Descripción corta, Breve descrizione, "
    "Descrizione breve, Korte beschrijving, Descrição curta, Breve descrição, Krótki opis, Kort beskrivning",
    "Description": "Beschreibung, Descripción, Descrizione, Beschrijving, Descrição, Opis, Beskrivning, Beskrivelse",
    "Sale price": "Angebotspreis, Tarif promo, Prix promo, Precio rebajado, Prezzo in offerta, Actieprijs, "
    "Aanbiedingsprijs, Preço promocional, Cena promocyjna, Reapris, Tilbudspris",
    "Regular price": "Regulärer Preis, Normaler Preis, Tarif régulier, Prix régulier, Precio normal, "
    "Prezzo di listino, Reguliere prijs, Normale prijs, Preço, Preço normal, Cena, Cena regularna, Ordinarie pris",
    "Categories": "Kategorien, Catégories, Categorías, Categorie, Categorieën, Categorias, Kategorie, Kategorier",
    "Tags": "Schlagwörter, Étiquettes, Etiquetas, Tag, Tagi, Znaczniki, Etiketter",
    "Images": "Bilder, Imágenes, Immagini, Afbeeldingen, Imagens, Obrazki, Billeder",
    "Brands": "Marken, Marques, Marcas, Marchi, Merken, Marki, Varumärken",
    "GTIN": "GTIN, UPC, EAN, or ISBN; GTIN, UPC, EAN oder ISBN; GTIN, UPC, EAN ou ISBN; GTIN, UPC, EAN o ISBN; "
    "GTIN, UPC, EAN of ISBN; GTIN, UPC, EAN lub ISBN",
}
"""Each column in English, and in German, French, Spanish, Italian, Dutch, Portuguese, Polish, and some Nordic words."""
_COLUMNS = {
    plain_name(word): column
    for column, several in _WORDS.items()
    for word in (column, *several.split("; " if column == "GTIN" else ", "))
}
_ATTRIBUTE = re.compile(r"\b(?:attribut|attribuut|atribut|atrybut)", re.IGNORECASE)
_NAME_WORDS = ("name", "nom", "nombre", "nome", "naam", "nazwa", "namn", "navn", "název")
_VALUE_WORDS = ("value", "wert", "valeur", "valor", "valore", "waarde", "wartoś", "värde", "værdi", "hodnot")


def own_name(name: str) -> str:
    """The English name of a column, however it is written; any other name as it is."""
    if (known := _COLUMNS.get(plain_name(name))) is not None:
        return known
    number = re.search(r"\d+", name)
    if number is None or name.startswith("Meta:") or not _ATTRIBUTE.search(name):
        return name
    words = re.findall(r"[^\W\d_]+", name.casefold())
    if any(word.startswith(_VALUE_WORDS) for word in words):
        return f"Attribute {number[0]} value(s)"
    return f"Attribute {number[0]} name" if any(word in _NAME_WORDS for word in words) else name
