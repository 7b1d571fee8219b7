"""A table of what can be wrong with a template: the line that is told, and the words."""

from __future__ import annotations

import pytest

from scenarios.mistakes import ScenarioError
from tests.scenarios.samples import TEMPLATE, build_text, replaced

GROUP = '      MinSize: "1"\n'
TARGETS = "      Port: 8080\n"
STEPS = "[{ScalingAdjustment: 1, MetricIntervalLowerBound: 0}]"
ALARM = "      Statistic: Average\n"

CASES: list[tuple[str, str, str]] = [
    # sections
    ("Resources:\n", "Resourses:\n", "a template has no section Resourses (did you mean Resources"),
    ("Resources:\n", "Transform: AWS::Serverless-2016-10-31\nResources:\n", "processed template"),
    ("2010-09-09", "2010-09-10", 'AWSTemplateFormatVersion must be "2010-09-09"'),
    ("Resources:\n", "Mappings: {A: {b: c}}\nResources:\n", "b of the mapping A must be a mapping"),
    ("Size: {Type: Number,", "Size: {Typ: Number,", "the parameter Size needs a Type"),
    ("Default: 2}", "Defualt: 2}", "there is no property Defualt here (did you mean Default?)"),
    # resource types
    ("AWS::SNS::Topic", "AWS::SNS::Topik", "no resource type that Spillover knows (did you mean"),
    ("AWS::SNS::Topic", "AWS::CloudFormation::Stack", "pass the processed template"),
    ("AWS::SNS::Topic", "AWS::AutoScalingPlans::ScalingPlan", "could change the outcome: scaling"),
    (
        "    Type: AWS::SNS::Topic\n",
        "    Typ: AWS::SNS::Topic\n",
        "the resource Topic needs a Type",
    ),
    ("  Topic:\n", "  To-pic:\n", "a logical id has letters and digits only: To-pic"),
    ("  Topic:\n", "  Topic:\n    DependsOn: Balanser\n", "DependsOn Balanser: there is no such"),
    ("  Topic:\n", "  Topic:\n    Condition: Nope\n", "there is no condition Nope"),
    ("  Topic:\n", "  Topic:\n    Propertys: {}\n", "a resource has no Propertys (did you mean"),
    # properties
    (GROUP, GROUP.replace("Min", "Mim"), "there is no property MimSize here (did you mean MinSize"),
    (GROUP, '      MinSize: "one"\n', "MinSize must be a whole number, not 'one'"),
    (GROUP, "      MinSize: 5\n", "MinSize (5) must not be above MaxSize (4)"),
    (GROUP, "      MinSize: 3\n", "DesiredCapacity (2) must be between MinSize (3) and MaxSize"),
    (GROUP, "", "MinSize is missing"),
    (GROUP, GROUP + "      Cooldown: -1\n", "Cooldown must be at least 0, not -1"),
    (GROUP, GROUP + "      HealthCheckType: ALB\n", "must be one of EC2, ELB, EBS, not 'ALB'"),
    (
        GROUP,
        GROUP + "      LaunchConfigurationName: x\n",
        "'x' is no AutoScaling::LaunchConfiguration of this template",
    ),
    (
        GROUP,
        GROUP + "      MixedInstancesPolicy: {a: b}\n",
        "there is no property a here",
    ),
    (GROUP, GROUP + "      NewInstancesProtectedFromScaleIn: maybe\n", "must be true or false"),
    (
        GROUP,
        GROUP + "      TerminationPolicies: [OldestInstanc]\n",
        "'OldestInstanc' is none of Default, AllocationStrategy, OldestLaunchTemplate, "
        "OldestLaunchConfiguration, ClosestToNextInstanceHour, OldestInstance, NewestInstance, "
        "nor a Lambda::Function of this template (did you mean OldestInstance?)",
    ),
    (GROUP, GROUP + "      TerminationPolicies: [Oldest]\n", "'Oldest' is none of Default, Alloc"),
    (
        GROUP,
        GROUP + "      TerminationPolicies: [Default, OldestInstance]\n",
        "Default must be the last of the policies",
    ),
    ("InstanceType: m5.large", "InstanceType: m5.huge", "'m5.huge' is no instance type that"),
    (TARGETS, TARGETS + "      TargetType: lambda\n", "Port must be left out for lambda targets"),
    (TARGETS, TARGETS + "      HealthCheckIntervalSeconds: 4\n", "must be from 5 to 300, not 4"),
    (
        TARGETS,
        TARGETS + "      HealthCheckTimeoutSeconds: 30\n",
        "must be less than HealthCheckInt",
    ),
    (TARGETS, TARGETS + "      Matcher: {HttpCode: '200-599'}\n", "must be codes from 200 to 499"),
    (TARGETS, TARGETS + "      Matcher: {HttpCode: ok}\n", "must be codes such as 200, 200,202"),
    (
        "      Subnets: [!Ref SubnetA, !Ref SubnetB]\n",
        "      Type: gateway\n",
        "'gateway' is not sim",
    ),
    (
        "      Subnets: [!Ref SubnetA, !Ref SubnetB]\n",
        "      Subnets: [!Ref SubnetA]\n",
        "two zones",
    ),
    ("[{Type: forward,", "[{Type: redirect,", "a redirect action needs a RedirectConfig"),
    ("[{Type: forward,", "[{Type: authenticate-oidc,", "is not simulated yet: only forward"),
    ("      Protocol: HTTP\n      DefaultA", "      DefaultA", "Protocol is missing"),
    (
        "Protocol: HTTP\n      Def",
        "Protocol: HTTPS\n      Def",
        "a listener for HTTPS needs one certificate",
    ),
    ("      Port: 80\n", "      Port: 0\n", "from 1 to 65535, not 0"),
    # references
    ("TargetGroupArn: !Ref Targets", "TargetGroupArn: !Ref Group", "Group is an AWS::AutoScaling"),
    ("AutoScalingGroupName: !Ref Group", "AutoScalingGroupName: Gruop", "(did you mean Group?)"),
    (
        "[!Ref Topic, !Ref Policy]",
        "['arn:aws:automate:us-east-1:ec2:recover']",
        "to recover an instance takes an alarm on one metric with InstanceId",
    ),
    (
        "[!Ref Topic, !Ref Policy]",
        "['arn:aws:automate:us-east-1:ec2:explode']",
        "this can be SNS::Topic or AutoScaling::ScalingPolicy or Lambda::Function of this",
    ),
    # policies and alarms
    (
        "PolicyType: StepScaling",
        "PolicyType: StepScaling\n      Cooldown: 60",
        "Cooldown goes with SimpleScaling only",
    ),
    (STEPS, "[]", "StepScaling needs an AdjustmentType and StepAdjustments"),
    (
        STEPS,
        "[{ScalingAdjustment: 1}]",
        "both lower and upper bounds of a step adjustment cannot be left unspecified",
    ),
    (
        STEPS,
        "[{ScalingAdjustment: 1, MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10}, "
        "{ScalingAdjustment: 2, MetricIntervalLowerBound: 20}]",
        "there is a gap between the steps, from 10 to 20",
    ),
    (
        STEPS,
        "[{ScalingAdjustment: 1, MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10}, "
        "{ScalingAdjustment: 2, MetricIntervalLowerBound: 5}]",
        "steps overlap between 5 and 10",
    ),
    (ALARM, "", "give exactly one of Statistic and ExtendedStatistic"),
    (ALARM, "      ExtendedStatistic: p101\n", "must have a percentage from 0 to 100, with 10"),
    (ALARM, "      ExtendedStatistic: Sum\n", "ExtendedStatistic takes an extended one; Sum is"),
    (ALARM, "      ExtendedStatistic: TM(5%:80%)\n", "must have percentages from 10% to 90%"),
    (ALARM, "      ExtendedStatistic: TM(a:b)\n", "'a' in 'TM(a:b)' must be a number"),
    (ALARM, ALARM + "      DatapointsToAlarm: 4\n", "must not be more than EvaluationPeriods (3)"),
    (ALARM, ALARM + "      TreatMissingData: ok\n", "TreatMissingData must be one of"),
    ("      Period: 60\n", "      Period: 90\n", "must be 10, 20, 30 or a multiple of 60, not 90"),
    (
        "Operator: GreaterThanThreshold",
        "Operator: GreaterThanUpperThreshold",
        "LessThanOrEqualToThreshold with a Threshold, not",
    ),
    (ALARM, "      Metrics: [{Id: a}]\n", "Namespace must be left out where Metrics are given"),
    (
        "      MetricName: TargetResponseTime\n",
        "",
        "MetricName is missing (an alarm has a metric or",
    ),
]


