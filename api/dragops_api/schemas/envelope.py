"""The envelope of answers, and paging in its two styles: page/limit and limit/offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, Literal, Self, TypeVar

from fastapi import Query
from pydantic import Field

from dragops.errors import BadInput
from dragops.model.run import now_iso
from dragops.model.schema import Shape

T = TypeVar("T")


class Answer(Shape, Generic[T]):
    """A successful answer."""

    success: Literal[True]
    data: T
    timestamp: str

    @classmethod
    def of(cls, data: T) -> Self:
        """Answer with this, now."""
        return cls(success=True, data=data, timestamp=now_iso())


IsExact = Annotated[
    bool,
    Field(
        description="Only there, and false, where there are more than `total`.",
        exclude_if=lambda is_exact: is_exact,
    ),
]


class PageMeta(Shape):
    """Where a page is in its list."""

    page: int
    limit: int
    total: int
    total_pages: int
    total_is_exact: IsExact = True


class OffsetMeta(Shape):
    """Where a slice is in its list."""

    total: int
    limit: int
    offset: int
    total_is_exact: IsExact = True


Meta = PageMeta | OffsetMeta


class ListAnswer(Shape, Generic[T]):
    """One page of a list."""

    success: Literal[True]
    data: list[T]
    meta: Meta
    timestamp: str

    @classmethod
    def of(cls, data: list[T], meta: Meta) -> Self:
        """Answer with this page, now."""
        return cls(success=True, data=data, meta=meta, timestamp=now_iso())


class ErrorBody(Shape):
    """What went wrong."""

    code: str
    message: str
    details: list[dict[str, str]] = Field(default_factory=list)


class ErrorAnswer(Shape):
    """A failure."""

    success: Literal[False]
    error: ErrorBody
    timestamp: str


@dataclass(frozen=True, slots=True)
class Paging:
    """The part of a list that was asked for, and the style in which its place is told."""

    limit: int
    offset: int
    by_page: bool

    def cut(self, rows: Sequence[T]) -> Sequence[T]:
        """Give the part of the whole list."""
        return rows[self.offset : self.offset + self.limit]

    def meta(self, total: int, *, is_exact: bool = True) -> Meta:
        """Tell the place of this part in a list of so many, or of more when it is not exact."""
        if not self.by_page:
            return OffsetMeta(
                total=total, limit=self.limit, offset=self.offset, total_is_exact=is_exact
            )
        return PageMeta(
            page=self.offset // self.limit + 1,
            limit=self.limit,
            total=total,
            total_pages=-(-total // self.limit),
            total_is_exact=is_exact,
        )


Page = Annotated[int | None, Query(ge=1, le=1_000_000, description="From 1.")]
Limit = Annotated[int, Query(ge=1, le=100, description="Items in the answer.")]
Offset = Annotated[int | None, Query(ge=0, le=100_000_000, description="Instead of a page.")]


def paged(page: Page = None, limit: Limit = 20, offset: Offset = None) -> Paging:
    """Read the paging of lists that number their pages unless an offset is given."""
    _refuse_both(page, offset)
    if offset is not None:
        return Paging(limit, offset, by_page=False)
    return Paging(limit, ((page or 1) - 1) * limit, by_page=True)


def sliced(page: Page = None, limit: Limit = 20, offset: Offset = None) -> Paging:
    """Read the paging of lists that give offsets unless a page is asked for."""
    _refuse_both(page, offset)
    if page is not None:
        return Paging(limit, (page - 1) * limit, by_page=True)
    return Paging(limit, offset or 0, by_page=False)


def _refuse_both(page: int | None, offset: int | None) -> None:
    if page is not None and offset is not None:
        raise BadInput("query.offset", "cannot be given together with page")
