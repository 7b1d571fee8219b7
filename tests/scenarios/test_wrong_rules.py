"""What can be wrong with a listener rule: the line that is told, and the words."""

from __future__ import annotations

import pytest

from scenarios.mistakes import ScenarioError
from tests.scenarios.samples import TEMPLATE, build_text

RULE = """\
  %s:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: %s
      Conditions: %s
      Actions: %s
"""
IMAGES = "[{Field: path-pattern, Values: [/img/*]}]"
FORWARD = "[{Type: forward, TargetGroupArn: !Ref Targets}]"
FIRST = RULE % ("First", 7, IMAGES, FORWARD)
SIX = ", ".join(f"{{TargetGroupArn: !Ref Targets, Weight: {n}}}" for n in range(6))

CASES = [
    ("0", IMAGES, FORWARD, 5, "Priority must be from 1 to 50000, not 0"),
    ("7", IMAGES, FORWARD, 5, "priority 7 of Listener is that of First already"),
    ("8", "[]", FORWARD, 6, "Conditions must have at least 1 items, not 0"),
    ("8", "[{Field: path, Values: [/a]}]", FORWARD, 6, "Field must be one of host-header, http-he"),
    ("8", "[{Field: path-pattern}]", FORWARD, 6, "a condition needs at least one value"),
    ("8", "[{Values: [/a]}]", FORWARD, 6, "a condition needs a Field"),
    ("8", "[{Field: query-string, Values: [a]}]", FORWARD, 6, "needs its configuration"),
    (
        "8",
        "[{Field: path-pattern, Values: [/a, /b, /c, /d]}]",
        FORWARD,
        6,
        "Values must have 3 values at most, not 4",
    ),
    (
        "8",
        "[{Field: path-pattern, Values: [/a, /b, /c]}, {Field: source-ip, Values: "
        "[10.0.0.0/8, 10.0.0.0/9, 10.0.0.0/10]}]",
        FORWARD,
        6,
        "the conditions of a rule have 5 values at most: 6",
    ),
    (
        "8",
        "[{Field: path-pattern, Values: ['*/*/*/*/*/*']}]",
        FORWARD,
        6,
        "a rule has 5 wildcards at most: 6",
    ),
    (
        "8",
        "[{Field: host-header, Values: [localhost]}]",
        FORWARD,
        6,
        "must be a host name of up to 128 characters with a dot, not 'localhost'",
    ),
    (
        "8",
        "[{Field: source-ip, Values: [10.0.0.1/8]}]",
        FORWARD,
        6,
        "must be a CIDR block such as 192.0.2.0/24, not '10.0.0.1/8'",
    ),
    (
        "8",
        "[{Field: http-request-method, HttpRequestMethodConfig: {Values: [get]}}]",
        FORWARD,
        6,
        "must be a method in capitals of up to 40 characters, not 'get'",
    ),
    (
        "8",
        "[{Field: http-header, HttpHeaderConfig: {HttpHeaderName: Host, Values: [a.b]}}]",
        FORWARD,
        6,
        "HttpHeaderName must not be Host; that is for a host-header condition",
    ),
    (
        "8",
        "[{Field: path-pattern, HostHeaderConfig: {Values: [a.b]}}]",
        FORWARD,
        6,
        "Field is path-pattern, but the configuration is for host-header",
    ),
    (
        "8",
        "[{Field: path-pattern, PathPatternConfig: {RegexValues: ['(']}}]",
        FORWARD,
        6,
        "'(' is no expression",
    ),
    (
        "8",
        "[{Field: path-pattern, Values: [/a]}, {Field: path-pattern, Values: [/b]}]",
        FORWARD,
        6,
        "a rule takes one condition path-pattern",
    ),
    (
        "8",
        IMAGES,
        "[{Type: redirect, RedirectConfig: {StatusCode: HTTP_301}}]",
        7,
        "a redirect must change the protocol, the host, the port or the path",
    ),
    (
        "8",
        IMAGES,
        "[{Type: redirect, RedirectConfig: {StatusCode: HTTP_307, Port: '443'}}]",
        7,
        "StatusCode must be one of HTTP_301, HTTP_302, not 'HTTP_307'",
    ),
    (
        "8",
        IMAGES,
        "[{Type: redirect, RedirectConfig: {StatusCode: HTTP_301, Path: new}}]",
        7,
        "Path must begin with a slash: 'new'",
    ),
    (
        "8",
        IMAGES,
        "[{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Targets, "
        "Weight: 1000}]}}]",
        7,
        "Weight must be from 0 to 999, not 1000",
    ),
    (
        "8",
        IMAGES,
        f"[{{Type: forward, ForwardConfig: {{TargetGroups: [{SIX}]}}}}]",
        7,
        "TargetGroups must have from 1 to 5 items, not 6",
    ),
    ("8", IMAGES, f"{FORWARD[:-1]}, {FORWARD[1:]}", 7, "Actions must be one action, not 2"),
    ("8", IMAGES, "[{Type: fixed-response}]", 7, "a fixed-response action needs a FixedResponse"),
]


