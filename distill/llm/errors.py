"""What can go wrong between us and an endpoint.

EndpointError           the work stops: refused key, wrong address, nothing but failures
├── CostCapError        the next request could cost more than ``llm.max_cost`` allows
└── UnansweredError     one request was not answered in all its attempts; others may be
RefusedError            one request is refused for what it holds; asking again would not help
"""

from __future__ import annotations

from endcap.errors import EndcapError


class EndpointError(EndcapError):
    """The endpoint refuses, fails or can't be reached; what was answered before is kept."""


class CostCapError(EndpointError):
    """The next request could cost more than the recipe allows; what was answered before is kept."""


class UnansweredError(EndpointError):
    """A request was not answered in all its attempts."""


class RefusedError(EndcapError):
    """A request is refused for what it holds, as one that is too long."""
