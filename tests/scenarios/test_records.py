"""Records of a template: which are simulated, what can be wrong with them, who goes there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.route53.resources import RecordSet
from model.stack import Stack
from scenarios.loader import load
from scenarios.mistakes import ScenarioError
from scenarios.player import make_world, play
from scenarios.save import dump
from scenarios.scenario import TimelineEntry
from tests.model.route53.samples import change, changes, weighted, write
from tests.scenarios.samples import SCENARIO, TEMPLATE, build_text, load_text, mistakes_of

RECORD = """\
  %s:
    Type: AWS::Route53::RecordSet
    Properties:
      Name: %s
      Type: %s
      HostedZoneName: example.com.
%s
"""
ALIAS = (
    "      AliasTarget: {DNSName: !GetAtt Balancer.DNSName, HostedZoneId: "
    "!GetAtt Balancer.CanonicalHostedZoneID}"
)
SHOP = "shop.example.com"
START = TEMPLATE.count("\n")
"""Lines before the first record."""


def record(name: str, more: str, *, type: str = "A", domain: str = SHOP) -> str:
    return RECORD % (name, domain, type, more)


def under(*lines: str) -> str:
    return "\n".join((ALIAS, *(f"      {line}" for line in lines)))


BLUE = record("Blue", under("SetIdentifier: blue", "Weight: 1"))
OUTSIDE = "      ResourceRecords: [192.0.2.1]\n      TTL: 60\n      "

CASES = [
    ("", under("Weight: 1"), 8, "a record with Weight needs a SetIdentifier"),
    ("", under("Failover: PRIMARY"), 8, "a record with Failover needs a SetIdentifier"),
    ("", under("SetIdentifier: a"), 8, "this has none"),
    ("", under("SetIdentifier: a", "Weight: 256"), 9, "Weight must be from 0 to 255, not 256"),
    ("", under("SetIdentifier: a", "Weight: -1"), 9, "Weight must be from 0 to 255, not -1"),
    ("", under("SetIdentifier: a", "Weight: 1", "Failover: PRIMARY"), 10, "either Weight or"),
    ("", under("SetIdentifier: a", "Failover: FIRST"), 9, "one of PRIMARY, SECONDARY, not 'FIRST'"),
    ("", under("TTL: 60"), 8, "an alias has no TTL"),
    ("", under("ResourceRecords: [192.0.2.1]"), 8, "either AliasTarget or ResourceRecords"),
    ("", under("HostedZoneId: Z1"), 4, "give either HostedZoneId or HostedZoneName"),
    ("", under("HealthCheckId: h"), 8, "HealthCheckId is not simulated: health checks of Route 53"),
    ("", under("SetIdentifier: a", "Region: eu-west-1"), 9, "Region is not simulated: answers by"),
    ("", under("MultiValueAnswer: true"), 8, "MultiValueAnswer is not simulated: several answers"),
    ("", under("Wieght: 1"), 8, "there is no property Wieght here (did you mean Weight?)"),
    (BLUE, under("SetIdentifier: blue", "Weight: 2"), 8, "with SetIdentifier blue already"),
    (
        BLUE,
        under(),
        4,
        "Blue is a weighted record shop.example.com of type A, this is a simple one",
    ),
    (BLUE, under("SetIdentifier: a", "Failover: PRIMARY"), 4, "this is a failover one"),
    (
        BLUE,
        f"{OUTSIDE}SetIdentifier: a\n      Weight: 1",
        7,
        "Green leads to no load balancer of this template; what becomes of the clients of shop.exa",
    ),
    (
        record("Blue", under("SetIdentifier: a", "Failover: PRIMARY")),
        under("SetIdentifier: b", "Failover: PRIMARY"),
        9,
        "Blue is the PRIMARY record already",
    ),
    (record("Blue", under()), under(), 4, "Blue is the record shop.example.com of type A already"),
]


@pytest.mark.parametrize(("before", "properties", "line", "told"), CASES)
def test_what_can_be_wrong(before: str, properties: str, line: int, told: str) -> None:
    template = TEMPLATE + before + record("Green", properties)
    with pytest.raises(ScenarioError) as error:
        build_text(template)
    line += START + before.count("\n")
    (found,) = mistakes_of(error)
    assert found.startswith(f"t.yaml:{line}:")
    assert told in found


ZONE = "  Zone:\n    Type: AWS::Route53::HostedZone\n    Properties: {Name: %s}\n"
BY_NAME = "      HostedZoneName: example.com.\n"
BY_ID = "      HostedZoneId: !Ref Zone\n"


@pytest.mark.parametrize("by_id", [False, True])
def test_a_record_is_in_its_hosted_zone(by_id: bool) -> None:
    def built(text: str) -> Stack:
        template = TEMPLATE + (text.replace(BY_NAME, BY_ID) if by_id else text)
        return build_text(template + (ZONE % "example.com" if by_id else "")).stack

    assert built(record("Top", under(), domain="example.com")).of(RecordSet)
    for domain in ("shop.example.org", "myexample.com"):
        with pytest.raises(ScenarioError) as error:
            built(record("Shop", under(), domain=domain))
        (told,) = mistakes_of(error)
        assert told.startswith(f"t.yaml:{START + 4}:")
        assert f"RRSet with DNS name {domain}. is not permitted in zone example.com." in told
    cname = CNAME % "!GetAtt Balancer.DNSName"
    with pytest.raises(ScenarioError, match=r"of type CNAME with .* at apex in zone example\.com"):
        built(record("Top", cname, type="CNAME", domain="example.com."))


def test_an_alias_names_the_hosted_zone_of_its_load_balancer() -> None:
    for network, right, wrong in (
        (False, "Z35SXDOTRQ7X7K", "Z26RNL4JYFTOTI"),
        (True, "Z26RNL4JYFTOTI", "Z35SXDOTRQ7X7K"),
    ):
        kind = "  FlowBalancer:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n"
        kind += "    Properties: {Type: network, Subnets: [!Ref SubnetA]}\n"
        name = "FlowBalancer" if network else "Balancer"
        alias = f"      AliasTarget: {{DNSName: !GetAtt {name}.DNSName, HostedZoneId: %s}}"
        given = f"!GetAtt {name}.CanonicalHostedZoneID"
        for zone in (right, given):
            assert build_text(TEMPLATE + kind + record("Shop", alias % zone)).stack.of(RecordSet)
        with pytest.raises(ScenarioError) as error:
            build_text(TEMPLATE + kind + record("Shop", alias % wrong))
        (told,) = mistakes_of(error)
        assert "the alias target name does not lie within the target zone" in told
        assert f"HostedZoneId of {name} is {right}" in told


CNAME = "      ResourceRecords: [%s]\n      TTL: 300"


def test_a_cname_stands_alone_and_leads_to_one_name() -> None:
    cname = CNAME % "!GetAtt Balancer.DNSName"
    with pytest.raises(ScenarioError) as error:
        build_text(TEMPLATE + record("A", under()) + record("C", cname, type="CNAME"))
    assert "shop.example.com has a record of type A: a CNAME stands alone" in str(error.value)
    two = CNAME % "!GetAtt Balancer.DNSName, b.example.com"
    with pytest.raises(ScenarioError, match="a CNAME leads to one name, not to 2"):
        build_text(TEMPLATE + record("C", two, type="CNAME"))
    lacking = "      ResourceRecords: [!GetAtt Balancer.DNSName]"
    with pytest.raises(ScenarioError, match="a record that is no alias needs a TTL"):
        build_text(TEMPLATE + record("C", lacking, type="CNAME"))
    with pytest.raises(ScenarioError, match="an alias to a load balancer is of type A or AAAA"):
        build_text(TEMPLATE + record("C", under(), type="CNAME"))


def test_names_in_a_circle() -> None:
    ring = "".join(
        record(
            name,
            f"      AliasTarget: {{DNSName: {to}.example.com, HostedZoneId: Z}}\n"
            f"      SetIdentifier: {name}\n      Weight: 1",
            domain=f"{name}.example.com",
        )
        for name, to in (("a", "b"), ("b", "a"))
    )
    way_in = record("In", under("SetIdentifier: i", "Weight: 1"), domain="a.example.com")
    with pytest.raises(ScenarioError, match=r"in a circle: a\.example\.com -> b\.example\.com"):
        build_text(TEMPLATE + ring + way_in)


INERT = (
    record("Mail", "      ResourceRecords: [10 mail.example.com]\n      TTL: 60", type="MX")
    + record("Text", "      ResourceRecords: ['\"shop\"']\n      TTL: 60", type="TXT")
    + record("Address", "      ResourceRecords: [192.0.2.1]\n      TTL: 60", domain="a.b.c")
    + record(
        "Far",
        "      AliasTarget: {DNSName: d1.cloudfront.net, HostedZoneId: Z2}\n"
        "      GeoLocation: {CountryCode: DE}\n      SetIdentifier: de\n"
        "      HealthCheckId: !GetAtt Check.HealthCheckId",
        domain="far.example.com",
    )
    + "  Check:\n    Type: AWS::Route53::HealthCheck\n"
)


def test_records_that_lead_elsewhere_stay_inert() -> None:
    built = build_text(TEMPLATE + INERT + record("Shop", under()))
    assert [item.logical_id for item in built.stack.of(RecordSet)] == ["Shop"]
    (remark,) = (text for r in built.remarks if "kept" in (text := r.message))
    assert remark == "kept, but not simulated: " + ", ".join(
        f"{name} (AWS::Route53::{kind})"
        for name, kind in (
            *((name, "RecordSet") for name in ("Mail", "Text", "Address", "Far")),
            ("Check", "HealthCheck"),
        )
    )


def test_the_ways_to_a_load_balancer() -> None:
    dual = under().replace("!GetAtt Balancer.DNSName", '!Sub "dualstack.${Balancer.DNSName}."')
    template = (
        TEMPLATE
        + record("Dual", dual, domain="Dual.Example.com.")
        + record("Cname", CNAME % "!GetAtt Balancer.DNSName", type="CNAME", domain="c.example.com")
        + record("Www", CNAME % "dual.example.com", type="CNAME", domain="www.example.com")
        + record("Six", under(), type="AAAA")
        + "Outputs: {Name: {Value: !Ref Six}}\n"
    )
    built = build_text(template)
    found = built.stack.of(RecordSet)
    assert [item.logical_id for item in found] == ["Dual", "Cname", "Www", "Six"]
    assert [item.identity.ref for item in found][2:] == ["www.example.com", SHOP]
    assert found[0].domain == "dual.example.com"


GROUP = """\
  Names:
    Type: AWS::Route53::RecordSetGroup
    Properties:
      HostedZoneName: example.com.
      RecordSets:
        - {Name: example.com, Type: MX, TTL: 60, ResourceRecords: [10 mail.example.com]}
        - Name: shop.example.com
          Type: A
          SetIdentifier: only
          Weight: %s
          AliasTarget: {DNSName: !GetAtt Balancer.DNSName, HostedZoneId: Z35SXDOTRQ7X7K}