@pytest.mark.parametrize(
    ("priority", "conditions", "actions", "line", "words"), CASES, ids=[case[-1] for case in CASES]
)
def test_wrong_rules(priority: str, conditions: str, actions: str, line: int, words: str) -> None:
    text = TEMPLATE + FIRST + RULE % ("Second", priority, conditions, actions)
    with pytest.raises(ScenarioError) as error:
        build_text(text)
    (mistake,) = error.value.mistakes
    assert words in str(mistake)
    assert mistake.mark.line == (TEMPLATE + FIRST).count("\n") + line


def test_nobody_is_led_from_https_back_to_http() -> None:
    back = "[{Type: redirect, RedirectConfig: {StatusCode: HTTP_301, Protocol: HTTP}}]"
    secure = TEMPLATE.replace(
        "      Protocol: HTTP\n      DefaultActions",
        "      Protocol: HTTPS\n      Certificates: [{CertificateArn: arn:aws:acm:1}]\n"
        "      DefaultActions",
    )
    with pytest.raises(ScenarioError, match="a redirect from HTTPS to HTTP is not possible"):
        build_text(secure + RULE % ("First", 7, IMAGES, back))


def test_more_than_a_hundred_rules() -> None:
    rules = "".join(RULE % (f"R{n}", n, IMAGES, FORWARD) for n in range(1, 102))
    with pytest.raises(ScenarioError, match="Balancer has more than 100 rules"):
        build_text(TEMPLATE + rules)


BOTH = (
    "[{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Targets}, "
    "{TargetGroupArn: !Ref Sticky}]%s}}]"
)
STICKY = """\
  Sticky:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      VpcId: !Ref Vpc
      Port: 80
      Protocol: HTTP
      TargetGroupAttributes: [{Key: stickiness.enabled, Value: "true"}%s]
"""
BY_APP = (
    ", {Key: stickiness.type, Value: app_cookie}, "
    "{Key: stickiness.app_cookie.cookie_name, Value: session}"
)
FOR_GROUPS = ", TargetGroupStickinessConfig: {Enabled: true, DurationSeconds: 60}"


def test_where_targets_are_sticky_groups_must_be_too() -> None:
    build_text(TEMPLATE + STICKY % "" + RULE % ("First", 7, IMAGES, BOTH % FOR_GROUPS))
    for more, config, words in (
        ("", "", "Sticky is sticky, so TargetGroupStickinessConfig must be enabled"),
        (BY_APP, FOR_GROUPS, "Sticky is sticky by app_cookie, which does not work with weighted"),
    ):
        text = TEMPLATE + STICKY % more
        with pytest.raises(ScenarioError) as error:
            build_text(text + RULE % ("First", 7, IMAGES, BOTH % config))
        (mistake,) = error.value.mistakes
        assert words in str(mistake)
        assert mistake.mark.line == text.count("\n") + 7
        default = TEMPLATE.replace("[{Type: forward, TargetGroupArn: !Ref Targets}]", BOTH % config)
        with pytest.raises(ScenarioError, match=words):
            build_text(default + STICKY % more)
