"""How the values of each method are converted: described and planned when it is first called.

Who asks for the schema first has had each method described: none is described again.

Nothing of `schema` or `conversion` is imported before: a worker whose methods have no annotations, or
that is not called, starts as fast as it ever did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.worker.instances import Instances
from synapse_worker.worker.services import NEW

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.conversion import Converters, FunctionPlan
    from synapse_worker.schema.definitions import Function, Schema
    from synapse_worker.schema.describe import Describer
    from synapse_worker.worker.method import Method
    from synapse_worker.worker.module import Module
    from synapse_worker.worker.services import Service

Planned = TypeVar("Planned")


class Plan:
    """What a method is, by its annotations, and how its values are converted."""

    __slots__ = ("accepts_functions", "conversion", "function")

    def __init__(
        self, function: Function, conversion: FunctionPlan, *, accepts_functions: bool
    ) -> None:
        self.function = function
        self.conversion = conversion
        # Where its annotations leave it open, what is given may hold functions.
        self.accepts_functions = accepts_functions


class Plans:
    """Makes the plans of one module's methods, each once."""

    def __init__(self, module: Module, name: str) -> None:
        self._module = module
        self._name = name
        self.instances = Instances()
        self._made: dict[str, Any] = {}
        self._describer: Describer | None = None
        self._converters: Converters | None = None
        # What the schema says of each method, by the name it is called by; empty where nobody has asked for it first.
        self._described: dict[str, Function] = {}
        self._schema: tuple[Schema, str] | None = None

    def make(self) -> None:
        """Make all that calls, and who asks for the schema, need, before anyone does.

        Raises:
            BaseException: `SCHEMA_INVALID` where something cannot be described, and whatever annotations raise.
        """
        self.schema()
        for method in self._module.methods.values():
            if method.is_annotated:
                self.of_function(method)
        for service in self._module.services.values():
            if service.is_annotated:
                self.of_constructor(service)
            for found in service.methods.values():
                if found.method.is_annotated:
                    self.of_service_method(service, found.method.name)

    def schema(self) -> tuple[Schema, str]:
        """Describe the whole module, once; return its schema and the hash of that.

        Raises:
            BaseException: as `make`.
        """
        if self._schema is None:
            self._schema = self._describe_all()
        return self._schema

    def _describe_all(self) -> tuple[Schema, str]:
        from synapse_worker.schema.describe import describe_module, describer_for
        from synapse_worker.schema.fingerprint import schema_hash

        # One of its own: what calls have had described would change the names of definitions.
        describer = describer_for(self._module)
        schema = describe_module(
            self._module,
            self._name,
            documentation=self._module.documentation,
            describer=describer,
        )
        if self._describer is None:
            self._describer, self._described = describer, _by_name(schema)
        return schema, schema_hash(schema)

    def of_function(self, method: Method) -> Plan:
        """Plan a function of the module.

        Raises:
            SynapseError: `SCHEMA_INVALID`, its annotations cannot be described.
        """

        def plan() -> Plan:
            from synapse_worker.schema.describe import describe_function

            described = self._described.get(method.name) or describe_function(
                method.function,
                self._describing(),
                name=method.name,
                is_generator=method.is_stream,
                is_async=method.is_async,
                raises=method.raises,
            )
            conversion = self._converting().for_function(
                described, validate=method.validate, python=method.function
            )
            return self._plan(described, conversion)

        return self._once(method.name, plan)

    def of_service_method(self, service: Service, name: str) -> Plan | None:
        """Plan a method of a service, without its `self`; None if it is none by its class's own word.

        Raises:
            SynapseError: `SCHEMA_INVALID`, its annotations cannot be described.
        """
        called = f"{service.name}.{name}"

        def plan() -> Plan | None:
            from synapse_worker.schema.functions import described_function
            from synapse_worker.schema.services import service_methods

            for function, offered in service_methods(service.cls, service.name):
                if offered.name == name:
                    known = self._described.get(called)
                    described = known or described_function(function, offered, self._describing())
                    return self._planned(described, called, function)
            return None

        return self._once(called, plan)

    def of_constructor(self, service: Service) -> Plan:
        """Plan the constructor of a service.

        Raises:
            SynapseError: `SCHEMA_INVALID`, its annotations cannot be described.
        """

        def plan() -> Plan:
            from synapse_worker.schema.services import described_constructor

            known = self._described.get(f"{service.name}.{NEW}")
            described = known or described_constructor(
                service.cls, service.name, self._describing()
            )
            return self._planned(described, service.name, service.cls)

        return self._once(service.name, plan)

    def _once(self, called: str, plan: Callable[[], Planned]) -> Planned:
        """Make a plan unless it is made; one that could not be made is tried anew."""
        if called not in self._made:
            self._made[called] = _guarded(f"{self._name}.{called}", plan)
        made: Planned = self._made[called]
        return made

    def _planned(self, described: Function, called: str, python: Callable[..., Any]) -> Plan:
        label = f"{self._name}.{called}"
        conversion = self._converting().for_function(described, name=label, python=python)
        return self._plan(described, conversion)

    def _plan(self, described: Function, conversion: FunctionPlan) -> Plan:
        from synapse_worker.conversion.unknowns import leaves_open

        definitions = self._converting().decoders.definitions
        is_open = leaves_open(described.parameters, definitions)
        return Plan(described, conversion, accepts_functions=is_open)

    def _describing(self) -> Describer:
        if self._describer is None:
            from synapse_worker.schema.describe import describer_for

            self._describer = describer_for(self._module)
        return self._describer

    def _converting(self) -> Converters:
        if self._converters is None:
            from synapse_worker.conversion import Converters

            self._converters = Converters(
                self._describing(), module=self._name, register_service=self._register
            )
        return self._converters

    def _register(self, service: str, instance: object) -> int:
        return self.instances.add(self._module.services[service], instance)


def _by_name(schema: Schema) -> dict[str, Function]:
    """Return the functions of a module by the names that they are called by."""
    found = {
        f"{service.name}.{function.name}": function
        for service in schema.services
        for function in (service.constructor, *service.methods)
    }
    return {**found, **{function.name: function for function in schema.functions}}


def _guarded(label: str, plan: Callable[[], Planned]) -> Planned:
    """Make a plan; whatever user code does in its annotations fails this method alone."""
    try:
        return plan()
    except SynapseError:
        raise
    except BaseException as error:
        from synapse_worker.worker.tracebacks import user_location

        raise SynapseError(
            "SCHEMA_INVALID",
            f"{label}() cannot be described: {type(error).__name__}: {error}",
            details=user_location(error),
            cause=error,
        ) from error
