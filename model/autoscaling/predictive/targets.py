"""Which target group a ResourceLabel means."""

from __future__ import annotations

from model.autoscaling.resources import AutoScalingGroup
from model.elb.resources import TargetGroup
from model.elb.service import Elb
from model.stack import Stack


def target_dimensions(
    stack: Stack, elb: Elb, group: AutoScalingGroup, label: str
) -> dict[str, str]:
    """The dimensions of the metrics of the group's target group that a label means (the first, if
    it is none of them)."""
    attached = [stack.resources[name] for name in group.target_group_arns]
    own = [target_group for target_group in attached if isinstance(target_group, TargetGroup)]
    target_group = next((item for item in own if label.endswith(item.full_name)), own[0])
    owner = elb.groups[target_group.logical_id].balancer
    name = label.partition("/targetgroup/")[0]
    if owner is not None:
        name = elb.balancers[owner].resource.dimension[1]
    return {"LoadBalancer": name, "TargetGroup": target_group.full_name}
