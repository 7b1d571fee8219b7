"""Everything that can be done to a world: importing this module fills the register of actions."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "model.autoscaling.health_moves",
    "model.autoscaling.lifecycle_moves",
    "model.autoscaling.moves",
    "model.autoscaling.refresh_moves",
    "model.autoscaling.scaling_moves",
    "model.cloudwatch.moves",
    "model.dynamodb.moves",
    "model.ec2.moves",
    "model.ec2.template_moves",
    "model.ecs.moves",
    "model.elb.classic_moves",
    "model.elb.listener_moves",
    "model.elb.moves",
    "model.elb.zonal_shift",
    "model.functions.moves",
    "model.faults.arc",
    "model.faults.databases",
    "model.faults.functions",
    "model.faults.moves",
    "model.faults.instances",
    "model.faults.launches",
    "model.faults.network",
    "model.faults.service",
    "model.faults.spot",
    "model.faults.ssm",
    "model.faults.tasks",
    "model.faults.traffic",
    "model.faults.volumes",
    "model.rds.moves",
    "model.route53.moves",
)


def load() -> None:
    """Fill `model.actions.REGISTER` (again does no harm)."""
    for name in MODULES:
        import_module(name)
