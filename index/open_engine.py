"""The engine that an index's settings describe."""

from endcap.index.engine import Engine
from endcap.index.settings import IndexSettings
from endcap.index.stemming import ENGLISH


def open_engine(settings: IndexSettings) -> Engine:
    """The engine, ready to search or to be loaded. Nothing is asked of a cluster yet.

    Raises ``EngineError`` where an environment variable that should hold a secret is not set, or a CA file is missing.
    """
    if settings.engine == "embedded":
        from endcap.index.embedded.engine import EmbeddedEngine

        return EmbeddedEngine(settings.name, language=settings.language or ENGLISH)
    from endcap.index.opensearch.engine import OpenSearchEngine

    return OpenSearchEngine.from_settings(settings)
