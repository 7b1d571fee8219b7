"""What is wrong with rules, subscriptions and reactions is told where it stands."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from scenarios.loader import load
from scenarios.mistakes import ScenarioError
from tests.scenarios.samples import SCENARIO, TEMPLATE, build_text, replaced, write

RESOURCES = textwrap.indent(
    textwrap.dedent(
        """\
        Healer:
          Type: AWS::Lambda::Function
          Properties: {Code: {ZipFile: x}, Role: role, DeadLetterConfig: {TargetArn: !Ref Topic}}
        Config:
          Type: AWS::Lambda::EventInvokeConfig
          Properties:
            FunctionName: !Ref Healer
            Qualifier: $LATEST
            MaximumRetryAttempts: 1
            DestinationConfig: {OnFailure: {Destination: !GetAtt Letters.Arn}}
        Letters:
          Type: AWS::SQS::Queue
        Ordered:
          Type: AWS::SQS::Queue
          Properties: {FifoQueue: true}
        Told:
          Type: AWS::SNS::Subscription
          Properties:
            TopicArn: !Ref Topic
            Protocol: sqs
            Endpoint: !GetAtt Letters.Arn
            FilterPolicy: {a: [b]}
        Heal:
          Type: AWS::Events::Rule
          Properties:
            Name: heal
            EventPattern:
              source:
                - aws.ec2
              detail: {state: [stopped]}
            Targets:
              - Id: healer
                Arn: !GetAtt Healer.Arn
                Input: '"x"'
        """
    ),
    "  ",
)
GOOD = TEMPLATE + RESOURCES
STATE = "detail: {state: [stopped]}"
INPUT = "Input: '\"x\"'"
PATTERN = """\
      EventPattern:
        source:
          - aws.ec2
        detail: {state: [stopped]}
