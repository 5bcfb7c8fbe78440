"""What a class says of its own fields: the keywords of its constructor, and whether the codec knows it whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..schema.definitions import ObjectDefinition, TupleDefinition


def constructor_names(definition: ObjectDefinition | TupleDefinition) -> dict[str, str]:
    """Return the keywords of the constructor by attribute, where they differ (attrs drops underscores)."""
    attributes = getattr(definition.python, "__attrs_attrs__", ())
    return {
        attribute.name: alias
        for attribute in attributes
        if (alias := getattr(attribute, "alias", None) or attribute.name.lstrip("_"))
    }


def is_carried_whole(definition: ObjectDefinition) -> bool:
    """Whether the codec writes an instance exactly as the definition says, so that it can stay one."""
    python = definition.python
    if definition.style == "typed_dict" or not isinstance(python, type):
        return False
    config: Any = getattr(python, "__struct_config__", None)
    if config is not None:
        may_be_unset = any(not f.required and f.default is None for f in definition.fields)
        if config.omit_defaults or config.array_like or may_be_unset:
            return False
        written = tuple(python.__struct_encode_fields__)  # type: ignore[attr-defined]
    elif "__attrs_attrs__" in python.__dict__:
        written = tuple(attribute.name for attribute in python.__attrs_attrs__)  # type: ignore[attr-defined]
    elif any(not field.init for field in python.__dict__.get("__dataclass_fields__", {}).values()):
        # Its default may be the class's alone, and the codec writes what the instance has.
        return False
    else:
        written = tuple(
            name
            for name, field in getattr(python, "__dataclass_fields__", {}).items()
            if field._field_type.name == "_FIELD"  # noqa: SLF001  # neither ClassVar nor InitVar
        )
    described = tuple(field.name for field in definition.fields if field.direction != "input")
    same_names = all(field.python_name in (None, field.name) for field in definition.fields)
    if config is not None:
        same_names = True  # the codec renames them itself
    # msgspec leaves out attributes of dataclasses that begin with an underscore.
    return same_names and written == described and not any(n.startswith("_") for n in written)


def defaults_of_class(definition: ObjectDefinition) -> frozenset[str]:
    """Return the fields that an instance may not have itself, where its class has a default.

    So are dataclasses that msgspec made; the codec writes what the instance has.
    """
    python = definition.python
    if definition.style != "dataclass" or not python.__dictoffset__:
        return frozenset()
    return frozenset(field.name for field in definition.fields if not field.required)
