"""What goes with another thing, as shops say it: words before what it fits, and nouns of things that fit others.

Data of the words' languages side by side; a product's title may be in any of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import zip_longest

from endcap.language.languages import LANGUAGES
from endcap.language.small_words import STOP_WORDS
from endcap.language.text import has_digit, normalised, word_set, words_in

_FITS = re.compile(
    r"(?<![^\W_])(?:for|f/|to\s+fit|equivalent|alternative\s+to|fits?|fitting|compatible|suitable|replaces|works\s+with|uses|für|passend|kompatibel|geeignet|zu|"
    r"para|compatibles?|pour|convient|voor|geschikt)(?:(?<=/)|(?![^\W_]))",
    re.IGNORECASE,
)
"""Behind one of these stands what a product goes with: English, German, Spanish, French, and the Dutch "for"."""
_WITH = re.compile(
    r"(?<![^\W_])(?:with|includ\w+|incl\.?|mit|inkl\.?|con|incluye|avec)(?![^\W_])[^,;(\[|]*|(?<![^\W_])w/[^,;(\[|]*",
    re.IGNORECASE,
)
"""What comes with it, up to the next comma."""
_MISFIT = re.compile(
    r"(?<![^\W_])(?:not\s+(?:for|compatible|suitable|fit|intended|work)|(?:doesn't|don't|won't|does\s+not|do\s+not|will\s+not)\s+(?:fit|work)"
    r"|nicht\s+(?:fur|passend|geeignet|kompatibel)|no\s+(?:es\s+)?(?:para|compatible|apt[oa]|sirve)"
    r"|(?:pas|non)\s+(?:pour|compatible|adaptee?s?))(?![^\W_])[^.;\n]*"
)
"""What a product does not fit, up to the end of the sentence, in a normalised text."""
_MISFIT_SIGNS = frozenset(("not", "t", "nicht", "no", "pas", "non"))
"""Of these words a text with such a sentence has one."""
_FEW = 60
"""Characters behind such a word that say what is fitted."""
_COMPATIBILITY = re.compile(
    r"compat|kompatib|\bfits?\b|\bfor\b|suitable|passend|geeignet|\bfür\b|\bpara\b|\bpour\b", re.IGNORECASE
)
"""In the name of an attribute."""


def _in_all_languages(words: str) -> frozenset[str]:
    """Words as readers of each language have them: the Spanish singular of "funda" is none that English knows."""
    return frozenset(word for code in LANGUAGES for word in words_in(normalised(words), (code,)))


_NOUNS = """
accessory adapter antenna armband backplate bag band battery belt blade bracket bracelet brush bulb bumper bundle
cable cap carrier cartridge case charger charging clip connector controller cord cover cradle cushion decal dock drum
earpad film filter foil fuser glass glove grip guard hanger harness head headband hinge holder holster hose housing
hub ink heatsink insole jacket keycap knob lace shoelace lanyard lid mat mount nib nozzle pad pedal pen plug pocket
pouch protector rail refill remote repair replacement ribbon rim rack roller sack seal shell shield skin sleeve socket
spare spool stand sticker strap gasket jug plate carafe spout impeller whisk beater paddle basket attachment brushroll
fitting crisper shelf stylus subwoofer tip tire toner tray tripod tube wallet warranty wipe hülle tasche schutz folie
kabel akku batterie netzteil ladegerät halter halterung ständer patrone trommel zubehör ersatz ersatzteil armband
riemen filter deckel stift etui beutel rucksack adapter tinte funda cargador batería correa soporte protector tóner
cartucho tinta accesorio repuesto recambio cristal vidrio mando bolsa tapa filtro adaptador carcasa lámina película
coque étui housse chargeur câble batterie verre film cartouche encre accessoire pièce rechange sangle sacoche dichtung
dichtungen klinge klingen messer krug bürste einsatz sieb blech schublade junta cuchilla jarra aspa cepillo cesta
rejilla placa vaso joint lame plaque couvercle bol cuve panier brosse bac couteau fouet support adaptateur filtre
bracelet socle télécommande lingette multipack sparpack vorteilspack voordeelverpakking lead eyecup eyepiece chuck
folio wand portafilter diffuser grille liner hood schlauch düse brühgruppe heizstab mahlwerk bohrfutter manguera
tubo bandeja boquilla portafiltro correas tuyau flexible verseuse embout mandrin fusible sac
"""
ACCESSORIES = _in_all_languages(_NOUNS) | {"accessoire", "ersatz"}
"""Singular words for what is made to fit something else. A battery is a product too: it only counts where another
product of the same number is none of these."""

_COMPOUND = re.compile(
    r"(?:hulle|tasche|folie|kabel|akku|batterie|netzteil|gerat|halterung|halter|stander|patrone|toner|adapter|filter|"
    r"armband|riemen|deckel|stift|etui|zubehor|teil|schale|gurt|kissen|polster|dichtung|klinge|krug|burste|pumpe|sieb|beutel|einsatz)$"
)
"""How a German compound of them ends, without accents: Displayschutzfolie, Ladekabel."""
_LETTERS_OF_A_NUMBER = 3
_COMPOUND_FROM = 8
"""Letters of the shortest word that is taken for a compound."""


_SPARE = _in_all_languages(
    "replacement spare replace ersatz ersatzteil repuesto recambio reemplazo rechange remplacement aftermarket"
)
"""Words that make of any noun beside them a part of something else: "replacement jug", "cuchilla de recambio"."""


def is_accessory_word(word: str) -> bool:
    """Whether a singular normalised word names what is made to fit something else."""
    return (
        word in ACCESSORIES
        or word.startswith("ersatz")
        or (len(word) >= _COMPOUND_FROM and _COMPOUND.search(word) is not None)
    )


_QUALITIES = _in_all_languages(
    """
