"""The resources of the namespace AWS::SNS, as CloudFormation describes them."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from model.resources import Resource


@frozen(kw_only=True)
class Topic(Resource):
    """A topic that takes messages. What it delivers is recorded."""

    TYPE: ClassVar[str] = "AWS::SNS::Topic"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "ArchivePolicy",
            "ContentBasedDeduplication",
            "DataProtectionPolicy",
            "DeliveryStatusLogging",
            "DisplayName",
            "FifoThroughputScope",
            "FifoTopic",
            "KmsMasterKeyId",
            "MaximumMessageSize",
            "SignatureVersion",
            "Subscription",
            "Tags",
            "TracingConfig",
        }
    )

    topic_name: str | None = None
