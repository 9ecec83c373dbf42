"""Where endcap keeps its things."""

import os
from pathlib import Path


def home() -> Path:
    """The folder of settings, embedded catalogues and states; it need not exist yet.

    ``$ENDCAP_HOME``, else the nearest ``.endcap/`` at or above the working directory, else ``~/.local/share/endcap``.
    """
    if variable := os.environ.get("ENDCAP_HOME"):
        return Path(variable).expanduser().absolute()
    working = Path.cwd()
    for folder in (working, *working.parents):
        if (folder / ".endcap").is_dir():
            return folder / ".endcap"
    return Path.home() / ".local" / "share" / "endcap"