"""


def test_the_sample_is_good() -> None:
    build_text(GOOD)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (STATE, "detail: {state: stopped}", 'Reason: "state" must be an object or an array'),
        (STATE, "detail: {state: [{like: x}]}", "Unrecognized match type like"),
        (STATE, "detail: {}", "Empty objects are not allowed"),
        (PATTERN, "", "a rule needs an EventPattern or a ScheduleExpression"),
        (PATTERN, "      ScheduleExpression: rate(1 hours)\n", "must be rate(1 hour)"),
        (PATTERN, "      ScheduleExpression: cron(0 12 * * *)\n", "must have six fields"),
        ("Name: heal", "Name: a b", "up to 64 letters"),
        ("Name: heal", "State: OFF", "must be one of ENABLED, DISABLED"),
        ("Name: heal", "EventBusName: other", "events come on the default bus only"),
        (INPUT, "Input: x y", "must be JSON text"),
        (INPUT, "InputPath: detail", "is no path such as $.detail.instance-id"),
        (INPUT, INPUT + "\n          InputPath: $.detail", "one of Input, InputPath and"),
        (INPUT, "InputTransformer: {InputTemplate: <x>}", "Invalid InputTemplate: <x>"),
        (
            INPUT,
            "InputTransformer: {InputPathsMap: {aws.x: $.a}, InputTemplate: x}",
            "is no name of a variable",
        ),
        (INPUT, "RetryPolicy: {MaximumRetryAttempts: 186}", "must be from 0 to 185, not 186"),
        (INPUT, "RetryPolicy: {MaximumEventAgeInSeconds: 59}", "must be from 60 to 86400"),
        (INPUT, "DeadLetterConfig: {Arn: !Ref Topic}", "a dead-letter queue is an SQS queue"),
        (INPUT, "DeadLetterConfig: {Arn: !GetAtt Ordered.Arn}", "must be a standard queue"),
        (
            "{TargetArn: !Ref Topic}",
            "{TargetArn: !GetAtt Ordered.Arn}",
            "a dead-letter queue must be a standard queue",
        ),
        ("{TargetArn: !Ref Topic}", "{TargetArn: Letters}", "must be an ARN of sqs or sns"),
        ("MaximumRetryAttempts: 1", "MaximumRetryAttempts: 3", "must be from 0 to 2, not 3"),
        (
            "MaximumRetryAttempts: 1",
            "MaximumEventAgeInSeconds: 59",
            "must be from 60 to 21600, not 59",
        ),
        (
            "{Destination: !GetAtt Letters.Arn}",
            "{Destination: !Ref Vpc}",
            "must be an ARN of sqs or sns or lambda or events or s3",
        ),
        ("FunctionName: !Ref Healer", "FunctionName: !Ref Vpc", "a reference to Lambda::Function"),
        ("Arn: !GetAtt Healer.Arn", "Arn: Healer", "must be the ARN of a target"),
        ("Arn: !GetAtt Healer.Arn", "Arn: arn:aws:s3:::bucket", "s3 has none"),
        (
            "        - Id: healer\n",
            "".join(f"        - {{Id: t{i}, Arn: !GetAtt Letters.Arn}}\n" for i in range(5))
            + "        - Id: healer\n",
            "a rule has at most 5 targets, not 6",
        ),
        (
            "        - Id: healer\n",
            "        - {Id: healer, Arn: !GetAtt Letters.Arn}\n        - Id: healer\n",
            "two targets have the Id healer",
        ),
        ("Protocol: sqs", "Protocol: pigeon", "must be one of application, email"),
        ("Protocol: sqs", "Protocol: lambda", "Endpoint must be an ARN of lambda"),
        ("TopicArn: !Ref Topic", "TopicArn: !Ref Vpc", "a reference to SNS::Topic is wanted"),
        ("{a: [b]}", "{a: {b: [c]}}", "only a filter on the message body is nested"),
        ("{a: [b]}", "{a: [{wildcard: x}]}", "Unrecognized match type wildcard"),
        ("{a: [b]}", "{a: [1], b: [1], c: [1], d: [1], e: [1], f: [1]}", "at most 5 keys, not 6"),
        (
            "{a: [b]}",
            f"{{a: {list(range(13))}, b: {list(range(12))}}}",
            "at most 150 combinations of values, not 156",
        ),
    ],
)
def test_wrong_rules_and_subscriptions(old: str, new: str, words: str) -> None:
    with pytest.raises(ScenarioError) as error:
        build_text(replaced(GOOD, (old, new)))
    assert any(words in str(mistake) for mistake in error.value.mistakes), str(error.value)


def test_a_wrong_pattern_is_told_with_its_line() -> None:
    text = replaced(GOOD, (STATE, "detail: {state: [stopped, {exists: yes please}]}"))
    with pytest.raises(ScenarioError) as error:
        build_text(text)
    (mistake,) = error.value.mistakes
    rows = text.split("\n")
    line = next(n for n, row in enumerate(rows, 1) if "yes please" in row)
    column = rows[line - 1].index("yes please") + 1
    assert (mistake.mark.line, mistake.mark.column) == (line, column)


def test_two_rules_of_one_name() -> None:
    again = RESOURCES[RESOURCES.index("  Heal:") :].replace("Heal:", "Again:")
    with pytest.raises(ScenarioError, match="Heal is called heal already"):
        build_text(GOOD + again)


ACTION = "autoscaling:SetDesiredCapacity"


@pytest.mark.parametrize(
    ("section", "line", "words"),
    [
        ("functions: [x]", 9, "functions must be a mapping"),
        ("functions:\n  Heeler: []", 10, "there is no function Heeler in the template (did you"),
        ("functions:\n  Healer: x", 10, "Healer must be a list of actions"),
        ("functions:\n  Healer:\n    - {acton: x}", 11, "there is no property acton"),
        ("functions:\n  Healer:\n    - {action: ec2:Nap}", 11, "there is no action ec2:Nap"),
        (
            f"functions:\n  Healer:\n    - action: {ACTION}\n      parameters:\n"
            "        AutoScalingGroupName: Grup\n        DesiredCapacity: $.detail.x",
            13,
            "'Grup' is no AutoScaling::AutoScalingGroup",
        ),
        (
            f"functions:\n  Healer:\n    - action: {ACTION}\n      parameters:\n"
            "        AutoScalingGroupName: Group\n        DesiredCapacity: $.detail x",
            14,
            "is no path such as",
        ),
        (
            f"functions:\n  Healer:\n    - action: {ACTION}\n"
            "      parameters: {AutoScalingGroupName: $.detail.x}",
            12,
            "DesiredCapacity is missing",
        ),
        (
            "functions:\n  Healer:\n    - action: aws:ec2:stop-instances\n",
            11,
            "needs targets",
        ),
    ],
)
def test_wrong_reactions(tmp_path: Path, section: str, line: int, words: str) -> None:
    path = write(tmp_path, f"{SCENARIO}{section}\n", GOOD)
    with pytest.raises(ScenarioError) as error:
        load(path)
    told = [m for m in error.value.mistakes if words in str(m)]
    assert told, str(error.value)
    assert told[0].mark.line == line


def test_a_good_reaction_is_no_mistake(tmp_path: Path) -> None:
    section = (
        f"functions:\n  Healer:\n    - action: {ACTION}\n"
        "      parameters: {AutoScalingGroupName: Group, DesiredCapacity: $.detail.capacity}\n"
    )
    scenario = load(write(tmp_path, SCENARIO + section, GOOD)).scenario
    assert [type(item).__name__ for item in scenario.functions["Healer"]] == ["ScenarioReaction"]


PERMISSION = textwrap.indent(
    textwrap.dedent(
        """\
        May:
          Type: AWS::Lambda::Permission
          Properties:
            Action: lambda:InvokeFunction
            FunctionName: !Ref Healer
            Principal: events.amazonaws.com
            SourceArn: !GetAtt Heal.Arn
        """
    ),
    "  ",
)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        (GOOD + PERMISSION, None),
        (GOOD, "Heal cannot invoke Healer: events.amazonaws.com has no permission"),
        (
            replaced(GOOD, ("Arn: !GetAtt Healer.Arn", "Arn: !GetAtt Letters.Arn")),
            "no rule and no subscription of the template invokes Healer",
        ),
    ],
)
def test_who_invokes_a_function_is_looked_at(
    tmp_path: Path, template: str, words: str | None
) -> None:
    section = "functions:\n  Healer:\n    - action: fis:StopExperiment\n"
    remarks = [r.message for r in load(write(tmp_path, SCENARIO + section, template)).remarks]
    assert [remark for remark in remarks if "invoke" in remark] == ([words] if words else [])
