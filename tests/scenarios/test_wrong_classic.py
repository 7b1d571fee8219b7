"""What is wrong with a Classic Load Balancer is told where it stands."""

from __future__ import annotations

import pytest

from model.elb.resources import ClassicLoadBalancer
from scenarios.library import find
from scenarios.mistakes import ScenarioError
from tests.scenarios.samples import build_text, replaced

TEMPLATE = find("surge-queue").parent.joinpath("old-shop.template.yaml").read_text(encoding="utf-8")


def test_the_shipped_template_is_good() -> None:
    (classic,) = build_text(TEMPLATE).stack.of(ClassicLoadBalancer)
    assert classic.health_check.port == "8080"
    assert classic.pools()[80].port == 8080


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Target: HTTP:8080/health", "Target: HTTP:8080", "must be HTTP:80/path, HTTPS:443/path"),
        ("Target: HTTP:8080/health", "Target: TCP:80800", "a port from 1 to 65535"),
        ('Timeout: "5"', 'Timeout: "10"', "Timeout (10) must be less than Interval (10)"),
        ('        Interval: "10"\n', "", "Interval is missing"),
        ('UnhealthyThreshold: "5"', 'UnhealthyThreshold: "1"', "must be from 2 to 10, not 1"),
        ("Protocol: HTTP", "Protocol: HTTPS", "a listener for HTTPS needs an SSLCertificateId"),
        (
            "          Protocol: HTTP\n",
            "          Protocol: HTTP\n          InstanceProtocol: TCP\n",
            "are not of one layer",
        ),
        (
            "          Protocol: HTTP\n",
            "          Protocol: HTTP\n          PolicyNames: [Cookies]\n",
            "there is no policy Cookies",
        ),
        (
            "          Protocol: HTTP\n",
            "          Protocol: HTTP\n"
            "          InstancePort: '81'\n        - LoadBalancerPort: '80'\n"
            "          Protocol: TCP\n",
            "port 80 has a listener already",
        ),
        (
            "      CrossZone: true\n",
            "      LBCookieStickinessPolicy: [{PolicyName: A}, {PolicyName: A}]\n",
            "two policies are named A",
        ),
        ("Timeout: 60}", "Timeout: 3601}", "must be from 1 to 3600"),
        (
            "      CrossZone: true\n",
            "      Instances: [i-0123]\n",
            "'i-0123' is no instance of this template",
        ),
        (
            "[!Ref SubnetA, !Ref SubnetB]\n      CrossZone",
            "[]\n      CrossZone",
            "at least 1 items",
        ),
        ("LoadBalancerNames: [!Ref Old", "LoadBalancerNames: [!Ref Odd", "OddBalancer"),
        ("      CrossZone: true\n", "      Cros: true\n", "did you mean CrossZone?"),
    ],
)
def test_wrong_classic_load_balancers(old: str, new: str, words: str) -> None:
    with pytest.raises(ScenarioError) as error:
        build_text(replaced(TEMPLATE, (old, new)))
    assert any(words in str(mistake) for mistake in error.value.mistakes), str(error.value)


def test_without_a_health_check_there_is_the_usual_one() -> None:
    check = TEMPLATE[
        TEMPLATE.index("      HealthCheck:\n") : TEMPLATE.index("      ConnectionDrain")
    ]
    (classic,) = build_text(replaced(TEMPLATE, (check, ""))).stack.of(ClassicLoadBalancer)
    assert (classic.health_check.target, classic.health_check.interval) == ("TCP:8080", 30)


def test_a_health_check_is_given_whole() -> None:
    check = TEMPLATE[
        TEMPLATE.index("        Target: HTTP") : TEMPLATE.index("      ConnectionDrain")
    ]
    with pytest.raises(ScenarioError) as error:
        build_text(replaced(TEMPLATE, (check, "        Target: TCP:8080\n")))
    told = str(error.value)
    for member in ("Interval", "Timeout", "HealthyThreshold", "UnhealthyThreshold"):
        assert f" {member}" in told


def test_one_name_for_two() -> None:
    begin, end = TEMPLATE.index("  OldBalancer:\n"), TEMPLATE.index("\n  LaunchTemplate:\n")
    named = "      LoadBalancerName: old\n      CrossZone: true\n"
    body = replaced(TEMPLATE[begin : end + 1], ("      CrossZone: true\n", named))
    template = TEMPLATE[:begin] + body + body.replace("OldBalancer", "Twin") + TEMPLATE[end:]
    with pytest.raises(ScenarioError, match="OldBalancer has the LoadBalancerName old already"):
        build_text(template)
