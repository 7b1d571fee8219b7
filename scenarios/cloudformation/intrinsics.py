"""CloudFormation's intrinsic functions: a template's values as AWS would resolve them.

Source: "Intrinsic function reference" of the CloudFormation user guide. Resources resolve in the
order they need each other, so that `!GetAtt Vpc.CidrBlock` may itself be made of a function.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from itertools import islice
from typing import Any, NoReturn, Protocol

from model.resources import ACCOUNT, REGION, ZONES
from scenarios.cloudformation.parameters import ANY_IMAGE
from scenarios.document import Document, Place
from scenarios.mistakes import error, nearest

PSEUDO: Mapping[str, Any] = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NotificationARNs": [],
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/spillover/1",
    "AWS::StackName": "spillover",
    "AWS::URLSuffix": "amazonaws.com",
}
NO_VALUE = "AWS::NoValue"
PROCESSED = (
    "pass the processed template: aws cloudformation get-template --template-stage Processed"
)
CONDITION_FUNCTIONS = ("Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals", "Condition")

_SUBSTITUTE = re.compile(r"\$\{([^}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:([^}]*)\}\}")


class _NoValue:
    """The absence that `AWS::NoValue` stands for."""


ABSENT = _NoValue()


class Names(Protocol):
    """What a template's functions can refer to."""

    def parameter(self, name: str) -> Any | None:
        """A parameter's value; None if there is no such parameter."""
        ...

    def given(self, name: str) -> str | None:
        """An answer from the scenario's `parameters:` for an import or a dynamic reference."""
        ...

    def ref(self, name: str) -> str | None:
        """What Ref gives for a resource; None if there is no such resource."""
        ...

    def attribute(self, name: str, attribute: str, place: Place) -> Any | None:
        """What GetAtt gives; None if there is no such resource."""
        ...

    def mapping(self, name: str) -> Mapping[str, Any] | None:
        """A mapping of the template."""
        ...

    def condition(self, name: str, place: Place) -> bool | None:
        """A condition's truth; None if there is no such condition."""
        ...

    def known(self) -> list[str]:
        """Names that Ref understands."""
        ...


