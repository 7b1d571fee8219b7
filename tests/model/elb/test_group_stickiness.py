"""Stickiness between target groups ("Action types for listener rules": AWSALBTG)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.actions import Action as Change
from model.actions import ActionError, Targets
from model.elb.attributes import KeyValue
from model.elb.listener_moves import DeleteRule, ModifyListener, ModifyRule
from model.elb.moves import ModifyTargetGroupAttributes
from model.elb.resources import Action, ForwardConfig, ListenerRule, TargetGroupTuple
from model.elb.resources.actions import TargetGroupStickinessConfig
from model.fields import FieldError
from model.traffic.shapes import Constant, Stage, Stages
from model.traffic.source import Request, Source
from model.world import World
from tests.model.elb.samples import Cloud, identity, target_group
from tests.model.elb.test_rules import condition, rates, weights

HOUR = 3600


def sticky(duration: int = HOUR, **given: int) -> Action:
    """A forward action by weights whose target groups are sticky."""
    tuples = [TargetGroupTuple(target_group_arn=name, weight=w) for name, w in given.items()]
    config = ForwardConfig(
        target_groups=tuple(tuples),
        target_group_stickiness_config=TargetGroupStickinessConfig(
            enabled=True, duration_seconds=duration
        ),
    )
    return Action(type="forward", forward_config=config)


def users(rate: float, clients: int, name: str = "users", **request: str) -> Source:
    return Source(
        name=name,
        to="Balancer",
        shape=Constant(rate),
        clients=clients,
        request=Request(**request),  # type: ignore[arg-type]
    )


def made(action: Action, *sources: Source, others: int = 2, **properties: object) -> Cloud:
    """Two target groups, Targets and Others, with two targets each."""
    cloud = Cloud(
        sources or (users(40, 100),),
        action=action,
        more=[target_group(name="Others", **properties)],  # type: ignore[arg-type]
    )
    cloud.add(number=2)
    if others:
        cloud.add(number=others, group="Others")
    return cloud


def modify(cloud: Cloud, action: Action) -> None:
    """ModifyListener."""
    wanted = ModifyListener(listener_arn="Listener", default_actions=(action,))
    call = "elasticloadbalancing:ModifyListener"
    cloud.world.apply(Change(name=call, targets=Targets(), parameters=wanted))


def shares(cloud: Cloud) -> list[float]:
    """The shares of Targets and of Others."""
    found = rates(cloud)
    return [found[name] / sum(found.values()) for name in ("Targets", "Others")]


def test_new_clients_follow_the_weights() -> None:
    cloud = made(sticky(Targets=3, Others=1))
    cloud.run(300)
    assert shares(cloud) == pytest.approx([0.75, 0.25])


def test_after_a_change_of_weights_old_clients_stay() -> None:
    cloud = made(sticky(Targets=1, Others=0))
    cloud.run(300)
    modify(cloud, sticky(Targets=0, Others=1))
    cloud.run(600)
    assert shares(cloud) == pytest.approx([1.0, 0.0], abs=1e-6)


def test_without_stickiness_they_go_at_once() -> None:
    cloud = made(weights(Targets=1, Others=0))
    cloud.run(300)
    modify(cloud, weights(Targets=0, Others=1))
    cloud.run(310)
    assert shares(cloud) == [0.0, 1.0]


def test_clients_that_come_after_the_change_follow_the_new_weights() -> None:
    """Of 100 clients that were there half went to each; 300 more all go to Others."""
    cloud = Cloud(
        [
            users(40, 100),
            Source(
                name="late",
                to="Balancer",
                shape=Stages(0, (Stage(300, 0), Stage(0, 120))),
                clients=300,
            ),
        ],
        action=sticky(Targets=1, Others=1),
        more=[target_group(name="Others")],
    )
    cloud.add(number=2)
    cloud.add(number=2, group="Others")
    cloud.run(290)
    modify(cloud, sticky(Targets=0, Others=1))
    cloud.run(900)
    assert shares(cloud) == pytest.approx([50 / 400, 350 / 400], abs=1e-3)


def test_cookies_that_run_out_let_clients_follow_the_weights() -> None:
    """The guide's example lasts ten seconds: clients who ask every 1,000 seconds are all new."""
    cloud = made(sticky(10, Targets=1, Others=0), users(100, 100_000))
    cloud.run(300)
    modify(cloud, sticky(10, Targets=1, Others=1))
    cloud.run(600)
    assert shares(cloud) == pytest.approx([0.5, 0.5], abs=0.01)


