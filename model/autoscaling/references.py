"""What resources of EC2 Auto Scaling refer to."""

from __future__ import annotations

from typing import Annotated

from model.fields import refers_to

ConfigurationRef = Annotated[str, refers_to("AWS::AutoScaling::LaunchConfiguration")]
AutoScalingGroupRef = Annotated[str, refers_to("AWS::AutoScaling::AutoScalingGroup")]
