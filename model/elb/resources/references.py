"""What resources of Elastic Load Balancing refer to."""

from __future__ import annotations

from typing import Annotated

from model.fields import refers_to

BalancerRef = Annotated[str, refers_to("AWS::ElasticLoadBalancingV2::LoadBalancer")]
ClassicRef = Annotated[str, refers_to("AWS::ElasticLoadBalancing::LoadBalancer")]
GroupRef = Annotated[str, refers_to("AWS::ElasticLoadBalancingV2::TargetGroup")]
ListenerRef = Annotated[str, refers_to("AWS::ElasticLoadBalancingV2::Listener")]
RuleRef = Annotated[str, refers_to("AWS::ElasticLoadBalancingV2::ListenerRule")]
