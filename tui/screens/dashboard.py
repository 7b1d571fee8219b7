"""A dashboard of the template, laid out by its grid."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from model.cloudwatch.dashboards.resource import Dashboard
from tui.charts.raster import Glyphs
from tui.dashboards import WidgetReader, dashboards
from tui.graphs import RANGES, range_label
from tui.looking import DASHBOARD
from tui.panes.chart_column import ChartColumn
from tui.panes.dashboard_parts import AlarmFrame, DashboardGrid, Frame, frame
from tui.screens.clocked import ClockedScreen, bindings
from tui.screens.live import LiveScreen


class DashboardScreen(ClockedScreen):
    """One dashboard; only the widgets in view are read."""

    TABLE = DASHBOARD
    BINDINGS: ClassVar[list[BindingType]] = bindings(DASHBOARD)

    DEFAULT_CSS = """
    DashboardScreen {
        & #body { height: 1fr; }
        & #name { height: 1; background: $boost; }
        & DashboardGrid { height: 1fr; scrollbar-size-vertical: 1; }
    }
    """

    def __init__(
        self, live: LiveScreen, dashboard: Dashboard, *, glyphs: Glyphs = Glyphs.BRAILLE
    ) -> None:
        super().__init__(live.session, live.pacer, live=live.drawn_by_itself)
        self._screen = live
        self._dashboard = dashboard
        self._glyphs = glyphs
        self._reader = WidgetReader(live.session.world, dashboard.body)
        self._range: float | None = None
        """What somebody chose; None: what the dashboard says."""

    def panes(self) -> ComposeResult:
        """The frames of all widgets."""
        utc = self.session.world.schedule.utc
        yield Static(id="name")
        with DashboardGrid():
            for widget in self._dashboard.body.widgets:
                yield frame(widget, utc, self._glyphs)

    def on_mount(self) -> None:
        self.query_one(DashboardGrid).focus()

    def draw_header(self) -> None:
        """The header tells which dashboard is shown, and of what time."""
        super().draw_header()
        span = self._reader.window(self._range).span
        found = dashboards(self.session.world)
        place = f"{found.index(self._dashboard) + 1} of {len(found)}"
        more = f"  {place} dashboards" if len(found) > 1 else ""
        name = Text.assemble(
            (f" {self._dashboard.name}", "bold"), (f"  {range_label(span)}{more}", "dim")
        )
        self.query_one("#name", Static).update(name)

    def draw_panes(self) -> None:
        """Read what is in view."""
        window = self._reader.window(self._range)
        for each in self.query(Frame):
            if each.is_on_screen:
                each.show(self._reader, window)

    @on(DashboardGrid.Scrolled)
    @on(ChartColumn.Rearranged)
    def _others_in_view(self) -> None:
        self.call_after_refresh(self.draw_panes)

    @on(AlarmFrame.Opened)
    def _open_alarm(self, event: AlarmFrame.Opened) -> None:
        self._screen.open_alarm(event.alarm_id)

    def action_next_range(self) -> None:
        """Go through the ranges, and back to the dashboard's own."""
        choices = (None, *RANGES)
        self._range = choices[(choices.index(self._range) + 1) % len(choices)]
        span = range_label(self._reader.window(self._range).span)
        own = " (the dashboard's own)" if self._range is None else ""
        self.notify(f"the dashboard shows {span}{own}")
        self.draw()

    def action_next_dashboard(self) -> None:
        """Go on to the next dashboard."""
        found = dashboards(self.session.world)
        if len(found) == 1:
            self.notify("the template has no other dashboard")
            return
        following = found[(found.index(self._dashboard) + 1) % len(found)]
        self.app.switch_screen(DashboardScreen(self._screen, following, glyphs=self._glyphs))

    def action_zoom(self) -> None:
        """Show the focused widget alone, or all of them again."""
        if self.maximized is not None:
            self.minimize()
        elif self.focused is not None:
            found = next((f for f in self.focused.ancestors if isinstance(f, Frame)), None)
            if found is None:
                self.notify("go to a widget with tab first")
            else:
                self.maximize(found, container=False)
        self.call_after_refresh(self.draw)