@pytest.mark.parametrize(("old", "new", "words"), CASES, ids=[case[2] for case in CASES])
def test_wrong_templates(old: str, new: str, words: str) -> None:
    text = replaced(TEMPLATE, (old, new))
    with pytest.raises(ScenarioError) as error:
        build_text(text)
    told = [mistake for mistake in error.value.mistakes if words in str(mistake)]
    assert told, str(error.value)
    # the place is in the changed lines, or in the resource (or section) that holds them
    first = TEMPLATE[: TEMPLATE.index(old)].count("\n") + 1
    last = first + max(new.count("\n"), 1)
    held = [n for n, line in enumerate(text.split("\n"), 1) if n <= first and line[2:3] != " "]
    assert held[-1] <= told[0].mark.line <= last
    assert told[0].mark.column > 0


ATTRIBUTES: list[tuple[str, str, str]] = [
    ("deregistration_delay.timeout_seconds", "3601", "a whole number from 0 to 3600, not '3601'"),
    ("load_balancing.algorithm.type", "random", "one of round_robin, least_outstanding_requests"),
    ("load_balancing.algorithm.anomaly_mitigation", "yes", "one of on, off, not 'yes'"),
    ("slow_start.duration_seconds", "29", "a whole number from 30 to 900 or 0, not '29'"),
    ("deregistration_delay.timeout", "30", "did you mean deregistration_delay.timeout_seconds?"),
]


