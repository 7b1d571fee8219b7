"""Traffic follows records: by weight and health, over the TTL, and none of it is lost."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.actions import ActionError
from model.elb.resources.targets import TargetDescription
from model.route53.moves import Change
from model.route53.resources import AliasTarget
from model.traffic.shapes import Constant, Stage, Stages
from model.traffic.source import Source
from model.world import World
from scenarios.player import make_world
from scenarios.scenario import TimelineEntry
from tests.model.route53.samples import (
    FAILOVER,
    NAME,
    RECORD,
    alias,
    change,
    changes,
    down,
    scenario,
    sent,
    view,
    weighted,
    world,
)
from tests.model.samples import action, bytes_of, play


def rates(records: str, *timeline: TimelineEntry, until: float = 300.0) -> tuple[float, float]:
    """Requests per second at each site in the end."""
    played = world(records, until, timeline=timeline)
    before = sent(played)
    played.run(until + 60.0)
    blue, green = ((after - then) / 60.0 for after, then in zip(sent(played), before, strict=True))
    return blue, green


def test_weights_share_out_the_requests_and_the_clients() -> None:
    assert rates(weighted(90, 10)) == pytest.approx((180.0, 20.0))
    inflows = world(weighted(90, 10)).elb.balancers["GreenBalancer"].inflows
    assert [inflow.clients(0.0, 1.0) for inflow in inflows] == pytest.approx([100.0])


@pytest.mark.parametrize(
    ("records", "site", "expected"),
    [
        (weighted(90, 10), "Blue", (0.0, 200.0)),
        (weighted(90, 10), "Green", (200.0, 0.0)),
        (weighted(10, 0), "Blue", (0.0, 200.0)),
        (weighted(0, 0), "Blue", (0.0, 200.0)),
        (weighted(90, 10, evaluate=False), "Blue", (180.0, 20.0)),
        (FAILOVER, "Blue", (0.0, 200.0)),
        (FAILOVER, "Green", (200.0, 0.0)),
    ],
)
def test_a_site_that_dies(records: str, site: str, expected: tuple[float, float]) -> None:
    assert rates(records, down(60.0, site)) == pytest.approx(expected)


def test_where_no_site_is_healthy_all_answer() -> None:
    both = down(60.0, "Blue"), down(60.0, "Green")
    assert rates(weighted(90, 10), *both) == pytest.approx((180.0, 20.0))
    assert rates(FAILOVER, *both) == pytest.approx((200.0, 0.0))


def test_traffic_moves_in_a_minute_from_when_the_last_target_is_unhealthy_and_back() -> None:
    played = world(weighted(100, 0), 60.0, timeline=(down(60.0, "Blue", 120.0),))
    while view(played, "blue").healthy:
        played.run(played.now + 0.25)
    began = played.now
    assert 60.0 + 10.0 < began <= 60.0 + 2 * 10.0 + 5.0  # two failed checks, ten seconds apart
    assert view(played, "green").answers == 1.0
    assert view(played, "green").traffic < 0.01
    played.run(began + 30.0)
    assert view(played, "green").traffic == pytest.approx(0.5, abs=0.01)
    assert played.route53.unsettled
    # the rate follows: between 45 and 60 seconds a mean of 7/8
    played.run(began + 45.0)
    before = sent(played)[1]
    played.run(began + 60.0)
    played.elb.flow(played.now)
    assert sent(played)[1] - before == pytest.approx(200.0 * 15.0 * 0.875, rel=0.02)
    played.run(began + 61.0)
    assert not played.route53.unsettled
    assert view(played, "blue").traffic == 0.0
    played.run(400.0)
    assert view(played, "blue").healthy
    assert view(played, "blue").traffic == 1.0


def test_a_cname_is_held_for_its_own_ttl_and_knows_no_health() -> None:
    cname = "ResourceRecords: [!GetAtt {0}Balancer.DNSName]\n      TTL: 300\n      {1}"
    pair = (
        ("Blue", "SetIdentifier: b\n      Weight: 1"),
        ("Green", "SetIdentifier: g\n      Weight: 0"),
    )
    records = "".join(
        RECORD.format(id=site, name=NAME, type="CNAME", more=cname.format(site, more))
        for site, more in pair
    )
    green = change(
        "UPSERT",
        "Green",
        set_identifier="g",
        type="CNAME",
        alias_target=None,
        ttl=300,
        weight=1,
        values=("GreenBalancer",),
    )
    played = world(records, 160.0, timeline=(down(0.0, "Blue"), changes(100.0, green)))
    assert view(played, "b").healthy is None
    assert view(played, "g").answers == 0.5
    assert view(played, "g").traffic == pytest.approx(0.5 * 60 / 300)


def test_names_that_lead_to_names() -> None:
    """`www` is a CNAME of an alias of the weighted records."""
    www = "ResourceRecords: [top.example.com]\n      TTL: 120"
    top = f"AliasTarget: {{DNSName: {NAME}., HostedZoneId: Z1, EvaluateTargetHealth: true}}"
    records = (
        RECORD.format(id="Www", name="www.example.com", type="CNAME", more=www)
        + RECORD.format(id="Top", name="top.example.com", type="A", more=top)
        + weighted(90, 10)
    )
    played = world(records, 300.0, to="WwwRecord", timeline=(down(60.0, "Blue", 120.0),))
    total = sum(sent(played))
    assert total == pytest.approx(200.0 * (played.now + 120.0))
    assert sent(played)[1] > 200.0 * 120.0
    tops = [v for v in played.route53.list_resource_record_sets() if v.name == "top.example.com"]
    assert [(v.leads_to, v.healthy, v.answers) for v in tops] == [(NAME, True, 1.0)]


def test_a_load_balancer_whose_groups_are_empty_is_unhealthy() -> None:
    played = world(weighted(90, 10), 60.0)
    targets = (
        TargetDescription(id=f"192.168.1.{number}", availability_zone="all") for number in (1, 2)
    )
    gone = action(
        "elasticloadbalancing:DeregisterTargets",
        target_group_arn="BlueTargets",
        targets=tuple(targets),
    )
    played.apply(gone)
    played.run(61.0)
    assert view(played, "blue").healthy is False
    assert view(played, "green").answers == 1.0


def test_a_load_balancer_that_nobody_reaches_is_unhealthy() -> None:
    """Its targets are outside, and healthy: all its nodes are dark."""
    zones = ("us-east-1a", "us-east-1b")
    dark = action("aws:network:disrupt-connectivity", duration=300.0, zones=zones)
    played = world(weighted(90, 10), 140.0, timeline=(TimelineEntry(60.0, dark),))
    assert view(played, "blue").healthy
    played.run(160.0)
    assert view(played, "blue").healthy is False
    assert view(played, "blue").answers == 0.9  # both sites are in these zones: all answer
    played.run(361.0)
    assert view(played, "blue").healthy


# -- the move ---------------------------------------------------------------------------------


def test_an_operator_moves_weights_deletes_and_creates() -> None:
    assert rates(
        weighted(90, 10), changes(100.0, change(weight=50), change(site="Green", weight=50))
    ) == pytest.approx((100.0, 100.0))
    assert rates(weighted(90, 10), changes(100.0, change("DELETE", weight=90))) == pytest.approx(
        (0.0, 200.0)
    )
    again = changes(150.0, change("CREATE", weight=30))
    assert rates(
        weighted(90, 10), changes(100.0, change("DELETE", weight=90)), again
    ) == pytest.approx((150.0, 50.0))


def test_an_alias_can_be_led_elsewhere() -> None:
    simple = alias("Blue", "")
    green = change(site="Green", set_identifier=None)
    assert rates(simple) == pytest.approx((200.0, 0.0))
    assert rates(simple, changes(100.0, green)) == pytest.approx((0.0, 200.0))


ELSEWHERE = AliasTarget(dns_name="BlueBalancer", hosted_zone_id="Z26RNL4JYFTOTI")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ((change("CREATE", weight=1),), "Tried to create resource record set .* already exists"),
        ((change("DELETE", weight=1),), "the values provided do not match the current values"),
        (
            (change("DELETE", weight=90, name="www.example.com"),),
            r"\[name='www.example.com.', type='A', set-identifier='blue'\] but it was not found",
        ),
        ((change(set_identifier=None),), "this is a simple one: all of one name and type"),
        (
            (change("DELETE", weight=90), change("DELETE", site="Green", weight=77)),
            "no record of shop.example.com would be left",
        ),
        ((change(weight=5, alias_target=None, ttl=60, values=("192.0.2.1",)),), "leads to no load"),
        ((change(weight=5, type="CNAME"),), "a CNAME stands alone"),
        ((change(weight=5, alias_target=ELSEWHERE),), "does not lie within the target zone"),
        (
            (change(weight=5, name="shop.example.org"),),
            r"DNS name shop.example.org. is not permitted in zone example.com\.",
        ),
    ],
)
def test_what_is_refused_changes_nothing(changed: tuple[Change, ...], why: str) -> None:
    played = world(weighted(90, 10), 60.0)
    good = change(site="Green", weight=77)
    with pytest.raises(ActionError, match=why):
        played.apply(changes(60.0, good, *changed).action)
    assert (view(played, "green").weight, view(played, "green").answers) == (10, 0.1)


def test_a_change_is_on_the_event_bus_in_aws_s_words() -> None:
    played = world(weighted(90, 10), 61.0, timeline=(changes(60.0, change(weight=5)),))
    call = played.bus.events[-1]
    assert (call.source, call.detail["eventName"]) == ("aws.route53", "ChangeResourceRecordSets")
    (first,) = call.detail["requestParameters"]["changeBatch"]["changes"]
    assert first["resourceRecordSet"]["setIdentifier"] == "blue"
    json.dumps(call.detail)


# -- laws -------------------------------------------------------------------------------------

WEIGHTS = st.integers(0, 3)
STAGES = st.builds(
    Stages,
    st.floats(0, 400),
    st.lists(st.builds(Stage, st.sampled_from([0.0, 45.0]), st.floats(0, 600)), max_size=3).map(
        tuple
    ),
)


@st.composite
def lines(draw: st.DrawFn) -> TimelineEntry:
    at = draw(st.floats(0.0, 300.0).map(lambda time: round(time, 3)))
    match draw(st.integers(0, 3)):
        case 0:
            site = draw(st.sampled_from(["Blue", "Green"]))
            return down(at, site, draw(st.sampled_from([None, 30.0, 90.0])))
        case 1:
            return TimelineEntry(at, action("spillover:traffic-spike", requests_per_second=50.0))
        case 2:
            dark = action("aws:network:disrupt-connectivity", duration=60.0, zones=("us-east-1a",))
            return TimelineEntry(at, dark)
        case _:
            site = draw(st.sampled_from(["Blue", "Green"]))
            return changes(at, change(site=site, weight=draw(WEIGHTS)))


def asked(played: World, since: float) -> float:
    """What the source sent in all, extra requests of faults included."""
    inflow = played.elb.balancers["BlueBalancer"].inflows[0]
    return inflow.source.shape.requests(since - inflow.begins, played.now - inflow.begins)


@settings(max_examples=12, deadline=None)
@given(st.tuples(WEIGHTS, WEIGHTS), STAGES, st.lists(lines(), max_size=4))
def test_what_load_balancers_get_is_what_the_source_sent(
    weights: tuple[int, int], shape: Stages, timeline: list[TimelineEntry]
) -> None:
    plain = [line for line in timeline if line.action.name != "spillover:traffic-spike"]
    source = Source(name="shoppers", to=NAME, shape=shape)
    played = make_world(
        scenario(weighted(*weights), traffic=(source,), timeline=tuple(plain), history=0.0)
    )
    for minute in range(7):
        played.run(60.0 * minute)
        assert sum(sent(played)) == pytest.approx(asked(played, 0.0), rel=1e-9, abs=1e-6)
        views = played.route53.list_resource_record_sets()
        assert sum(v.traffic for v in views) == pytest.approx(1.0)
        assert sum(v.answers for v in views) == pytest.approx(1.0)


def test_extra_requests_of_a_fault_come_once() -> None:
    spike = TimelineEntry(60.0, action("spillover:traffic-spike", requests_per_second=50.0))
    assert sum(rates(weighted(90, 10), spike, down(290.0, "Blue"))) == pytest.approx(250.0)


@settings(max_examples=5, deadline=None)
@given(
    st.lists(lines(), max_size=4), st.lists(st.floats(-90, 400), max_size=8), st.floats(-90, 400)
)
def test_how_time_is_cut_and_copies_change_nothing(
    timeline: list[TimelineEntry], cuts: list[float], stored_at: float
) -> None:
    source = (Source(name="shoppers", to=NAME, shape=Constant(200.0)),)
    plan = scenario(weighted(2, 1), traffic=source, timeline=tuple(timeline), duration=400.0)
    expected = play(plan)
    assert play(plan, cuts) == expected
    played = make_world(plan)
    played.run(stored_at)
    again = World.restore(played.snapshot())
    again.run(plan.duration)
    assert bytes_of(plan, again) == expected
