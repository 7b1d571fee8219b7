"""Listeners, load balancers and target groups that do not go together."""

from __future__ import annotations

import pytest

from scenarios.mistakes import ScenarioError
from tests.scenarios.samples import TEMPLATE, build_text, replaced
from tests.scenarios.test_wrong_rules import FIRST

LISTENER = "      Protocol: HTTP\n      DefaultActions"
GROUP = "      Port: 8080\n      Protocol: HTTP\n"


def network(text: str = TEMPLATE) -> str:
    """The template with a Network Load Balancer in one zone."""
    return replaced(
        text,
        (
            "      Subnets: [!Ref SubnetA, !Ref SubnetB]\n",
            "      Type: network\n      Subnets: [!Ref SubnetA]\n",
        ),
        (LISTENER, LISTENER.replace("HTTP", "TCP")),
        (GROUP, GROUP.replace("HTTP", "TCP")),
    )


def test_a_network_load_balancer_may_be_in_one_zone() -> None:
    assert build_text(network()).stack.resources


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Protocol: TCP\n      Def", "Protocol: HTTP\n      Def", "Protocol must be TCP, TLS, UDP"),
        ("Protocol: TCP\n      Def", "Protocol: TLS\n      Def", "TLS needs one certificate"),
        ("Protocol: TCP\n      Def", "Protocol: UDP\n      Def", "for UDP or TCP_UDP, but Targets"),
        (
            "8080\n      Protocol: TCP",
            "8080\n      Protocol: TLS",
            "for TCP or TCP_UDP, but Targets",
        ),
        (
            "[{Type: forward, TargetGroupArn: !Ref Targets}]",
            "[{Type: fixed-response, FixedResponseConfig: {StatusCode: '200'}}]",
            "a listener for TCP can only forward",
        ),
        ("      Type: network\n", "", "needs subnets in at least two zones"),
        (
            "[{Type: forward, TargetGroupArn: !Ref Targets}]",
            "[{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Targets}], "
            "TargetGroupStickinessConfig: {Enabled: true, DurationSeconds: 60}}}]",
            "stickiness of target groups is for HTTP and HTTPS listeners",
        ),
    ],
)
def test_what_does_not_go_together(old: str, new: str, words: str) -> None:
    with pytest.raises(ScenarioError) as error:
        build_text(replaced(network(), (old, new)))
    assert any(words in str(mistake) for mistake in error.value.mistakes), str(error.value)


def test_sticky_sessions_are_not_for_tls() -> None:
    attribute = '      TargetGroupAttributes: [{Key: stickiness.enabled, Value: "true"}]\n'
    sticky = network().replace("      Port: 8080\n", attribute + "      Port: 8080\n")
    assert build_text(sticky).stack.resources
    secure = "Protocol: TLS\n      Certificates: [{CertificateArn: arn:aws:acm:1}]\n      Def"
    with pytest.raises(ScenarioError) as error:
        build_text(replaced(sticky, ("Protocol: TCP\n      Def", secure)))
    (mistake,) = error.value.mistakes
    assert "Targets is sticky by source_ip, which is not for TLS listeners" in str(mistake)


def test_rules_are_for_requests() -> None:
    with pytest.raises(ScenarioError, match="Listener is for TCP: rules are for HTTP and HTTPS"):
        build_text(network() + FIRST)


RELAY = """\
  Front:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Type: network, Subnets: [!Ref SubnetA]}
  FrontListener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Front
      Port: 443
      Protocol: TCP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Relay}]
  Relay:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      TargetType: alb
      Port: 80
      Protocol: TCP
      VpcId: !Ref Vpc
      Targets: [{Id: !Ref Balancer}]
"""


def test_a_load_balancer_behind_another() -> None:
    assert build_text(TEMPLATE + RELAY).stack.resources


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "      Port: 80\n      Protocol: TCP",
            "      Port: 81\n      Protocol: TCP",
            "no listener",
        ),
        ("[{Id: !Ref Balancer}]", "[{Id: !Ref Front}]", "is no Application Load Balancer of this"),
        (
            "      Port: 443\n      Protocol: TCP\n",
            "      Port: 443\n      Protocol: TLS\n      Certificates: [{CertificateArn: a}]\n",
            "which is for TCP listeners",
        ),
    ],
)
def test_wrong_load_balancers_behind_another(old: str, new: str, words: str) -> None:
    with pytest.raises(ScenarioError) as error:
        build_text(TEMPLATE + replaced(RELAY, (old, new)))
    assert any(words in str(mistake) for mistake in error.value.mistakes), str(error.value)