"""


def test_the_records_of_a_group() -> None:
    built = build_text(TEMPLATE + GROUP % 7)
    (found,) = built.stack.of(RecordSet)
    assert (found.logical_id, found.weight, found.hosted_zone) == ("Names.1", 7, "example.com")
    assert any("Names.0 (AWS::Route53::RecordSet)" in r.message for r in built.remarks)
    with pytest.raises(ScenarioError) as error:
        build_text(TEMPLATE + GROUP % 300)
    (told,) = mistakes_of(error)
    assert told.startswith(f"t.yaml:{START + 10}:")
    assert "Weight must be from 0 to 255" in told
    with pytest.raises(ScenarioError, match="there is no property Coment here"):
        build_text(TEMPLATE + GROUP % 7 + "      Coment: x\n")


# -- traffic ----------------------------------------------------------------------------------


def traffic_to(folder: Path, to: str, records: str) -> tuple[str, str]:
    """Whom the source goes to, and the host of its requests."""
    text = SCENARIO.replace("to: Balancer", f"to: {to}")
    (source,) = load_text(folder, text, TEMPLATE + records).scenario.traffic
    return source.to, source.request.host


def test_traffic_to_a_record_by_name_or_by_logical_id(tmp_path: Path) -> None:
    shop = record("Shop", under())
    assert traffic_to(tmp_path, "Balancer", shop) == ("Balancer", "")
    assert traffic_to(tmp_path, "Shop", shop) == ("Shop", SHOP)
    assert traffic_to(tmp_path, "Shop.Example.com.", shop) == ("Shop.Example.com.", SHOP)
    text = SCENARIO.replace("to: Balancer", "to: Shop, request: {host: www.example.com}")
    (source,) = load_text(tmp_path, text, TEMPLATE + shop).scenario.traffic
    assert source.request.host == "www.example.com"


def test_traffic_to_nobody(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as error:
        traffic_to(tmp_path, "shpo.example.com", record("Shop", under()))
    (told,) = mistakes_of(error)
    assert told.startswith("s.yaml:8:")
    assert "there is no load balancer and no record named shpo.example.com" in told
    assert "shop.example.com" in told


def test_a_name_that_only_a_wildcard_answers(tmp_path: Path) -> None:
    wild = record("Wild", under(), domain='"*.example.com"')
    with pytest.raises(
        ScenarioError, match=r"wildcards such as \*\.example\.com are not simulated"
    ):
        traffic_to(tmp_path, "x.example.com", wild)
    assert traffic_to(tmp_path, "Wild", wild) == ("Wild", "")


def test_one_name_in_two_hosted_zones(tmp_path: Path) -> None:
    inside = record("Inside", under()).replace("example.com.\n", "shop.example.com.\n")
    both = record("Shop", under()) + inside
    with pytest.raises(ScenarioError, match="has records in several hosted zones"):
        traffic_to(tmp_path, SHOP, both)
    assert traffic_to(tmp_path, "Inside", both) == ("Inside", SHOP)


def test_a_rule_sees_the_record_s_name(tmp_path: Path) -> None:
    rule = (
        "  Rule:\n    Type: AWS::ElasticLoadBalancingV2::ListenerRule\n    Properties:\n"
        "      ListenerArn: !Ref Listener\n      Priority: 1\n"
        "      Conditions: [{Field: host-header, Values: [shop.example.com]}]\n"
        "      Actions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: '418'}}]\n"
    )
    text = SCENARIO.replace("to: Balancer", f"to: {SHOP}").replace("1h", "1m")
    loaded = load_text(tmp_path, text, TEMPLATE + rule + record("Shop", under()))
    report = play(loaded.scenario).report
    assert report["requests"]["by_status"] == {"418": 6000}


# -- the move ---------------------------------------------------------------------------------

MOVE = """\
timeline:
  - at: 1m
    action: route53:ChangeResourceRecordSets
    parameters:
      ChangeBatch:
        Comment: even
        Changes:
          - Action: UPSERT
            ResourceRecordSet:
              Name: shop.example.com.
              Type: A
              SetIdentifier: blue
              Weight: 10
              AliasTarget: {DNSName: BlueBalancer, HostedZoneId: Z35SXDOTRQ7X7K}
