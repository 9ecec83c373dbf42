"""Make ``language/word_languages.npz``: how common words are in 24 languages of Latin letters.

    pip install wordfreq==3.1.1                                       # not needed by endcap itself
    python benchmarks/word_languages.py language/word_languages.npz

The words are the 14,000 commonest ones of each language, 24,000 where words have many forms (wordfreq 3.1.1, whose data
are CC BY-SA 4.0: see NOTICE), but for those in ``neutral_words.txt``: names of makers, what names are made of ("de la",
"château"), and what shops everywhere say ("wireless", "eau de parfum"). They tell nothing of a shop's language. A file
holds for each word, in the order of their CRC-32 (``hashes``: the four bytes of the steps from one to the next, uint8
(4, n)), how common it is in each language (``levels``: uint8 (24, n), thirds of a power of ten above one in 30
millions; 0: not more common).
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from zlib import crc32

import click
import numpy as np

from endcap.language.word_languages import CODES, LEVELS_PER_POWER, WORD, hash_steps

COMMONEST = 14_000
MORE, INFLECTED = 24_000, ("fi", "pl", "cs", "hu", "tr", "ro", "hr", "sl", "sk", "lt", "lv")
LEAST_ZIPF = 1.5
OTHER_NAMES = {"no": "nb", "hr": "sh"}
NEUTRAL = Path(__file__).with_name("neutral_words.txt")


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
def main(target: Path) -> None:
    """Write the table."""
    from wordfreq import available_languages, freq_to_zipf, get_frequency_dict

    neutral = set(NEUTRAL.read_text(encoding="utf-8").split())
    large = available_languages("large")
    zipfs: list[dict[str, float]] = []
    for code in CODES:
        name = OTHER_NAMES.get(code, code)
        found = get_frequency_dict(name, "large" if name in large else "small")
        zipfs.append({word: freq_to_zipf(share) for word, share in found.items() if is_word(word)})
    words = {
        word
        for code, zipf in zip(CODES, zipfs, strict=True)
        for word in sorted(zipf, key=lambda w: (-zipf[w], w))[: MORE if code in INFLECTED else COMMONEST]
    } - neutral
    ordered = sorted(words, key=lambda word: (crc32(word.encode()), word))
    hashes = np.array([crc32(word.encode()) for word in ordered], dtype=np.uint32)
    levels = np.array([[zipf.get(word, 0.0) for word in ordered] for zipf in zipfs])
    levels = np.clip(np.round((levels - LEAST_ZIPF) * LEVELS_PER_POWER), 0, 255).astype(np.uint8)
    np.savez_compressed(target, hashes=hash_steps(hashes), levels=levels)
    click.echo(f"{len(ordered):,} words, {target.stat().st_size:,} bytes")


def is_word(word: str) -> bool:
    """Whether it is a word of Latin letters, as titles are split into."""
    return WORD.fullmatch(word) is not None and all("LATIN" in unicodedata.name(letter, "") for letter in word)


if __name__ == "__main__":
    main()
