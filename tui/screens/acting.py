"""The keys that change the world: faults, and an operator's moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from textual import work
from textual.screen import ModalScreen, Screen

from model.actions import ActionError
from tui import views
from tui.panes.targets import TargetsPane
from tui.session import Session

Answer = TypeVar("Answer")


class ActingScreen(Screen[None]):
    """A screen of one session whose keys are actions; what they touch is the selected target."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def draw(self) -> None:
        """Bring every pane up to date."""

    # -- faults and moves ---------------------------------------------------------------------

    def action_kill(self) -> None:
        if (instance := self._selected()) is not None:
            self._do(lambda: self.session.kill(instance), f"terminating {instance}")

    def action_fail_health(self) -> None:
        if (instance := self._selected()) is not None:
            self._toggle(
                lambda: self.session.toggle_health(instance),
                f"{instance} fails its health checks",
                f"{instance} passes its health checks again",
            )

    def action_slow_service(self) -> None:
        if (instance := self._selected()) is not None:
            self._toggle(
                lambda: self.session.toggle_slow(instance),
                f"{instance} is five times slower",
                f"{instance} is back to its speed",
            )

    def action_errors(self) -> None:
        if (instance := self._selected()) is not None:
            self._toggle(
                lambda: self.session.toggle_errors(instance),
                f"{instance} fails half of its requests",
                f"{instance} errs no more",
            )

    @work
    async def action_zone_down(self) -> None:
        """Ask for a zone, and cut or restore its network."""
        from tui.screens.dialogs import ZoneDialog

        zones = views.zones(self.session.world)
        if not zones:
            self.notify("there is no load balancer whose zone could fail", severity="warning")
            return
        zone = await self._ask(ZoneDialog(zones, self._selected_zone()))
        if zone is not None:
            self._toggle(
                lambda: self.session.toggle_zone(zone),
                f"the network of {zone} is down",
                f"the network of {zone} is back",
            )

    def _selected_zone(self) -> str | None:
        instance = self.query_one(TargetsPane).selected
        found = self.session.world.ec2.instances.get(instance or "")
        return found.zone if found is not None else None

    def action_spike(self) -> None:
        self._toggle(self.session.toggle_spike, "traffic is tripled", "traffic is back to normal")

    def action_lift(self) -> None:
        count = len(self.session.world.faults.active)
        if count:
            self._do(self.session.lift, f"{count} fault{'s' * (count != 1)} lifted")
        else:
            self.notify("no fault is at work")

    @work
    async def action_desired(self) -> None:
        """Ask for a group's desired capacity, and set it."""
        from tui.screens.dialogs import DesiredCapacityDialog

        groups = self.session.world.autoscaling.describe_auto_scaling_groups()
        if not groups:
            self.notify("there is no Auto Scaling group", severity="warning")
            return
        answer = await self._ask(DesiredCapacityDialog(groups))
        if answer is not None:
            group, capacity = answer
            self._do(
                lambda: self.session.set_desired(group, capacity), f"{group}: {capacity} desired"
            )

    def action_deregister(self) -> None:
        """Take the selected target out of its group."""
        chosen = self.query_one(TargetsPane).selected_target
        if chosen is None:
            self.notify("no target is selected: go to the targets with 1", severity="warning")
        else:
            group, target = chosen
            done = f"{target} is deregistered from {group}"
            self._do(lambda: self.session.deregister(group, target), done)

    @work
    async def action_register(self) -> None:
        """Ask for an instance and a target group."""
        from tui.elb_choices import unregistered
        from tui.screens.elb_dialogs import ChoiceDialog

        choices = unregistered(self.session.world)
        if not choices:
            self.notify("every running instance is registered already")
            return
        answer = await self._ask(ChoiceDialog("RegisterTargets", choices))
        if answer is not None:
            group, instance = answer.split("/")
            done = f"{instance} is registered with {group}"
            self._do(lambda: self.session.register(group, instance), done)

    @work
    async def action_attribute(self) -> None:
        """Ask for an attribute and its new value."""
        from tui.elb_choices import changeable
        from tui.screens.elb_dialogs import AttributeDialog

        choices = changeable(self.session.world)
        if not choices:
            self.notify("there is no load balancer", severity="warning")
            return
        answer = await self._ask(AttributeDialog(choices))
        if answer is not None:
            resource, key, value = answer
            done = f"{resource}: {key} = {value}"
            self._do(lambda: self.session.set_attribute(resource, key, value), done)

    @work
    async def action_weights(self) -> None:
        """Ask for a listener or a rule, and the weights of its target groups."""
        from tui.elb_choices import weighted
        from tui.screens.elb_dialogs import ChoiceDialog, WeightsDialog

        choices = weighted(self.session.world)
        if not choices:
            self.notify("no listener forwards to a target group", severity="warning")
            return
        chosen = choices[0].id
        if len(choices) > 1:
            answer = await self._ask(ChoiceDialog("Weights of which rule?", choices))
            if answer is None:
                return
            chosen = answer
        rule = next(choice for choice in choices if choice.id == chosen)
        weights = await self._ask(WeightsDialog(rule))
        if weights is not None:
            names = [name for name, _ in rule.values]
            given = tuple(zip(names, weights, strict=True))
            done = ", ".join(f"{name} {weight}" for name, weight in given)
            self._do(lambda: self.session.set_weights(chosen, given), done)

    @work
    async def action_shift(self) -> None:
        """Ask for a zone, and lead traffic away from it or let it return."""
        from tui.screens.dialogs import ZoneDialog

        zones = views.zones(self.session.world)
        if not zones:
            self.notify("there is no load balancer", severity="warning")
            return
        title = "Lead traffic away from a zone, or let it return"
        zone = await self._ask(ZoneDialog(zones, self._selected_zone(), title))
        if zone is not None:
            self._toggle(
                lambda: self.session.toggle_shift(zone),
                f"traffic is led away from {zone}",
                f"traffic returns to {zone}",
            )

    def _selected(self) -> str | None:
        instance = self.query_one(TargetsPane).selected
        if instance is None:
            self.notify("no target is selected: go to the targets with 1", severity="warning")
        return instance

    def _toggle(self, change: Callable[[], bool], on_text: str, off_text: str) -> None:
        try:
            began = change()
        except ActionError as error:
            self.notify(str(error), severity="error")
        else:
            self.notify(on_text if began else off_text)
        self.draw()

    def _do(self, change: Callable[[], None], done: str) -> None:
        try:
            change()
        except ActionError as error:
            self.notify(str(error), severity="error")
        else:
            self.notify(done)
        self.draw()

    async def _ask(self, dialog: ModalScreen[Answer]) -> Answer | None:
        """Show a dialog, with no old news in front of it; the answer."""
        self.app.clear_notifications()
        return await self.app.push_screen_wait(dialog)