black white grey gray silver gold red blue green yellow pink purple brown beige orange clear transparent
leather silicone plastic metal steel rubber nylon fabric wood glass carbon new original genuine universal slim
large small long short pack set kit unit module assembly control piece pair lithium alkaline cyan magenta
schwarz weiß weiss grau silber rot blau grün gelb rosa braun leder silikon metall stahl neu klein groß negro
blanco gris plata rojo azul verde amarillo rosa marrón cuero silicona metal nuevo original noir blanc argent
rouge bleu vert jaune rose marron cuir métal neuf trempé templado
"""
)
"""Words behind a noun that say what it is like, and not that it is another thing ("leather sleeve black")."""


_OF = frozenset(("a", "al", "d", "de", "del", "des", "du"))
"""Spanish and French words behind a noun that is told more closely: "filtro de agua", "sac à poussière"."""


def names_accessory(words: Sequence[str]) -> bool:
    """Whether a title's words name an accessory. A noun before another one only tells its kind: a stand mixer is a
    mixer, a belt sander no belt."""
    for word, following, third in zip_longest(words, words[1:], words[2:], fillvalue=""):
        is_number = len(following) <= _LETTERS_OF_A_NUMBER and has_digit(third)  # "charger TB-900"
        ends = not following.isalpha() or is_number or following in _QUALITIES or following in STOP_WORDS | _OF
        if word in _SPARE or (is_accessory_word(word) and (ends or is_accessory_word(following))):
            return True
    return False


def parts_by_fit(title: str) -> tuple[str, str]:
    """A title up to the first word behind which stands what the product goes with, and what stands there.

    What comes with it is left out of the first part. The text is as its owner wrote it: without its accent "für" would
    be an English fur.
    """
    cut = _FITS.search(title)
    before, after = (title[: cut.start()], title[cut.end() :]) if cut else (title, "")
    if cut and not before.strip():  # "For children: ...", "For X12, case"
        after, _, before = after.partition(",")
    return _WITH.sub(" ", before), after


def misfits_out(normalised_text: str) -> str:
    """A text without what it says that a product does not fit: "Not for the X12." names no X12."""
    if word_set(normalised_text).isdisjoint(_MISFIT_SIGNS):
        return normalised_text
    return _MISFIT.sub(" ", normalised_text)


def fitted_in(text: str) -> list[str]:
    """The few words behind each "for", "fits" or "compatible" of a text, as its owner wrote it."""
    return [text[match.end() : match.end() + _FEW] for match in _FITS.finditer(text)]


@lru_cache(maxsize=10_000)
def is_of_compatibility(name: str) -> bool:
    """Whether an attribute of this name says what a product fits."""
    return _COMPATIBILITY.search(name) is not None
