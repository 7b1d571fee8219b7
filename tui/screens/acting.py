"""The keys that change the world: faults, and an operator's moves."""

from __future__ import annotations

from textual import work

from tui import views
from tui.panes.targets import TargetsPane
from tui.screens.group_acting import GroupActing


class ActingScreen(GroupActing):
    """A screen of one session whose keys are actions; what they touch is the selected target."""

    # -- faults and moves ---------------------------------------------------------------------

    def action_kill(self) -> None:
        if (instance := self._selected()) is not None:
            self.do(lambda: self.session.kill(instance), f"terminating {instance}")

    def action_fail_health(self) -> None:
        if (instance := self._selected()) is not None:
            self.toggle(
                lambda: self.session.toggle_health(instance),
                f"{instance} fails its health checks",
                f"{instance} passes its health checks again",
            )

    def action_slow_service(self) -> None:
        if (instance := self._selected()) is not None:
            self.toggle(
                lambda: self.session.toggle_slow(instance),
                f"{instance} is five times slower",
                f"{instance} is back to its speed",
            )

    def action_errors(self) -> None:
        if (instance := self._selected()) is not None:
            self.toggle(
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
        zone = await self.ask(ZoneDialog(zones, self._selected_zone()))
        if zone is not None:
            self.toggle(
                lambda: self.session.toggle_zone(zone),
                f"the network of {zone} is down",
                f"the network of {zone} is back",
            )

    def _selected_zone(self) -> str | None:
        instance = self.query_one(TargetsPane).selected
        ec2, name = self.session.world.ec2, instance or ""
        found = ec2.instances.get(name) or ec2.machines.get(name)
        return found.zone if found is not None else None

    def action_spike(self) -> None:
        self.toggle(self.session.toggle_spike, "traffic is tripled", "traffic is back to normal")

    def action_lift(self) -> None:
        count = len(self.session.world.faults.active)
        if count:
            self.do(self.session.lift, f"{count} fault{'s' * (count != 1)} lifted")
        else:
            self.notify("no fault is at work")

    def action_deregister(self) -> None:
        """Take the selected target out of its group."""
        chosen = self.query_one(TargetsPane).selected_target
        if chosen is None:
            self.notify("no target is selected: go to the targets with 1", severity="warning")
        else:
            group, target = chosen
            done = f"{target} is deregistered from {group}"
            self.do(lambda: self.session.deregister(group, target), done)

    @work
    async def action_register(self) -> None:
        """Ask for an instance and a target group."""
        from tui.elb_choices import unregistered
        from tui.screens.elb_dialogs import ChoiceDialog

        choices = unregistered(self.session.world)
        if not choices:
            self.notify("every running instance is registered already")
            return
        answer = await self.ask(ChoiceDialog("RegisterTargets", choices))
        if answer is not None:
            group, instance = answer.split("/")
            done = f"{instance} is registered with {group}"
            self.do(lambda: self.session.register(group, instance), done)

    @work
    async def action_attribute(self) -> None:
        """Ask for an attribute and its new value."""
        from tui.elb_choices import changeable
        from tui.screens.elb_dialogs import AttributeDialog

        choices = changeable(self.session.world)
        if not choices:
            self.notify("there is no load balancer", severity="warning")
            return
        answer = await self.ask(AttributeDialog(choices))
        if answer is not None:
            resource, key, value = answer
            done = f"{resource}: {key} = {value}"
            self.do(lambda: self.session.set_attribute(resource, key, value), done)

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
            answer = await self.ask(ChoiceDialog("Weights of which rule?", choices))
            if answer is None:
                return
            chosen = answer
        rule = next(choice for choice in choices if choice.id == chosen)
        weights = await self.ask(WeightsDialog(rule))
        if weights is not None:
            names = [name for name, _ in rule.values]
            given = tuple(zip(names, weights, strict=True))
            done = ", ".join(f"{name} {weight}" for name, weight in given)
            self.do(lambda: self.session.set_weights(chosen, given), done)

    @work
    async def action_shift(self) -> None:
        """Ask for a zone, and lead traffic away from it or let it return."""
        from tui.screens.dialogs import ZoneDialog

        zones = views.zones(self.session.world)
        if not zones:
            self.notify("there is no load balancer", severity="warning")
            return
        title = "Lead traffic away from a zone, or let it return"
        zone = await self.ask(ZoneDialog(zones, self._selected_zone(), title))
        if zone is not None:
            self.toggle(
                lambda: self.session.toggle_shift(zone),
                f"traffic is led away from {zone}",
                f"traffic returns to {zone}",
            )

    async def choose_group(self) -> str | None:
        """The one group that there is, or the one that somebody chooses."""
        from tui.screens.elb_dialogs import Choice, ChoiceDialog

        names = tuple(self.session.world.autoscaling.groups)
        if not names:
            self.notify("there is no Auto Scaling group", severity="warning")
            return None
        if len(names) == 1:
            return names[0]
        choices = tuple(Choice(name, name) for name in names)
        return await self.ask(ChoiceDialog("Which Auto Scaling group?", choices))

    def selected_instance(self) -> str | None:
        return self._selected()

    def _selected(self) -> str | None:
        instance = self.query_one(TargetsPane).selected
        if instance is None:
            self.notify("no target is selected: go to the targets with 1", severity="warning")
        return instance
