"""The resources of the namespace AWS::ElasticLoadBalancingV2."""

from model.elb.resources.actions import (
    Action,
    FixedResponseConfig,
    ForwardConfig,
    RedirectConfig,
    TargetGroupTuple,
)
from model.elb.resources.balancers import LoadBalancer, SubnetMapping
from model.elb.resources.conditions import Condition
from model.elb.resources.listeners import Certificate, Listener, ListenerRule
from model.elb.resources.target_groups import Matcher, TargetGroup

__all__ = [
    "Action",
    "Certificate",
    "Condition",
    "FixedResponseConfig",
    "ForwardConfig",
    "Listener",
    "ListenerRule",
    "LoadBalancer",
    "Matcher",
    "RedirectConfig",
    "SubnetMapping",
    "TargetGroup",
    "TargetGroupTuple",
]
