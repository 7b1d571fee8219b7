"""What is wrong with rules, topics, subscriptions and dead letters, as their services would say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from model.events.comparisons import PatternError
from model.events.resources import Queue, Rule, Subscription
from model.events.rules import pattern_of
from model.events.schedules import ScheduleError, parse_schedule
from model.events.sns import filter_of
from model.functions.resources import Function
from model.stack import Stack
from scenarios.cloudformation.problems import Problem

MOST_KEYS = 5
MOST_COMBINATIONS = 150
"""Of a filter policy ("Filter policy constraints in Amazon SNS")."""
_BY_ARN = {"lambda": "lambda", "sqs": "sqs", "firehose": "firehose"}
"""Protocols whose endpoint is the ARN of something, and its service."""


def event_problems(stack: Stack) -> Iterator[Problem]:
    """Everything that is wrong with events, rules and subscriptions."""
    yield from _rules(stack)
    yield from _functions(stack)
    yield from _subscriptions(stack)


def _rules(stack: Stack) -> Iterator[Problem]:
    names: dict[str, str] = {}
    for rule in stack.of(Rule):
        place = (rule.logical_id, "Properties")
        other = names.setdefault(rule.rule_name, rule.logical_id)
        if other != rule.logical_id:
            yield Problem((*place, "Name"), f"{other} is called {rule.rule_name} already")
        try:
            pattern_of(rule)
        except PatternError as problem:
            yield Problem(
                (*place, "EventPattern", *problem.place),
                f"Event pattern is not valid. Reason: {problem}",
            )
        if rule.schedule_expression:
            try:
                parse_schedule(rule.schedule_expression)
            except ScheduleError as wrong:
                yield Problem((*place, "ScheduleExpression"), str(wrong))
        yield from _dead_letters(stack, rule)


def _dead_letters(stack: Stack, rule: Rule) -> Iterator[Problem]:
    queues = {queue.arn: queue for queue in stack.of(Queue)}
    for index, target in enumerate(rule.targets):
        arn = target.dead_letter_config.arn
        inner = (rule.logical_id, "Properties", "Targets", index, "DeadLetterConfig", "Arn")
        if arn is not None and ":sqs:" not in arn:
            yield Problem(inner, f"a dead-letter queue is an SQS queue, not {arn!r}; !GetAtt one")
        elif arn in queues and queues[arn].fifo_queue:
            yield Problem(inner, "a dead-letter queue must be a standard queue, not a FIFO queue")


def _functions(stack: Stack) -> Iterator[Problem]:
    ordered = {queue.arn for queue in stack.of(Queue) if queue.fifo_queue}
    for function in stack.of(Function):
        if function.dead_letter_config.target_arn in ordered:
            place = (function.logical_id, "Properties", "DeadLetterConfig", "TargetArn")
            yield Problem(place, "a dead-letter queue must be a standard queue, not a FIFO queue")


def _subscriptions(stack: Stack) -> Iterator[Problem]:
    for item in stack.of(Subscription):
        place = (item.logical_id, "Properties")
        service = _BY_ARN.get(item.protocol)
        if service is not None and not item.endpoint.startswith(f"arn:aws:{service}:"):
            yield Problem(
                (*place, "Endpoint"),
                f"Endpoint must be an ARN of {service} for the protocol {item.protocol}, not "
                f"{item.endpoint!r}",
            )
        policy = item.filter_policy
        try:
            filter_of(item)
        except PatternError as problem:
            yield Problem(
                (*place, "FilterPolicy", *problem.place),
                f"Invalid parameter: FilterPolicy: {problem}",
            )
            continue
        if not isinstance(policy, Mapping):
            continue
        keys, combinations = _size(policy)
        if keys > MOST_KEYS:
            message = f"a filter policy has at most {MOST_KEYS} keys, not {keys}"
            yield Problem((*place, "FilterPolicy"), message)
        if combinations > MOST_COMBINATIONS:
            message = f"a filter policy has at most {MOST_COMBINATIONS} combinations of values"
            yield Problem((*place, "FilterPolicy"), f"{message}, not {combinations}")


def _size(policy: Mapping[str, Any]) -> tuple[int, int]:
    """How many keys a filter policy has, and the combinations of their values."""
    sizes = [
        _size(value) if isinstance(value, Mapping) else (1, len(value)) for value in policy.values()
    ]
    return sum(keys for keys, _ in sizes), prod(combinations for _, combinations in sizes)
