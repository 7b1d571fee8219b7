"""The conditions of listener rules.

Source: "Condition types for listener rules". Conditions of a rule must all be met; of the values of
one condition any will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import Any, ClassVar

import attrs
from attrs import Attribute, field, frozen

from model.fields import FieldError
from model.patterns import wildcard, wildcards_in
from model.traffic.source import Request

MOST_VALUES = 5
"""Values in all conditions of a rule."""
MOST_OF_ONE = 3
"""Values in one condition."""
MOST_WILDCARDS = 5
"""Wildcards in all conditions of a rule; the page of quotas says 6."""
FIELDS = (
    "host-header",
    "http-header",
    "http-request-method",
    "path-pattern",
    "query-string",
    "source-ip",
)
Values = tuple[str, ...]


def _values(_: Any, attribute: Attribute[Any], value: Values) -> None:
    if len(value) > MOST_OF_ONE:
        raise FieldError(attribute, f"must have {MOST_OF_ONE} values at most, not {len(value)}")


def _expressions(_: Any, attribute: Attribute[Any], value: Values) -> None:
    for index, item in enumerate(value):
        try:
            re.compile(item)
        except re.error as problem:
            raise FieldError(attribute, f"{item!r} is no expression: {problem}", index) from None


def _hosts(_: Any, attribute: Attribute[Any], value: Values) -> None:
    for index, item in enumerate(value):
        if not re.fullmatch(r"[A-Za-z0-9.*?_-]{1,128}", item) or "." not in item:
            message = f"must be a host name of up to 128 characters with a dot, not {item!r}"
            raise FieldError(attribute, message, index)


def _paths(_: Any, attribute: Attribute[Any], value: Values) -> None:
    for index, item in enumerate(value):
        if not 1 <= len(item) <= 128:
            raise FieldError(attribute, "must be a path of up to 128 characters", index)


def _methods(_: Any, attribute: Attribute[Any], value: Values) -> None:
    for index, item in enumerate(value):
        if not re.fullmatch(r"[A-Z_-]{1,40}", item):
            message = f"must be a method in capitals of up to 40 characters, not {item!r}"
            raise FieldError(attribute, message, index)


def _blocks(_: Any, attribute: Attribute[Any], value: Values) -> None:
    for index, item in enumerate(value):
        try:
            ip_network(item)
        except ValueError:
            message = f"must be a CIDR block such as 192.0.2.0/24, not {item!r}"
            raise FieldError(attribute, message, index) from None


@frozen(kw_only=True)
class HostHeaderConfig:
    """Host names; `*.example.com` does not mean example.com itself."""

    values: Values = field(default=(), validator=[_values, _hosts])
    regex_values: Values = field(default=(), validator=[_values, _expressions])

    def met(self, request: Request) -> bool:
        return _any(self.values, request.host, ignore_case=True) or _fits(
            self.regex_values, request.host.lower()
        )


@frozen(kw_only=True)
class PathPatternConfig:
    """Paths, without the query; capitals matter."""

    values: Values = field(default=(), validator=[_values, _paths])
    regex_values: Values = field(default=(), validator=[_values, _expressions])

    def met(self, request: Request) -> bool:
        path = request.path.partition("?")[0]
        return _any(self.values, path) or _fits(self.regex_values, path)


@frozen(kw_only=True)
class HttpHeaderConfig:
    """The values of one header."""

    http_header_name: str = field()
    values: Values = field(default=(), validator=_values)
    regex_values: Values = field(default=(), validator=[_values, _expressions])

    @http_header_name.validator
    def _name(self, attribute: Attribute[str], value: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}", value):
            raise FieldError(attribute, f"must be a header of up to 40 characters, not {value!r}")
        if value.lower() == "host":
            raise FieldError(attribute, "must not be Host; that is for a host-header condition")

    def met(self, request: Request) -> bool:
        name = self.http_header_name.lower()
        found = [value for key, value in request.headers.items() if key.lower() == name]
        return any(
            _any(self.values, value, ignore_case=True) or _fits(self.regex_values, value)
            for value in found
        )


@frozen(kw_only=True)
class HttpRequestMethodConfig:
    """Methods: no wildcards."""

    values: Values = field(default=(), validator=[_values, _methods])

    def met(self, request: Request) -> bool:
        return request.method in self.values


@frozen(kw_only=True)
class QueryStringKeyValue:
    """A pair of the query, or a value under whatever key."""

    key: str | None = None
    value: str


@frozen(kw_only=True)
class QueryStringConfig:
    """Pairs of the query."""

    values: tuple[QueryStringKeyValue, ...] = field(default=(), validator=_values)

    def met(self, request: Request) -> bool:
        return any(
            _any((wanted.key or "*",), key, ignore_case=True)
            and _any((wanted.value,), value, ignore_case=True)
            for wanted in self.values
            for key, value in request.query.items()
        )


@frozen(kw_only=True)
class SourceIpConfig:
    """Addresses of clients (of what connects, not of X-Forwarded-For)."""

    values: Values = field(default=(), validator=[_values, _blocks])

    def met(self, request: Request) -> bool:
        networks = [ip_network(value) for value in self.values]
        if request.source_ip is None:  # from anywhere
            return any(network.prefixlen == 0 for network in networks)
        return any(ip_address(request.source_ip) in network for network in networks)


def _any(patterns: Iterable[str], text: str, *, ignore_case: bool = False) -> bool:
    found = (wildcard(pattern, ignore_case=ignore_case).fullmatch(text) for pattern in patterns)
    return any(found)


def _fits(expressions: Iterable[str], text: str) -> bool:
    return any(re.search(expression, text) for expression in expressions)


SHORT = {
    "host-header": HostHeaderConfig,
    "path-pattern": PathPatternConfig,
    "http-request-method": HttpRequestMethodConfig,
    "source-ip": SourceIpConfig,
}
"""Conditions whose values may stand under `Values` alone."""

KINDS: dict[type, str] = {config: name for name, config in SHORT.items()} | {
    HttpHeaderConfig: "http-header",
    QueryStringConfig: "query-string",
}

Config = (
    HostHeaderConfig
    | PathPatternConfig
    | HttpHeaderConfig
    | HttpRequestMethodConfig
    | QueryStringConfig
    | SourceIpConfig
)


@frozen(kw_only=True)
class Condition:
    """One condition of a rule."""

    CONFIGS: ClassVar[dict[str, str]] = {
        "host-header": "host_header_config",
        "http-header": "http_header_config",
        "http-request-method": "http_request_method_config",
        "path-pattern": "path_pattern_config",
        "query-string": "query_string_config",
        "source-ip": "source_ip_config",
    }

    field: str | None = None
    values: Values = attrs.field(default=(), validator=_values)
    regex_values: Values = attrs.field(default=(), validator=[_values, _expressions])
    host_header_config: HostHeaderConfig | None = None
    http_header_config: HttpHeaderConfig | None = None
    http_request_method_config: HttpRequestMethodConfig | None = None
    path_pattern_config: PathPatternConfig | None = None
    query_string_config: QueryStringConfig | None = None
    source_ip_config: SourceIpConfig | None = None
    config: Config = attrs.field(init=False)
    """What it asks of a request."""

    @config.default
    def _choose(self) -> Config:
        given = {
            name: getattr(self, attribute)
            for name, attribute in self.CONFIGS.items()
            if getattr(self, attribute) is not None
        }
        if len(given) > 1:
            raise ValueError(f"a condition has one configuration, not {' and '.join(given)}")
        for name, config in given.items():
            if self.field not in (None, name):
                raise ValueError(f"Field is {self.field}, but the configuration is for {name}")
            if self.values:
                raise ValueError("give either Values or a configuration")
            found: Config = config
            return found
        if self.field is None:
            raise ValueError("a condition needs a Field")
        if self.field not in FIELDS:
            raise ValueError(f"Field must be one of {', '.join(FIELDS)}, not {self.field!r}")
        if self.field not in SHORT:
            raise ValueError(f"a {self.field} condition needs its configuration")
        short: Any = SHORT[self.field]
        if self.regex_values:
            return short(values=self.values, regex_values=self.regex_values)  # type: ignore[no-any-return]
        return short(values=self.values)  # type: ignore[no-any-return]

    def __attrs_post_init__(self) -> None:
        if not self.number:
            raise ValueError("a condition needs at least one value")

    @property
    def kind(self) -> str:
        """What it looks at, by AWS's name."""
        return KINDS[type(self.config)]

    def _patterns(self) -> list[str]:
        if isinstance(self.config, QueryStringConfig):
            pairs = self.config.values
            return [f"{pair.key}={pair.value}" if pair.key else pair.value for pair in pairs]
        return [*self.config.values, *getattr(self.config, "regex_values", ())]

    @property
    def number(self) -> int:
        """How many values it has."""
        return len(self._patterns())

    @property
    def wildcards(self) -> int:
        """How many wildcards its values have."""
        if isinstance(self.config, SourceIpConfig | HttpRequestMethodConfig):
            return 0
        return sum(wildcards_in(pattern) for pattern in self._patterns())

    def met(self, request: Request) -> bool:
        """Whether a request meets it."""
        return self.config.met(request)

    def __str__(self) -> str:
        """For a person: `path-pattern /img/* or /css/*`."""
        name = self.kind
        if isinstance(self.config, HttpHeaderConfig):
            name += f" {self.config.http_header_name}"
        return f"{name} {' or '.join(self._patterns())}"