class Resolver:
    """Resolves values of one template."""

    def __init__(self, document: Document, names: Names) -> None:
        self._document = document
        self._names = names
        self._functions: dict[str, Callable[[Any, Place], Any]] = {
            "Ref": self._ref,
            "Condition": self._condition,
            "Fn::And": self._and,
            "Fn::Base64": self._base64,
            "Fn::Cidr": self._cidr,
            "Fn::Equals": self._equals,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAZs": self._get_azs,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::ImportValue": self._import_value,
            "Fn::Join": self._join,
            "Fn::Not": self._not,
            "Fn::Or": self._or,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
        }

    def resolve(self, value: Any, place: Place) -> Any:
        """A value with all its functions carried out; `ABSENT` for no value."""
        if isinstance(value, dict):
            name = next(filter(self._is_function, value), None)
            if name is not None:
                if len(value) != 1:
                    self._fail(place, f"{name} must stand alone in its mapping")
                function = self._functions.get(name)
                if function is None:
                    self._refuse(name, (*place, name))
                return function(value[name], (*place, name))
            made = {key: self.resolve(inner, (*place, key)) for key, inner in value.items()}
            return {key: inner for key, inner in made.items() if inner is not ABSENT}
        if isinstance(value, list):
            items = [self.resolve(inner, (*place, i)) for i, inner in enumerate(value)]
            return [item for item in items if item is not ABSENT]
        if isinstance(value, str) and "{{resolve:" in value:
            return _DYNAMIC.sub(lambda found: self._dynamic(found[1], place), value)
        return value

    @staticmethod
    def _is_function(name: Any) -> bool:
        return isinstance(name, str) and (name == "Ref" or name.startswith("Fn::"))

    def truth(self, value: Any, place: Place) -> bool:
        """The truth of a condition's expression."""
        if isinstance(value, dict) and len(value) == 1:
            name = next(iter(value))
            if name in CONDITION_FUNCTIONS:
                return bool(self._functions[name](value[name], (*place, name)))
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return bool(value == "true")
        self._fail(place, "a condition is made of Fn::Equals, Fn::And, Fn::Or and Fn::Not")

    def _fail(self, place: Place, message: str, hint: str = "") -> NoReturn:
        raise error(self._document.mark(place), message, hint)

    def _refuse(self, name: str, place: Place) -> NoReturn:
        if name.startswith("Fn::ForEach") or name in ("Fn::Transform", "Fn::Length"):
            self._fail(place, f"{name} belongs to a macro, which is not run here", PROCESSED)
        if name in ("Fn::ToJsonString",):
            self._fail(place, f"{name} is not simulated")
        self._fail(place, f"there is no function {name}", nearest(name, self._functions))

    def _dynamic(self, reference: str, place: Place) -> str:
        answer = self._names.given(reference)
        if answer is None and reference.startswith("ssm:/aws/service/ami-"):
            return ANY_IMAGE
        if answer is None:
            self._fail(
                place,
                f"{{{{resolve:{reference}}}}} reads a value from AWS",
                f"give it in the scenario under parameters: {{'{reference}': ...}}",
            )
        return str(answer)

    # -- references ---------------------------------------------------------------------------

    def _ref(self, name: Any, place: Place) -> Any:
        if not isinstance(name, str):
            self._fail(place, "Ref takes a name")
        if name == NO_VALUE:
            return ABSENT
        if name in PSEUDO:
            return PSEUDO[name]
        for found in (self._names.parameter(name), self._names.ref(name)):
            if found is not None:
                return found
        self._fail(
            place,
            f"Ref {name}: there is no parameter or resource of that name",
            nearest(name, self._names.known()),
        )

    def _get_att(self, value: Any, place: Place) -> Any:
        if isinstance(value, str):
            value = value.split(".", 1)
        if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str):
            self._fail(place, "Fn::GetAtt takes a resource and an attribute: Resource.Attribute")
        attribute = self.resolve(value[1], (*place, 1))
        if not isinstance(attribute, str):
            self._fail(place, "Fn::GetAtt takes a resource and an attribute: Resource.Attribute")
        found = self._names.attribute(value[0], attribute, place)
        if found is None:
            self._fail(
                place,
                f"Fn::GetAtt {value[0]}: there is no resource of that name",
                nearest(value[0], self._names.known()),
            )
        return found

    def _import_value(self, value: Any, place: Place) -> str:
        name = str(self.resolve(value, place))
        answer = self._names.given(name)
        if answer is None:
            self._fail(
                place,
                f"Fn::ImportValue {name} comes from another stack",
                f"give it in the scenario under parameters: {{{name}: ...}}",
            )
        return str(answer)

    def _sub(self, value: Any, place: Place) -> str:
        own: dict[str, Any] = {}
        if isinstance(value, list):
            if len(value) != 2 or not isinstance(value[1], dict):
                self._fail(place, "Fn::Sub takes a text, or a text and a mapping of names")
            own = {key: self.resolve(v, (*place, 1, key)) for key, v in value[1].items()}
            value = value[0]
        if not isinstance(value, str):
            self._fail(place, "Fn::Sub takes a text")

        def substitute(found: re.Match[str]) -> str:
            name = found[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in own:
                return _text(own[name])
            if "." in name:
                return _text(self._get_att(name, place))
            return _text(self._ref(name, place))

        return _SUBSTITUTE.sub(substitute, value)

    def _find_in_map(self, value: Any, place: Place) -> Any:
        items = self._list(value, place, "Fn::FindInMap", 3, 4)
        name, first, second = (str(item) for item in items[:3])
        mapping = self._names.mapping(name)
        if mapping is None:
            self._fail(place, f"Fn::FindInMap: there is no mapping {name}")
        if first in mapping and second in mapping[first]:
            return mapping[first][second]
        if len(items) == 4 and isinstance(items[3], dict) and "DefaultValue" in items[3]:
            return items[3]["DefaultValue"]
        keys = list(mapping) if first not in mapping else list(mapping[first])
        missing = first if first not in mapping else second
        self._fail(
            place, f"Fn::FindInMap: the mapping {name} has no {missing}", nearest(missing, keys)
        )

    # -- texts and lists ----------------------------------------------------------------------

    def _list(self, value: Any, place: Place, name: str, low: int, high: int) -> list[Any]:
        items = self.resolve(value, place)
        if not isinstance(items, list) or not low <= len(items) <= high:
            wanted = f"{low}" if low == high else f"{low} to {high}"
            self._fail(place, f"{name} takes a list of {wanted} items")
        return items

    def _join(self, value: Any, place: Place) -> str:
        separator, items = self._list(value, place, "Fn::Join", 2, 2)
        if not isinstance(items, list):
            self._fail(place, "Fn::Join takes a separator and a list")
        return str(separator).join(_text(item) for item in items)

    def _split(self, value: Any, place: Place) -> list[str]:
        separator, text = self._list(value, place, "Fn::Split", 2, 2)
        if not isinstance(text, str) or not isinstance(separator, str) or not separator:
            self._fail(place, "Fn::Split takes a separator and a text")
        return text.split(separator)

    def _select(self, value: Any, place: Place) -> Any:
        given, items = self._list(value, place, "Fn::Select", 2, 2)
        if isinstance(items, str):
            items = [item.strip() for item in items.split(",")]
        index = _whole(given)
        if index is None or not isinstance(items, list):
            self._fail(place, "Fn::Select takes an index, counted from 0, and a list")
        if index >= len(items):
            self._fail(place, f"Fn::Select {index}: the list has only {len(items)} items")
        return items[index]

    def _base64(self, value: Any, place: Place) -> str:
        return base64.b64encode(_text(self.resolve(value, place)).encode()).decode()

    def _get_azs(self, value: Any, place: Place) -> list[str]:
        region = self.resolve(value, place) or REGION
        if not isinstance(region, str):
            self._fail(place, 'Fn::GetAZs takes a region, or "" for that of the stack')
        if region != REGION:
            self._fail(place, f"only {REGION} is simulated, not {region}")
        return list(ZONES)

    def _cidr(self, value: Any, place: Place) -> list[str]:
        block, count, *rest = self._list(value, place, "Fn::Cidr", 2, 3)
        wanted, bits = _whole(count), _whole(rest[0]) if rest else 8
        if wanted is None or not 1 <= wanted <= 256 or bits is None:
            self._fail(
                place, "Fn::Cidr takes a block, a count from 1 to 256, and the bits of each block"
            )
        try:
            network = ip_network(str(block))
            subnets = network.subnets(new_prefix=network.max_prefixlen - bits)
            blocks = [str(subnet) for subnet in islice(subnets, wanted)]
        except ValueError as problem:
            self._fail(place, f"Fn::Cidr {block}: {problem}")
        if len(blocks) < wanted:
            self._fail(place, f"Fn::Cidr: {block} has no room for {wanted} blocks")
        return blocks

    # -- conditions ---------------------------------------------------------------------------

    def _condition(self, name: Any, place: Place) -> bool:
        found = self._names.condition(str(name), place)
        if found is None:
            self._fail(place, f"there is no condition {name}")
        return bool(found)

    def _if(self, value: Any, place: Place) -> Any:
        if not isinstance(value, list) or len(value) != 3:
            self._fail(place, "Fn::If takes a condition's name and two values")
        chosen = 1 if self._condition(value[0], (*place, 0)) else 2
        return self.resolve(value[chosen], (*place, chosen))

    def _equals(self, value: Any, place: Place) -> bool:
        first, second = self._list(value, place, "Fn::Equals", 2, 2)
        return _text(first) == _text(second)

    def _not(self, value: Any, place: Place) -> bool:
        if not isinstance(value, list) or len(value) != 1:
            self._fail(place, "Fn::Not takes a list of one condition")
        return not self.truth(value[0], (*place, 0))

    def _and(self, value: Any, place: Place) -> bool:
        return all(self._truths(value, place, "Fn::And"))

    def _or(self, value: Any, place: Place) -> bool:
        return any(self._truths(value, place, "Fn::Or"))

    def _truths(self, value: Any, place: Place, name: str) -> list[bool]:
        if not isinstance(value, list) or not 2 <= len(value) <= 10:
            self._fail(place, f"{name} takes a list of 2 to 10 conditions")
        return [self.truth(item, (*place, index)) for index, item in enumerate(value)]


def _whole(value: Any) -> int | None:
    """A whole number from 0 on, given as a number or as text; None if it is neither."""
    text = str(value)
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _text(value: Any) -> str:
    """A value as CloudFormation writes it into a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_text(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
