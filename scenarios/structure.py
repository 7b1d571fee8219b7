"""From plain values to attrs classes, with every mistake at its place in the file.

cattrs does the structuring; the hooks here add what a template needs: properties in AWS's spelling,
numbers written as text, references to other resources, and properties that are kept inert or
refused with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin

import attrs
from attrs import define, field
from cattrs import Converter
from cattrs.errors import (
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.gen import make_dict_structure_fn, override

from model.actions import spelling
from model.fields import FieldError, RefersTo
from model.resources import Identity
from scenarios.document import Document, Place
from scenarios.durations import parse_duration
from scenarios.mistakes import Mistake, nearest

Made = TypeVar("Made")
Reference = Callable[[str, RefersTo], str]
"""Finds the logical id that a text means; raises `ValueError` where it means nothing."""


_NOTHING: tuple[Any, ...] = (False, "false", [], {})
"""Values by which a template says that it wants nothing of a property."""
_LARGEST = 10**18


def _wants_nothing(value: Any) -> bool:
    """Whether a template only says that it does not want a property's effect."""
    if isinstance(value, dict) and "Enabled" in value:
        value = value["Enabled"]
    return value in _NOTHING or value == {"Mode": "off"}


class KeyProblemError(ValueError):
    """Something is wrong with a key of a mapping, not with its value."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def key_of(attribute: attrs.Attribute[Any], style: Callable[[str], str]) -> str:
    """How a file spells a field: by its metadata, else by the style."""
    return str(attribute.metadata.get("name") or style(attribute.name))


@define
class Structurer:
    """Makes attrs classes out of one document's plain values."""

    document: Document
    style: Callable[[str], str] = spelling
    """How fields are spelled: `spelling` for AWS's CamelCase, `str` for Spillover's snake_case."""
    reference: Reference | None = None
    lenient: bool = True
    """Whether numbers may be written as text, as CloudFormation allows."""
    inert: list[tuple[str, Place]] = field(factory=list)
    """Properties that were left out because they change no outcome."""

    def structure(
        self, value: Any, made: type[Made], place: Place
    ) -> tuple[Made | None, list[Mistake]]:
        """The object, or everything that is wrong with its value."""
        hooks = _hooks(self.style, self.lenient)
        before, hooks.reader = hooks.reader, self
        try:
            return hooks.converter.structure(value, made), []
        except Exception as problem:
            return None, list(self._mistakes(problem, place, made))
        finally:
            hooks.reader = before

    # -- mistakes -----------------------------------------------------------------------------

    def _mistakes(self, problem: BaseException, place: Place, made: Any) -> Iterator[Mistake]:
        """Everything that an error of cattrs holds, each thing at its place."""
        document = self.document
        match problem:
            case ClassValidationError():
                keys = {a.name: key_of(a, self.style) for a in attrs.fields(problem.cl) if a.init}
                inner, others = problem.group_exceptions()
                for error, note in inner:
                    key = keys[note.name]
                    if isinstance(error, KeyError) and error.args == (key,):
                        yield Mistake(document.mark(place), f"{key} is missing")
                    else:
                        yield from self._mistakes(error, (*place, key), note.type)
                for error in others:
                    yield from self._of_class(error, place, problem.cl)
            case IterableValidationError():
                items, rest = problem.group_exceptions()
                for error, item in items:
                    yield from self._mistakes(error, (*place, item.index), made)
                for error in rest:
                    yield from self._mistakes(error, place, made)
            case KeyProblemError():
                yield Mistake(document.key((*place, problem.key)), str(problem))
            case _:
                name = f"{place[-1]} " if place and isinstance(place[-1], str) else ""
                text = str(problem) or type(problem).__name__
                yield Mistake(document.mark(place), _sentence(name, text))

    def _of_class(self, problem: BaseException, place: Place, cl: type) -> Iterator[Mistake]:
        """An error that the class itself raised, or keys that it does not know."""
        if isinstance(problem, ForbiddenExtraKeysError):
            known = {key_of(a, self.style) for a in attrs.fields(cl) if a.init} - {"Identity"}
            known |= set(getattr(cl, "INERT", ()))
            for key in sorted(problem.extra_fields, key=str):
                hint = nearest(key, known)
                if not str(key).isidentifier():
                    hint = "in flow style a comma ends a value; quote one that contains a comma"
                where = self.document.key((*place, key))
                yield Mistake(where, f"there is no property {key} here", hint)
        elif isinstance(problem, FieldError) and problem.field in attrs.fields_dict(cl):
            attribute = attrs.fields_dict(cl)[problem.field]
            key = key_of(attribute, self.style)
            inside: Place = (*place, key)
            if problem.index is not None:
                inside = (*inside, problem.index)
            if problem.key:
                key, inside = problem.key, (*inside, problem.key)
            yield Mistake(self.document.mark(inside), _sentence(f"{key} ", str(problem)))
        else:
            yield from self._mistakes(problem, place, cl)


