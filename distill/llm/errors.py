"""What can go wrong between us and an endpoint."""

from __future__ import annotations

from endcap.errors import EndcapError


class EndpointError(EndcapError):
    """The work stops: a refused key, a wrong address, nothing but failures. What was answered before is kept."""


class CostCapError(EndpointError):
    """The next request could cost more than the recipe allows; what was answered before is kept."""


class UnansweredError(EndpointError):
    """One request was not answered in all its attempts; others may be."""


class RefusedError(EndcapError):
    """One request is refused for what it holds, as one that is too long; asking again would not help."""
