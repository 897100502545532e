"""One line of the bench's table, and what stands there when nothing could be measured."""

from dataclasses import dataclass


class NotMeasured(Exception):
    """Why there is no figure, in a few words; the bench says them and goes on."""


@dataclass(frozen=True)
class Row:
    """A figure beside its budget; `limit` None is a figure that others are to be read against."""

    what: str
    figure: float | None
    unit: str = ""
    limit: float | None = None
    note: str = ""

    def __str__(self) -> str:
        figure = "none" if self.figure is None else f"{self.figure:.2f}"
        limit = "" if self.limit is None else f"{self.limit:.2f}"
        remark = "  ".join(filter(None, (self.verdict, self.note)))
        return f"{self.what:<66} {figure:>8} {self.unit:<4} {limit:>8}  {remark}".rstrip()

    @property
    def verdict(self) -> str:
        if self.limit is None or self.figure is None:
            return ""
        return "ok" if self.figure <= self.limit else "OVER"