class _Hooks:
    """A converter and its hooks, for all documents that spell fields alike.

    For each class cattrs writes and compiles a function, which takes much longer than to use it: so
    what differs between documents is asked of the present `reader`.
    """

    def __init__(self, style: Callable[[str], str], lenient: bool) -> None:
        self.style = style
        self.lenient = lenient
        self.reader: Structurer | None = None
        """Whose value is being structured."""
        self.converter = converter = Converter(detailed_validation=True, forbid_extra_keys=True)
        converter.register_structure_hook(str, self._text)
        converter.register_structure_hook(int, self._whole)
        converter.register_structure_hook(float, self._number)
        converter.register_structure_hook(bool, self._boolean)
        converter.register_structure_hook(Identity, lambda value, _: value)
        converter.register_structure_hook_func(_is_reference, self._refer)
        converter.register_structure_hook_func(_is_list, self._list)
        converter.register_structure_hook_func(_is_mapping, self._mapping)
        converter.register_structure_hook_func(_is_enum, self._enum)
        converter.register_structure_hook_factory(attrs.has, self._class)

    @property
    def _reader(self) -> Structurer:
        assert self.reader is not None
        return self.reader

    def _text(self, value: Any, _: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float) and self.lenient:
            return str(value)
        if not isinstance(value, str):
            raise ValueError(f"must be text, not {_kind(value)}")
        return value

    def _whole(self, value: Any, _: Any) -> int:
        if isinstance(value, str) and self.lenient:
            try:
                value = float(value) if "." in value else int(value)
            except ValueError:
                raise ValueError(f"must be a whole number, not {value!r}") from None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"must be a whole number, not {_kind(value)}")
        if not -_LARGEST <= value <= _LARGEST:
            raise ValueError(f"must be a number that is not too large, not {value!r:.40}")
        return value

    def _number(self, value: Any, _: Any) -> float:
        if isinstance(value, str) and self.lenient:
            try:
                value = float(value)
            except ValueError:
                raise ValueError(f"must be a number, not {value!r}") from None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"must be a number, not {_kind(value)}")
        if not -_LARGEST <= value <= _LARGEST:
            raise ValueError(f"must be a number that is not too large, not {value!r:.40}")
        return float(value)

    def _boolean(self, value: Any, _: Any) -> bool:
        if self.lenient and value in ("true", "false"):
            return bool(value == "true")
        if not isinstance(value, bool):
            raise ValueError(f"must be true or false, not {_kind(value)}")
        return value

    def _enum(self, value: Any, kind: type[Enum]) -> Enum:
        try:
            return kind(value)
        except ValueError:
            listed = ", ".join(str(item.value) for item in kind)
            raise ValueError(f"must be one of {listed}, not {value!r}") from None

    def _refer(self, value: Any, kind: Any) -> str:
        refers = next(item for item in get_args(kind) if isinstance(item, RefersTo))
        if not isinstance(value, str):
            raise ValueError(f"must name {_types(refers)}, not {_kind(value)}")
        find = self._reader.reference
        return value if find is None else find(value, refers)

    def _list(self, value: Any, kind: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError(f"must be a list, not {_kind(value)}")
        (item, _) = get_args(kind)
        return tuple(self.converter.structure(value, list[item]))  # type: ignore[valid-type]

    def _mapping(self, value: Any, kind: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError(f"must be a mapping, not {_kind(value)}")
        (_, inner) = get_args(kind)
        return {
            self._text(key, str): self.converter.structure(item, inner)
            for key, item in value.items()
        }

    def _class(self, made: type[Any]) -> Callable[[Any, Any], Any]:
        attrs.resolve_types(made)
        attributes = [a for a in attrs.fields(made) if a.init and not a.name.startswith("_")]
        renames: dict[str, Any] = {
            a.name: override(rename=key_of(a, self.style), struct_hook=self._hook(a))
            for a in attributes
        }
        base = make_dict_structure_fn(
            made,
            self.converter,
            _cattrs_forbid_extra_keys=True,
            _cattrs_detailed_validation=True,
            **renames,
        )
        inert: frozenset[str] = getattr(made, "INERT", frozenset())
        refused = getattr(made, "REFUSED", {})
        # what is inert may be checked all the same
        checked = {key_of(a, self.style) for a in attributes}

        def hook(value: Any, kind: Any) -> Any:
            if not isinstance(value, dict):
                raise ValueError(f"must be a mapping, not {_kind(value)}")
            for key in value:
                if key in refused and not _wants_nothing(value[key]):
                    raise KeyProblemError(key, f"{key} is not simulated: {refused[key]}")
            self._reader.inert += [(key, ()) for key in value if key in inert]
            left_out = (inert | set(refused)) - checked
            return base({k: v for k, v in value.items() if k not in left_out}, kind)

        return hook

    def _hook(self, attribute: attrs.Attribute[Any]) -> Callable[[Any, Any], Any] | None:
        """For fields whose type alone does not tell: durations, and enumerations of text, which
        cattrs would take for plain text."""
        if _is_enum(attribute.type):
            return self._enum
        return self._duration(attribute)

    def _duration(self, attribute: attrs.Attribute[Any]) -> Callable[[Any, Any], Any] | None:
        if not attribute.metadata.get("duration"):
            return None
        may_be_none = attribute.default is None
        return lambda v, _: None if v is None and may_be_none else parse_duration(v)


@cache
def _hooks(style: Callable[[str], str], lenient: bool) -> _Hooks:
    """The one set of hooks for a way of spelling."""
    return _Hooks(style, lenient)


def _sentence(name: str, text: str) -> str:
    """`MinSize must be ...` where the text needs a subject; else the text alone."""
    return f"{name}{text}" if text.startswith(("must ", "takes ")) else text


def _kind(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return repr(value)


def _types(refers: RefersTo) -> str:
    return " or ".join(name.removeprefix("AWS::") for name in refers.types)


def _is_reference(kind: Any) -> bool:
    return get_origin(kind) is Annotated and any(isinstance(a, RefersTo) for a in get_args(kind))


def _is_list(kind: Any) -> bool:
    arguments = get_args(kind)
    return get_origin(kind) is tuple and len(arguments) == 2 and arguments[1] is Ellipsis


def _is_mapping(kind: Any) -> bool:
    return get_origin(kind) is dict and bool(get_args(kind))


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def reference_in(names: Mapping[str, Identity]) -> Reference:
    """References by logical id, name, id or ARN, among resources by logical id."""
    by_name: dict[str, list[Identity]] = {}
    for who in names.values():
        for name in who.names:
            by_name.setdefault(name, []).append(who)

    def find(text: str, refers: RefersTo) -> str:
        if text in refers.beside or (refers.admits is not None and refers.admits(text)):
            return text
        text = refers.read(text)
        # things of different types may bear one name; a logical id goes before the names
        found = names.get(text)
        if found is None or found.type not in refers.types:
            bearers = by_name.get(text, [])
            fitting = [who for who in bearers if who.type in refers.types]
            found = next(iter(fitting or bearers), None)
        if found is None and text.startswith("arn:"):
            raise ValueError(
                f"{text} is not simulated yet: this can be {_types(refers)} of this template"
            )
        if found is None:
            known = [n for n, who in names.items() if who.type in refers.types]
            hint = nearest(text, [*refers.beside, *known])
            wrong = f"{text!r} is no {_types(refers)} of this template"
            if refers.beside:
                listed = ", ".join(refers.beside)
                wrong = f"{text!r} is none of {listed}, nor a {_types(refers)} of this template"
            raise ValueError(wrong + (f" ({hint})" if hint else ""))
        if found.type not in refers.types:
            raise ValueError(
                f"{found.logical_id} is an {found.type}; a reference to "
                f"{_types(refers)} is wanted here"
            )
        return found.logical_id

    return find