@pytest.mark.parametrize(("key", "value", "words"), ATTRIBUTES)
def test_wrong_attributes(key: str, value: str, words: str) -> None:
    line = f'      TargetGroupAttributes:\n        - {{Key: {key}, Value: "{value}"}}\n'
    with pytest.raises(ScenarioError) as error:
        build_text(replaced(TEMPLATE, (TARGETS, TARGETS + line)))
    (mistake,) = error.value.mistakes
    assert words in mistake.message
    first = TEMPLATE[: TEMPLATE.index(TARGETS)].count("\n") + 1
    assert mistake.mark.line == first + 2


def test_all_mistakes_are_told_at_once_each_once() -> None:
    text = replaced(
        TEMPLATE,
        (GROUP, "      MinSize: x\n      Nonsense: 1\n"),
        ("      Period: 60\n", "      Period: 61\n"),
        ("Port: 8080", "Port: 80800"),
    )
    with pytest.raises(ScenarioError) as error:
        build_text(text)
    messages = [mistake.message for mistake in error.value.mistakes]
    assert len(messages) == len(set(messages)) == 4


def test_a_value_that_a_comma_ended_is_to_be_quoted() -> None:
    text = replaced(TEMPLATE, ("ImageId: ami-1,", "ImageId: FILL(e, 0) / r,"))
    with pytest.raises(ScenarioError, match="quote one that contains a comma"):
        build_text(text)


def test_resources_that_need_each_other() -> None:
    text = replaced(
        TEMPLATE,
        ("{CidrBlock: 10.0.0.0/16}", "{CidrBlock: 10.0.0.0/16}\n    DependsOn: SubnetA"),
    )
    with pytest.raises(ScenarioError, match="resources need each other in a circle: Vpc -> Sub"):
        build_text(text)


def test_names_made_of_each_other() -> None:
    text = (
        "Resources:\n"
        "  A: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !GetAtt B.TopicName}}\n"
        "  B: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !GetAtt A.TopicName}}\n"
    )
    with pytest.raises(ScenarioError, match="in a circle: A -> B -> A"):
        build_text(text)


def test_two_subnets_in_one_zone() -> None:
    text = replaced(
        TEMPLATE,
        ("10.0.0.0/24}", "10.0.0.0/24, AvailabilityZone: us-east-1c}"),
        ("10.0.1.0/24}", "10.0.1.0/24, AvailabilityZone: us-east-1c}"),
    )
    with pytest.raises(ScenarioError, match="one subnet for each zone"):
        build_text(text)


