"""Pictures of products that lie in a folder beside the catalogue; nothing outside of it is ever read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MEDIA_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
}
MAX_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's bytes, and its media type."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class PictureFolder:
    """The folder that a catalogue's relative image paths start from."""

    folder: Path

    def find(self, image: str) -> Path | None:
        """The file that a product's image names; None for an address, and where there is no such picture inside."""
        if not image or "\0" in image or Path(image).suffix.lower() not in MEDIA_TYPES:
            return None
        try:
            path, root = (self.folder / image).resolve(), self.folder.resolve()
            # a link that leads out of the folder is resolved, too
            return path if path.is_relative_to(root) and path.is_file() else None
        except (OSError, ValueError, RuntimeError):  # a name that is too long, a loop of links
            return None

    def read(self, image: str) -> Picture | None:
        """The picture; None where there is none, or one of more than ``MAX_BYTES``."""
        path = self.find(image)
        try:
            if path is None or path.stat().st_size > MAX_BYTES:
                return None
            return Picture(path.read_bytes(), MEDIA_TYPES[path.suffix.lower()])
        except OSError:
            return None
