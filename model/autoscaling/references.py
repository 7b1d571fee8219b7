"""What resources of EC2 Auto Scaling refer to."""

from __future__ import annotations

from typing import Annotated

from model.fields import refers_to

TemplateRef = Annotated[str, refers_to("AWS::EC2::LaunchTemplate")]
AutoScalingGroupRef = Annotated[str, refers_to("AWS::AutoScaling::AutoScalingGroup")]