LABELLED = """\
      PolicyType: TargetTrackingScaling
      TargetTrackingConfiguration:
        TargetValue: 100
        PredefinedMetricSpecification:
          PredefinedMetricType: ALBRequestCountPerTarget
          ResourceLabel: !Sub ${Balancer.LoadBalancerFullName}/${Targets.TargetGroupFullName}
"""


def test_a_resource_label_names_a_target_group_of_its_group() -> None:
    steps = TEMPLATE[TEMPLATE.index("      PolicyType") : TEMPLATE.index("  Topic:")]
    right = replaced(TEMPLATE, (steps, LABELLED))
    assert "Policy" in build_text(right).stack.resources
    wrong = replaced(
        right, ("${Targets.TargetGroupFullName}", "targetgroup/Other/0123456789abcdef")
    )
    with pytest.raises(ScenarioError, match="names no target group of Group"):
        build_text(wrong)


def test_a_hint_stays_within_the_service() -> None:
    text = replaced(TEMPLATE, ("AWS::SNS::Topic", "AWS::EMR::Cluster"))
    with pytest.raises(ScenarioError) as error:
        build_text(text)
    (mistake,) = error.value.mistakes
    assert mistake.hint == ""


SECOND = {
    "  Balancer": "    Properties:\n      Name: site\n",
    "  Targets": "    Properties:\n      Name: site\n",
    "  Group": "    Properties:\n      AutoScalingGroupName: site\n",
}


@pytest.mark.parametrize("name", SECOND)
def test_names_are_given_once(name: str) -> None:
    begin = TEMPLATE.index(f"{name}:\n")
    end = TEMPLATE.find("\n  ", begin + 1)
    while TEMPLATE[end + 3] == " ":
        end = TEMPLATE.find("\n  ", end + 1)
    body = TEMPLATE[begin : end + 1].replace("    Properties:\n", SECOND[name])
    first = TEMPLATE[:begin] + body + TEMPLATE[end + 1 :]
    assert build_text(first).stack.resources
    with pytest.raises(ScenarioError) as error:
        build_text(first + body.replace(f"{name}:", f"{name}Too:").replace("[!Ref Targets]", "[]"))
    (mistake,) = error.value.mistakes
    assert f"{name.strip()} has the " in str(mistake)
    assert "Name site already" in str(mistake)
    assert mistake.mark.line > first.count("\n")


@pytest.mark.parametrize(
    "type_",
    ["AWS::RDS::DBParameterGroup", "AWS::SQS::QueuePolicy", "AWS::EC2::FlowLog"],
)
def test_what_changes_no_outcome_is_kept_and_named(type_: str) -> None:
    text = TEMPLATE + f"  Extra: {{Type: '{type_}', Properties: {{Some: thing}}}}\n"
    assert any(f"Extra ({type_})" in remark.message for remark in build_text(text).remarks)


def test_what_a_template_says_it_does_not_want_is_not_refused() -> None:
    old = "DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets}]"
    new = (
        "DefaultActions: [{Type: forward, ForwardConfig: {TargetGroups: "
        "[{TargetGroupArn: !Ref Targets}], TargetGroupStickinessConfig: {Enabled: false}}}]"
    )
    assert "Listener" in build_text(replaced(TEMPLATE, (old, new))).stack.resources


def test_an_image_that_aws_would_look_up_is_taken_as_given() -> None:
    text = replaced(
        TEMPLATE,
        (
            "  Size: {Type: Number, Default: 2}\n",
            "  Size: {Type: Number, Default: 2}\n"
            "  Ami:\n"
            "    Type: AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>\n"
            "    Default: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64\n",
        ),
        ("ImageId: ami-1,", "ImageId: !Ref Ami,"),
    )
    assert "Launch" in build_text(text).stack.resources
    text = replaced(TEMPLATE, ("ImageId: ami-1", "ImageId: '{{resolve:ssm:/aws/service/ami-x}}'"))
    assert "Launch" in build_text(text).stack.resources