"""


def test_a_timeline_changes_records(tmp_path: Path) -> None:
    world = make_world(load(write(tmp_path, weighted(90, 10), more=MOVE)).scenario)
    world.run(200.0)
    views = {view.id: view for view in world.route53.list_resource_record_sets()}
    assert {name: view.traffic for name, view in views.items()} == {"blue": 0.5, "green": 0.5}
    assert views["blue"].healthy is None  # the new record does not evaluate its target


def test_a_wrong_change_is_told_at_its_line(tmp_path: Path) -> None:
    for old, new, line, told in (
        ("Weight: 10", "Weight: 1000", 22, "Weight must be from 0 to 255, not 1000"),
        ("SetIdentifier: blue", "TTL: 60", 21, "an alias has no TTL"),
        ("UPSERT", "UPDATE", 17, "Action must be one of CREATE, DELETE, UPSERT, not 'UPDATE'"),
        ("Weight: 10", "Region: us-east-1", 22, "Region is not simulated"),
    ):
        path = write(tmp_path, weighted(90, 10), more=MOVE.replace(old, new))
        with pytest.raises(ScenarioError) as error:
            load(path)
        (found,) = mistakes_of(error)
        assert found.startswith(f"sites.scenario.yaml:{line}:"), found
        assert told in found


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 255), st.sampled_from(["Blue", "Green"]), st.booleans())
def test_changes_are_saved_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, weight: int, site: str, simple: bool
) -> None:
    folder = tmp_path_factory.mktemp("records")
    loaded = load(write(folder, weighted(90, 10)))
    given = {"set_identifier": None} if simple else {"weight": weight}
    entry: TimelineEntry = changes(5.0, change(site=site, **given))
    text = dump(loaded.document, [entry], duration=60.0, source=folder, folder=folder)
    (folder / "again.yaml").write_text(text, encoding="utf-8")
    assert load(folder / "again.yaml").scenario.timeline == (entry,)
