"""How a file of this package declares its nodes; ``catalogue`` gathers them from each category."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from inspect import getdoc
from typing import Any, TypeVar

from dragops.nodes.definition import Definition, Pin, Property
from dragops.nodes.signature import read_signature

Function = TypeVar("Function", bound=Callable[..., Any])
Setting = TypeVar("Setting", Pin, Property)
Checks = Mapping[str, Callable[[Any], Any]]


class Category:
    """One category of the catalogue, filled as its file is read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.definitions: list[Definition] = []

    def node(self, signature: str, **parts: Any) -> Callable[[Function], Function]:
        """Declare a node whose work is a function; its docstring is the description.

        Pins and properties are the function's parameters, in snake_case. A parameter ``ctx`` gets
        the run's context, ``types`` (if that is no property) the declared types of variables, and
        the one named like a dynamic pin, in the plural, a dict of those pins (rather than a
        property of that name).
        """

        def declared(function: Function) -> Function:
            description = " ".join((getdoc(function) or "").split())
            self.declare(signature, description, function=function, **parts)
            return function

        return declared

    def declare(
        self,
        signature: str,
        description: str,
        *,
        checks: Checks | None = None,
        aliases: Mapping[str, str] | None = None,
        lazy: Iterable[str] = (),
        **parts: Any,
    ) -> None:
        """Declare a node; without a function the compiler has a rule for it.

        ``checks`` look at fixed values, ``aliases`` are older names of properties.
        """
        read = read_signature(signature)
        self.definitions.append(
            Definition(
                type=read.type,
                label=read.label,
                category=self.name,
                kind=read.kind,
                description=description,
                inputs=_checked(read.inputs, checks),
                outputs=read.outputs,
                properties=_renamed(_checked(read.properties, checks), aliases),
                lazy=frozenset(lazy),
                **parts,
            )
        )


def _checked(declared: tuple[Setting, ...], checks: Checks | None) -> tuple[Setting, ...]:
    return tuple(replace(each, check=(checks or {}).get(each.name)) for each in declared)


def _renamed(
    declared: tuple[Property, ...], aliases: Mapping[str, str] | None
) -> tuple[Property, ...]:
    return tuple(replace(each, alias=(aliases or {}).get(each.name)) for each in declared)