def test_a_pause_that_is_longer_than_the_duration_ends_all_sessions() -> None:
    shape = Stages(40, (Stage(300, 40), Stage(0, 0), Stage(120, 0), Stage(0, 40)))
    for duration, stays in ((60, False), (600, True)):
        cloud = made(
            sticky(duration, Targets=1, Others=0),
            Source(name="users", to="Balancer", shape=shape, clients=100),
        )
        cloud.run(360)
        modify(cloud, sticky(duration, Targets=0, Others=1))
        cloud.run(600)
        assert shares(cloud) == pytest.approx([1.0, 0.0] if stays else [0.0, 1.0], abs=1e-6)


def test_a_group_that_is_taken_out_of_the_action_loses_its_clients() -> None:
    cloud = made(sticky(Targets=1, Others=0))
    cloud.run(300)
    modify(cloud, sticky(Others=1))
    cloud.run(400)
    assert shares(cloud) == [0.0, 1.0]
    modify(cloud, sticky(Targets=1, Others=0))
    cloud.run(600)
    assert shares(cloud) == pytest.approx([0.0, 1.0], abs=1e-6), "and they do not come back"


def test_switching_it_off_forgets_who_stayed_where() -> None:
    cloud = made(sticky(Targets=1, Others=0))
    cloud.run(300)
    assert cloud.balancer.sessions.places
    modify(cloud, weights(Targets=1, Others=1))
    assert cloud.balancer.sessions.places == {}
    cloud.run(400)
    assert shares(cloud) == pytest.approx([0.5, 0.5])
    modify(cloud, sticky(Targets=1, Others=1))
    cloud.run(700)
    assert shares(cloud) == pytest.approx([0.5, 0.5])


def test_no_group_helps_an_empty_one() -> None:
    """Who has a cookie for a group without targets gets 503, as who is sent there by weight."""
    cloud = made(sticky(Targets=3, Others=1), others=0)
    cloud.run(300)
    assert cloud.metric("HTTPCode_ELB_503_Count")[-1] == pytest.approx(600, abs=2)


def test_without_any_weight_only_those_with_a_cookie_are_served() -> None:
    cloud = made(sticky(Targets=1, Others=1))
    cloud.run(300)
    modify(cloud, sticky(Targets=0, Others=0))
    cloud.run(420)
    assert sum(rates(cloud).values()) == pytest.approx(40, rel=1e-3)
    fresh = made(sticky(Targets=0, Others=0))
    fresh.run(300)
    assert set(fresh.books.by_status) == {"503"}


def test_each_rule_has_clients_of_its_own() -> None:
    images = ListenerRule(
        identity=identity("Images"),
        listener_arn="Listener",
        priority=1,
        conditions=(condition("path-pattern", "/img/*"),),
        actions=(sticky(Targets=0, Others=1),),
    )
    cloud = Cloud(
        [users(30, 100), users(10, 100, "images", path="/img/a")],
        action=sticky(Targets=1, Others=0),
        more=[target_group(name="Others"), images],
    )
    cloud.add(number=2)
    cloud.add(number=2, group="Others")
    cloud.run(300)
    assert rates(cloud) == {"Targets": pytest.approx(30), "Others": pytest.approx(10)}
    wanted = ModifyRule(rule_arn="Images", actions=(sticky(Targets=1, Others=0),))
    call = "elasticloadbalancing:ModifyRule"
    cloud.world.apply(Change(name=call, targets=Targets(), parameters=wanted))
    cloud.run(600)
    assert rates(cloud)["Others"] == pytest.approx(10, rel=1e-3)
    call = "elasticloadbalancing:DeleteRule"
    parameters = DeleteRule(rule_arn="Images")
    cloud.world.apply(Change(name=call, targets=Targets(), parameters=parameters))
    assert list(cloud.balancer.sessions.places) == [("Listener", None)]
    cloud.run(700)
    assert rates(cloud)["Targets"] == pytest.approx(40, rel=1e-3)


