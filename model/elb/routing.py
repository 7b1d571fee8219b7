"""Which rule of a listener a request meets, and what is done with it.

Source: "Listener rules for your Application Load Balancer". A request that is wrong meets none (see
`inspection.py`). Rules are looked at in order of their
priority; the first whose conditions are all met counts, the default actions if none is.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve, field, frozen

from model.elb.inspection import (
    APPLICATION,
    CLASSIC,
    STATUSES,
    Fault,
    fault,
    marks,
    without_invalid_headers,
)
from model.elb.marks import Mark
from model.elb.resources import Action, AnyListener, ListenerRule
from model.elb.resources.shapes import Balancer
from model.elb.units import FREE_RULES
from model.traffic.source import Request


@frozen(cache_hash=True)
class Route:
    """What a listener does with one kind of request; two are the same if they take the same way,
    whatever the action there is at present."""

    listener: str
    """Its logical id."""
    rule: str | None
    """The logical id of the rule that is met; None: the default actions."""
    evaluated: int
    """How many rules were looked at; the default one is not counted."""
    status: str | None = field(eq=False)
    """Of the answer that the load balancer gives itself, if it does."""
    redirects: bool = field(eq=False)
    """Whether that is a redirect (else a fixed response)."""
    groups: tuple[tuple[str, float], ...] = field(eq=False)
    """The target groups that requests are forwarded to, each with its share."""
    session: float | None = field(default=None, eq=False)
    """Seconds that a cookie keeps a client at its target group; None: groups are not sticky."""
    fault: Fault | None = None
    """Why no rule was looked at, if none was."""
    marks: tuple[Mark, ...] = field(default=(), eq=False)
    """What is counted of the requests beside how they end."""

    @property
    def paid_rules(self) -> int:
        """How many of the rules looked at are not free."""
        return max(self.evaluated - FREE_RULES, 0)


def route(
    listener: AnyListener,
    rules: Iterable[ListenerRule],
    request: Request,
    host: str,
    balancer: Balancer,
) -> Route:
    """What happens to a request that meets the `rules` in their order; `host` is the name that
    clients know the load balancer by."""
    if listener.network:
        return _route(listener, None, 0, listener.action)
    if not request.host:
        request = evolve(request, host=host)
    dropping = balancer.drops_invalid_headers
    minded = CLASSIC if balancer.kind == "classic" else APPLICATION
    wrong = fault(request, balancer.desync_mitigation_mode, minded)
    if wrong is not None:
        noted = marks(request, dropping=dropping, forwarded=False)
        return Route(
            listener=listener.logical_id,
            rule=None,
            evaluated=0,
            status=STATUSES[wrong],
            redirects=False,
            groups=(),
            fault=wrong,
            marks=noted,
        )
    found = _met(listener, rules, without_invalid_headers(request) if dropping else request)
    noted = marks(request, dropping=dropping, forwarded=found.status is None)
    return evolve(found, marks=noted)


def _met(listener: AnyListener, rules: Iterable[ListenerRule], request: Request) -> Route:
    """The first of the rules that a request meets, or the default one."""
    number = 0
    for number, rule in enumerate(rules, start=1):
        if all(condition.met(request) for condition in rule.conditions):
            return _route(listener, rule.logical_id, number, rule.action)
    return _route(listener, None, number, listener.action)


def _route(listener: AnyListener, rule: str | None, evaluated: int, action: Action) -> Route:
    status = None
    if action.fixed_response_config is not None:
        status = action.fixed_response_config.status_code
    elif action.redirect_config is not None:
        status = action.redirect_config.status
    total = sum(action.groups.values())
    groups = {name: weight / total for name, weight in action.groups.items() if weight}
    return Route(
        listener=listener.logical_id,
        rule=rule,
        evaluated=evaluated,
        status=status,
        redirects=action.redirect_config is not None,
        groups=tuple(groups.items()),
        session=action.session,
    )
