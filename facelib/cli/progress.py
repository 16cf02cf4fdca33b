"""Progress of long work on a terminal: how much is done, how fast, and the time left."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from facelib.cli.output import visible

if TYPE_CHECKING:
    from typing import Self


class Event(Protocol):
    """The progress a stage reports; ``total`` is 0 if it is not known."""

    @property
    def stage(self) -> str: ...
    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def detail(self) -> str: ...


@dataclass(frozen=True)
class ProgressEvent:
    """The progress of work that is not a stage."""

    stage: str
    done: int
    total: int
    detail: str = ""


class ProgressLine:
    """One line that is updated in place, a new one for each stage; nothing if ``shown`` is False.

    ``unit`` is what is counted; ``"B"`` shows bytes with a prefix such as MB.

    Use it as a context manager and call :meth:`show`.
    """

    def __init__(self, shown: bool, unit: str = "photos") -> None:
        self._shown = shown
        self._unit = unit
        self._bar: Any = None
        self._stage = ""

    def show(self, event: Event) -> None:
        """Show one event; a new stage gets a new line."""
        if not self._shown:
            return
        begins = self._bar is None or event.stage != self._stage
        if begins:
            self.close()
            self._bar, self._stage = self._new_bar(event), event.stage
        if event.total and event.total != self._bar.total:
            self._bar.total = event.total
        if event.detail:
            self._bar.set_postfix_str(visible(event.detail), refresh=False)
        self._bar.update(event.done - self._bar.n)
        if begins:
            self._bar.refresh()

    def _new_bar(self, event: Event) -> Any:
        from tqdm import tqdm

        bytes_too = self._unit == "B"
        unit = self._unit if bytes_too else f" {self._unit}"
        # Work of one step has no rate and no percentage.
        form = "{desc} [{elapsed}]" if event.total == 1 else None
        return tqdm(
            desc=event.stage,
            total=event.total or None,
            unit=unit,
            unit_scale=bytes_too,
            dynamic_ncols=True,
            leave=False,
            mininterval=0.2,
            bar_format=form,
        )

    def close(self) -> None:
        """Remove the line from the screen."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
