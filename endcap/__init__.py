"""endcap puts the right products on the first page: a small student model re-ranks a search engine's results.

The rooms, from the ground up; ``docs/architecture.md`` draws who imports whom:

    endcap.language    reads shops' words    a file a language: words, units, denials
    endcap.index       finds candidates      products, readers, engines
    endcap.plugin      re-ranks them         the student's runtime and the middleware
    endcap.evaluate    says if it's better   measures, significance, reports
    endcap.distill     makes the student     (needs ``pip install endcap[distill]``)
    endcap.storefront  shows it              a page on any shop
    endcap.demo        is a shop             a generated catalogue with judgments
    endcap.cli         the front door
"""

import os

# Before anything imports ONNX Runtime: from 1.29 on its import starts threads that report its use to its maker, keep an
# identifier in the user's cache folder, and crash or hang a forked child when it exits. What the user has set stays.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"
