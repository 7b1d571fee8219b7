"""The resources of the namespaces AWS::ElasticLoadBalancingV2 and AWS::ElasticLoadBalancing."""

from model.elb.resources.actions import (
    Action,
    FixedResponseConfig,
    ForwardConfig,
    RedirectConfig,
    TargetGroupTuple,
)
from model.elb.resources.balancers import LoadBalancer, SubnetMapping
from model.elb.resources.classic import ClassicLoadBalancer, ClassicPort
from model.elb.resources.conditions import Condition
from model.elb.resources.listeners import Certificate, Listener, ListenerRule
from model.elb.resources.target_groups import TargetGroup
from model.elb.resources.targets import Matcher

AnyListener = Listener | ClassicPort
"""A port of whatever load balancer."""

__all__ = [
    "Action",
    "AnyListener",
    "Certificate",
    "ClassicLoadBalancer",
    "ClassicPort",
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
