"""The keys that change Auto Scaling groups, wherever a group and an instance can be chosen."""

from __future__ import annotations

from collections.abc import Callable

from textual import work

from model.actions import ActionError
from model.autoscaling.outlook import PolicyView
from model.autoscaling.views import GroupView
from tui.screens.clocked import ClockedScreen
from tui.views import group_view, newest_value

REPLACED, FEWER = "replaced", "fewer"
"""What becomes of the desired capacity as an instance leaves."""


class GroupActing(ClockedScreen):
    """A screen of one session whose keys are calls of the EC2 Auto Scaling API."""

    async def choose_group(self) -> str | None:
        """The group that a key is about; None: none, and why was said."""
        raise NotImplementedError

    def selected_instance(self) -> str | None:
        """The instance that a key is about; None: none, and why was said."""
        raise NotImplementedError

    # -- groups -------------------------------------------------------------------------------

    async def _group(self) -> GroupView | None:
        chosen = await self.choose_group()
        return None if chosen is None else group_view(self.session.world, chosen)

    @work
    async def action_desired(self) -> None:
        """Ask for a group's desired capacity, and set it."""
        from tui.screens.dialogs import DesiredCapacityDialog

        if (group := await self._group()) is None:
            return
        capacity = await self.ask(DesiredCapacityDialog(group))
        if capacity is not None:
            done = f"{group.id}: {capacity} desired"
            self.do(lambda: self.session.groups.set_desired(group.id, capacity), done)

    @work
    async def action_sizes(self) -> None:
        """Ask for minimum, desired capacity and maximum, and set them."""
        from tui.screens.group_dialogs import SizesDialog

        if (group := await self._group()) is None:
            return
        answer = await self.ask(SizesDialog(group))
        if answer is not None:
            least, desired, most = map(int, answer)
            done = f"{group.id}: min {least}, desired {desired}, max {most}"
            self.do(lambda: self.session.groups.resize(group.id, least, desired, most), done)

    @work
    async def action_processes(self) -> None:
        """Ask which processes stand still, and suspend and resume accordingly."""
        from tui.screens.group_dialogs import ProcessesDialog

        if (group := await self._group()) is None:
            return
        answer = await self.ask(ProcessesDialog(group))
        if answer is not None:
            done = f"suspended: {', '.join(answer)}" if answer else "no process is suspended"
            self.do(lambda: self.session.groups.suspend(group.id, answer), f"{group.id}: {done}")

    @work
    async def action_refresh_instances(self) -> None:
        """Ask how to refresh, or what to do about the refresh that is under way."""
        from tui.screens.elb_dialogs import Choice, ChoiceDialog
        from tui.screens.group_dialogs import RefreshDialog

        if (group := await self._group()) is None:
            return
        moves, name = self.session.groups, group.id
        under_way = self.session.world.autoscaling.describe_instance_refreshes(name)[:1]
        if under_way and under_way[0].end is None:
            choices = (
                Choice("cancel", "cancel: replace no more, keep what was replaced"),
                Choice("roll", "roll back: replace again what it has launched"),
            )
            title = f"The refresh is {under_way[0].status}"
            match await self.ask(ChoiceDialog(title, choices)):
                case "cancel":
                    self.do(lambda: moves.cancel_refresh(name), f"{name}: refresh is cancelled")
                case "roll":
                    self.do(lambda: moves.roll_back(name), f"{name}: refresh is rolled back")
            return
        dialog = RefreshDialog(name)
        answer = await self.ask(dialog)
        if answer is not None:
            wanted = dialog.wanted(answer)
            self.do(lambda: moves.start_refresh(wanted), f"{name}: instance refresh starts")

    @work
    async def action_execute(self) -> None:
        """Ask for a policy (and for a step policy, the metric's value), and execute it."""
        from tui.screens.elb_dialogs import Choice, ChoiceDialog
        from tui.screens.group_dialogs import StepDialog

        if (group := await self._group()) is None:
            return
        found = {
            policy.id: policy
            for policy in self.session.world.autoscaling.describe_policies(group.id)
            if policy.type in ("SimpleScaling", "StepScaling")
        }
        if not found:
            self.notify(
                f"{group.id} has no simple or step scaling policy, which alone can be executed",
                severity="warning",
            )
            return
        choices = tuple(Choice(name, f"{name}  {one.goal}") for name, one in found.items())
        policy = await self.ask(ChoiceDialog("ExecutePolicy", choices))
        if policy is None:
            return
        value = threshold = None
        if found[policy].type == "StepScaling":
            answer = await self.ask(StepDialog(policy, *self._step(found[policy])))
            if answer is None:
                return
            value, threshold = map(float, answer)
        self.do(
            lambda: self.session.groups.execute(group.id, policy, value, threshold),
            f"{policy} is executed",
        )

    def _step(self, policy: PolicyView) -> tuple[str, str]:
        """The newest value and the threshold of a policy's first alarm, as a start."""
        if not policy.alarms:
            return "", ""
        value, threshold = newest_value(self.session.world, policy.alarms[0].alarm)
        return "" if value is None else f"{value:.4g}", f"{threshold:g}"

    # -- instances ----------------------------------------------------------------------------

    def action_protect(self) -> None:
        if (instance := self.selected_instance()) is not None:
            self.toggle(
                lambda: self.session.groups.toggle_protection(instance),
                f"{instance} is protected from scale-in",
                f"{instance} is protected no more",
            )

    @work
    async def action_standby(self) -> None:
        """Put the selected instance into standby, or back into service."""
        if (instance := self.selected_instance()) is None or not self._in_a_group(instance):
            return
        moves = self.session.groups
        if moves.in_standby(instance):
            self.do(lambda: moves.exit_standby(instance), f"{instance} returns to service")
            return
        await self._leave(
            "EnterStandby",
            instance,
            lambda decrement: moves.enter_standby(instance, decrement=decrement),
            f"{instance} goes to standby",
        )

    @work
    async def action_detach(self) -> None:
        """Take the selected instance out of its group."""
        if (instance := self.selected_instance()) is not None:
            await self._leave(
                "DetachInstances",
                instance,
                lambda decrement: self.session.groups.detach(instance, decrement=decrement),
                f"{instance} leaves its group",
            )

    @work
    async def action_terminate(self) -> None:
        """Have the group end the selected instance."""
        if (instance := self.selected_instance()) is not None:
            await self._leave(
                "TerminateInstanceInAutoScalingGroup",
                instance,
                lambda decrement: self.session.groups.terminate(instance, decrement=decrement),
                f"{instance} is ended",
            )

    async def _leave(
        self, title: str, instance: str, leave: Callable[[bool], None], done: str
    ) -> None:
        """Ask whether another instance takes its place, and let it go."""
        from tui.screens.elb_dialogs import Choice, ChoiceDialog

        if not self._in_a_group(instance):
            return
        group = group_view(self.session.world, self.session.groups.group_of(instance))
        choices = (
            Choice(REPLACED, f"desired capacity stays {group.desired}: another takes its place"),
            Choice(FEWER, f"desired capacity becomes {group.desired - 1}"),
        )
        answer = await self.ask(ChoiceDialog(title, choices))
        if answer is not None:
            self.do(lambda: leave(answer == FEWER), done)

    def _in_a_group(self, instance: str) -> bool:
        try:
            self.session.groups.group_of(instance)
        except ActionError as problem:
            self.notify(str(problem), severity="warning")
            return False
        return True
