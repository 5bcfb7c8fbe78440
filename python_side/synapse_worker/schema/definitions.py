"""What a schema names: its types, functions, services and errors, with their documentation."""

from __future__ import annotations

from typing import Any, ClassVar

from synapse_worker.frozen import Frozen, field

from .types import Json, Type  # noqa: TC001  # `noun_form` resolves the annotations


class Default(Frozen):
    """A default value: as JSON where it can be shown as a value, else as Python text."""

    value: Json = None
    # Set instead of `value` where the default is no JSON: a factory, an object, `...`.
    text: str | None = None


class Documentation(Frozen):
    """A docstring in parts (Google, NumPy or reST style); parts it does not have are empty."""

    summary: str = ""
    details: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    returns: str = ""
    raises: tuple[tuple[str, str], ...] = ()
    examples: tuple[str, ...] = ()
    deprecated: str | None = None


class Field(Frozen):
    """A member of an object. `name` is what travels; `python_name` the attribute where it differs.

    A field that is not required and has a default is always there in what Python sends; one that is
    not required and has none may be absent both ways (NotRequired, msgspec's UNSET). A field that
    differs by direction in name or type is two fields of one `python_name`.
    """

    name: str
    type: Type
    required: bool = True
    default: Default | None = None
    documentation: str = ""
    # "output": user code sets it (init=False, computed); "input": only the caller gives it (InitVar).
    direction: str = "both"
    python_name: str | None = None


class Definition(Frozen):
    """Any named type: the classes below."""

    kind: ClassVar[str]
    name: str


class ObjectDefinition(Definition):
    """A record: dataclass, TypedDict, msgspec.Struct, pydantic model, attrs class.

    On the wire a map of its fields by name. `style` says which of these it is.
    """

    kind: ClassVar[str] = "object"
    style: str = "dataclass"
    fields: tuple[Field, ...] = ()
    type_parameters: tuple[str, ...] = ()
    # (field, value) that a tagged struct carries on the wire.
    tag: tuple[str, str | int] | None = None
    # What happens to unknown fields of an argument: "ignore", "forbid" or "keep".
    unknown_fields: str = "ignore"
    documentation: Documentation = field(default_factory=Documentation)
    python: Any = field(default=None, local=True)


class TupleDefinition(Definition):
    """A NamedTuple (or array-like struct): on the wire an array of its fields in order."""

    kind: ClassVar[str] = "named_tuple"
    fields: tuple[Field, ...] = ()
    type_parameters: tuple[str, ...] = ()
    # What a tagged array-like struct carries as element 0, before its fields.
    tag: str | int | None = None
    documentation: Documentation = field(default_factory=Documentation)
    python: Any = field(default=None, local=True)


class EnumMember(Frozen):
    """One member: its Python name and its value on the wire."""

    name: str
    value: str | int | float | bool | None
    documentation: str = ""


class EnumDefinition(Definition):
    """An Enum: one of its values. A Flag: any int that its members can be combined to."""

    kind: ClassVar[str] = "enum"
    members: tuple[EnumMember, ...] = ()
    is_flag: bool = False
    documentation: Documentation = field(default_factory=Documentation)
    python: Any = field(default=None, local=True)


class NewTypeDefinition(Definition):
    """A NewType: its base, branded."""

    kind: ClassVar[str] = "new_type"
    base: Type = field(kw_only=True)
    documentation: Documentation = field(default_factory=Documentation)
    python: Any = field(default=None, local=True)


class AliasDefinition(Definition):
    """A name for a type: a `type` statement, a recursive alias, a pydantic RootModel (`python`)."""

    kind: ClassVar[str] = "alias"
    type: Type = field(kw_only=True)
    type_parameters: tuple[str, ...] = ()
    documentation: Documentation = field(default_factory=Documentation)
    python: Any = field(default=None, local=True)


class Parameter(Frozen):
    """A parameter of a function.

    `kind` is one of: positional_only, positional_or_keyword, keyword_only, var_positional, var_keyword; for the last
    two `type` is that of one argument.
    """

    name: str
    kind: str
    type: Type
    required: bool = True
    default: Default | None = None


class Overload(Frozen):
    """One `typing.overload` of a function."""

    parameters: tuple[Parameter, ...]
    returns: Type


class Function(Frozen):
    """A method of the module or of a service. A stream's `returns` is the type of one item.

    `is_static` marks what is called on a service's class: class methods and static methods.
    """

    name: str
    parameters: tuple[Parameter, ...]
    returns: Type
    is_stream: bool = False
    is_async: bool = False
    is_static: bool = False
    overloads: tuple[Overload, ...] = ()
    # Names of the errors (keys of `Schema.errors`) it says it raises.
    raises: tuple[str, ...] = ()
    documentation: Documentation = field(default_factory=Documentation)
    # Variables that relate its types to each other: `def first[T](items: list[T]) -> T`.
    type_parameters: tuple[str, ...] = ()


class Service(Frozen):
    """A stateful class. `constructor` is a Function named `$new` that returns its reference."""

    name: str
    constructor: Function
    methods: tuple[Function, ...] = ()
    documentation: Documentation = field(default_factory=Documentation)


class ErrorDefinition(Frozen):
    """An exception class callers may want to tell apart.

    `fields` are its declared data (a dataclass exception, or annotated attributes): they travel as
    the error's `details`. `bases` are the names of its ancestors up to, without, Exception.
    """

    name: str
    module: str
    bases: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    documentation: Documentation = field(default_factory=Documentation)
    python: Any = field(default=None, local=True)


class SchemaWarning(Frozen):
    """Something that could not be described, and became `unknown`: where, and what to do."""

    where: str
    message: str
    file: str | None = None
    line: int | None = None


class Schema(Frozen):
    """A whole module."""

    module: str
    functions: tuple[Function, ...] = ()
    services: tuple[Service, ...] = ()
    definitions: dict[str, Definition] = field(default_factory=dict)
    errors: dict[str, ErrorDefinition] = field(default_factory=dict)
    documentation: Documentation = field(default_factory=Documentation)
    warnings: tuple[SchemaWarning, ...] = ()
