"""What is counted of requests beside how they end."""

from __future__ import annotations

from enum import StrEnum


class Mark(StrEnum):
    """What is worth a metric about some requests, by that metric's name."""

    NO_PORT = "PortAllocationErrorCount"
    NON_STICKY = "NonStickyRequestCount"
    NON_COMPLIANT = "DesyncMitigationMode_NonCompliant_Request_Count"
    DROPPED_HEADER = "DroppedInvalidHeaderRequestCount"
    FORWARDED_HEADER = "ForwardedInvalidHeaderRequestCount"
