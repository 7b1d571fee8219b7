"""Targets that nothing tells apart are computed once, and so are those that are alike again."""

from __future__ import annotations

from tests.model.elb.samples import A, B, Cloud


def cohorts(cloud: Cloud) -> list[int]:
    """How many targets are in each."""
    (scope,) = cloud.group.scopes
    return sorted(cohort.size for cohort in scope.cohorts)


def test_like_targets_are_one_cohort_soon_after_they_come() -> None:
    cloud = Cloud(100)
    cloud.add(A, 3)
    cloud.add(B, 2)
    cloud.run(65)
    assert cohorts(cloud) == [5]


def test_a_target_that_suffers_alone_is_joined_again_when_it_has_recovered() -> None:
    cloud = Cloud(100)
    targets = cloud.add(A, 4)
    cloud.run(120)
    cloud.ail(targets[0], slowdown=2.0)
    cloud.run(200)
    assert cohorts(cloud) == [1, 3]
    cloud.ail(targets[0])
    cloud.run(330)
    assert cohorts(cloud) == [4]
    rates = {cloud.view(target).rate for target in targets}
    assert len(rates) == 1
