"""UpdateTable: what it asks for, what is refused, and what is done when the table is updated.

Sources: API UpdateTable; "Quotas in Amazon DynamoDB"; "Considerations when switching capacity modes
in DynamoDB". Until it is updated a table does what it did before.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from model.actions import ActionError
from model.dynamodb.requests import Side
from model.dynamodb.resources import (
    ON_DEMAND,
    PROVISIONED,
    OnDemandThroughput,
    ProvisionedThroughput,
    Table,
)
from model.dynamodb.table import TableState, TableStatus, owners
from model.fields import length, one_of

SWITCHES = 4
"""How often a table may become an on-demand table in 24 hours."""
DAY = 86_400.0


@frozen(kw_only=True)
class UpdateIndex:
    """New throughput of a global secondary index."""

    index_name: str
    provisioned_throughput: ProvisionedThroughput | None = None
    on_demand_throughput: OnDemandThroughput | None = None


@frozen(kw_only=True)
class IndexUpdate:
    """One item of GlobalSecondaryIndexUpdates."""

    REFUSED: ClassVar[dict[str, str]] = {
        "Create": "indexes are made with their table",
        "Delete": "indexes are made with their table",
    }

    update: UpdateIndex


@frozen(kw_only=True)
class Update:
    """What UpdateTable asks for."""

    billing_mode: str | None = field(default=None, validator=one_of(PROVISIONED, ON_DEMAND))
    provisioned_throughput: ProvisionedThroughput | None = None
    on_demand_throughput: OnDemandThroughput | None = None
    global_secondary_index_updates: tuple[IndexUpdate, ...] = field(
        default=(), validator=length(0, 20)
    )


def check(state: TableState, update: Update, now: datetime) -> Table:
    """The table as it is to be. Raises `ActionError` where DynamoDB refuses it; what it allows is
    counted."""
    if state.status is not TableStatus.ACTIVE:
        raise ActionError(
            f"Attempt to change a resource which is still in use: Table is being updated: "
            f"{state.name}",
            "ResourceInUseException",
        )
    changed = _changed(state.resource, update)
    if changed == state.resource:
        raise ActionError(
            "The provisioned throughput for the table will not change: it is as requested already"
        )
    _check_switch(state, changed, now)
    lowered = [name for name in owners(changed) if _lowers(state, changed, name)]
    for name in lowered:
        if state.decreases[name].available(now) < 1:
            whom = f"the index {name} of table {state.name}" if name else f"table {state.name}"
            raise ActionError(
                f"Subscriber limit exceeded: provisioned throughput decreases are limited within "
                f"a given UTC day, and none is left for {whom}. The next is allowed after the "
                "next full hour",
                "LimitExceededException",
            )
    for name in lowered:
        state.decreases[name].take(now)
    return changed


def _changed(table: Table, update: Update) -> Table:
    """The table with what is asked for. Raises `ActionError`."""
    wanted = {item.update.index_name: item.update for item in update.global_secondary_index_updates}
    known = {index.index_name for index in table.global_secondary_indexes}
    for name in wanted:
        if name not in known:
            raise ActionError(
                f"The table has no global secondary index {name}", "ResourceNotFoundException"
            )
    mode = update.billing_mode or table.billing_mode
    switches = mode != table.billing_mode
    indexes = []
    for index in table.global_secondary_indexes:
        own = wanted.get(index.index_name)
        indexes.append(
            evolve(
                index,
                provisioned_throughput=_provisioned(
                    None if switches and mode == ON_DEMAND else index.provisioned_throughput,
                    None if own is None else own.provisioned_throughput,
                ),
                on_demand_throughput=index.on_demand_throughput
                if own is None or own.on_demand_throughput is None
                else own.on_demand_throughput,
            )
        )
    try:
        return evolve(
            table,
            billing_mode=mode,
            provisioned_throughput=_provisioned(
                None if switches and mode == ON_DEMAND else table.provisioned_throughput,
                update.provisioned_throughput,
            ),
            on_demand_throughput=update.on_demand_throughput or table.on_demand_throughput,
            global_secondary_indexes=tuple(indexes),
        )
    except ValueError as problem:
        raise ActionError(
            f"One or more parameter values were invalid: ProvisionedThroughput {problem}"
        ) from None


def _provisioned(
    before: ProvisionedThroughput | None, wanted: ProvisionedThroughput | None
) -> ProvisionedThroughput | None:
    return before if wanted is None else wanted


def _check_switch(state: TableState, changed: Table, now: datetime) -> None:
    """That the table was not made an on-demand table too often."""
    if not changed.on_demand or state.resource.on_demand:
        return
    recent = [time for time in state.switched if time > now.timestamp() - DAY]
    if len(recent) >= SWITCHES:
        raise ActionError(
            f"Subscriber limit exceeded: a table can be switched to PAY_PER_REQUEST {SWITCHES} "
            "times in 24 hours",
            "LimitExceededException",
        )


def _lowers(state: TableState, changed: Table, name: str) -> bool:
    """Whether the throughput of the table or an index would become less."""
    before = owners(state.resource)[name].provisioned_throughput
    after = owners(changed)[name].provisioned_throughput
    if before is None or after is None:
        return False
    return (
        after.read_capacity_units < before.read_capacity_units
        or after.write_capacity_units < before.write_capacity_units
    )


def carry_out(state: TableState, changed: Table) -> None:
    """The update is done: from now on the table is as it was asked to be."""
    state.resource = changed
    for name, own in owners(changed).items():
        read, write = state.throughputs[name, Side.READ], state.throughputs[name, Side.WRITE]
        given, most = own.provisioned_throughput, own.on_demand_throughput
        if given is not None:
            read.provision(float(given.read_capacity_units))
            write.provision(float(given.write_capacity_units))
        elif read.provisioned is None:
            read.most, write.most = most.max_read_request_units, most.max_write_request_units
        else:
            warm = own.warm_throughput
            read.go_on_demand(most.max_read_request_units, warm.read_units_per_second)
            write.go_on_demand(most.max_write_request_units, warm.write_units_per_second)