def test_both_kinds_of_stickiness_go_together() -> None:
    """New targets of a group get none of the clients that it has."""
    by_cookie = {"stickiness.enabled": "true"}
    cloud = Cloud(
        [users(40, 100)],
        by_cookie,
        action=sticky(Targets=1, Others=1),
        more=[target_group(by_cookie, name="Others")],
    )
    old = cloud.add(number=2)
    cloud.add(number=2, group="Others")
    cloud.run(300)
    (new,) = cloud.add()
    cloud.run(600)
    assert cloud.view(new).rate == pytest.approx(0.0, abs=1e-3)
    assert sum(cloud.view(item).rate for item in old) == pytest.approx(20, rel=1e-3)


def test_a_restored_world_knows_who_stays_where() -> None:
    cloud = made(sticky(Targets=1, Others=0))
    cloud.run(300)
    cloud.world = World.restore(cloud.world.snapshot())
    modify(cloud, sticky(Targets=0, Others=1))
    cloud.run(600)
    assert shares(cloud) == pytest.approx([1.0, 0.0], abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=6),
    st.sampled_from([10, 1000, 100_000]),
)
def test_requests_are_neither_lost_nor_made(
    changes: list[tuple[int, int, bool]], clients: int
) -> None:
    cloud = made(sticky(10, Targets=1, Others=1), users(60, clients))
    for one, other, stays in changes:
        action = sticky(10, Targets=one, Others=other)
        modify(cloud, action if stays else weights(Targets=one, Others=other or 1))
        cloud.run(cloud.world.now + 45)
    cloud.run(cloud.world.now + 30)
    cloud.world.note_totals()
    inside = cloud.balancer.in_flight
    assert cloud.books.total + inside == pytest.approx(cloud.balancer.sent, abs=4)
    for sessions in cloud.balancer.sessions.places.values():
        held = sum(following.clients for following in sessions.groups.values())
        assert held <= clients * (1 + 1e-9)


STICKY = {"stickiness.enabled": "true"}
APP = STICKY | {"stickiness.type": "app_cookie", "stickiness.app_cookie.cookie_name": "session"}


def test_where_targets_are_sticky_groups_must_be_too() -> None:
    cloud = made(weights(Targets=1), attributes=STICKY)
    with pytest.raises(ActionError, match="TargetGroupStickinessConfig must be enabled"):
        modify(cloud, weights(Targets=1, Others=1))
    modify(cloud, sticky(Targets=1, Others=1))
    modify(cloud, weights(Others=1))


def test_a_group_may_not_become_sticky_where_that_would_not_work() -> None:
    cloud = made(weights(Targets=1, Others=1))
    call = "elasticloadbalancing:ModifyTargetGroupAttributes"

    def give(attributes: dict[str, str]) -> None:
        pairs = tuple(KeyValue(key=key, value=value) for key, value in attributes.items())
        wanted = ModifyTargetGroupAttributes(target_group_arn="Targets", attributes=pairs)
        cloud.world.apply(Change(name=call, targets=Targets(), parameters=wanted))

    with pytest.raises(ActionError, match="must be enabled where several"):
        give(STICKY)
    modify(cloud, sticky(Targets=1, Others=1))
    with pytest.raises(ActionError, match="app_cookie, which does not work with weighted"):
        give(APP)
    give(STICKY)


def test_the_duration() -> None:
    for seconds in (1, 604_800):
        TargetGroupStickinessConfig(enabled=True, duration_seconds=seconds)
    for seconds in (0, 604_801):
        with pytest.raises(FieldError, match="from 1 to 604800"):
            TargetGroupStickinessConfig(enabled=True, duration_seconds=seconds)
    with pytest.raises(ValueError, match="needs DurationSeconds"):
        TargetGroupStickinessConfig(enabled=True)
