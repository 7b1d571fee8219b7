"""YAML is read by YAML 1.1's rules, and everything in it has a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios import document
from scenarios.document import Trap, parse, read
from scenarios.mistakes import Mark, ScenarioError


def content(text: str) -> object:
    return parse(text, "f.yaml").content


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Sub '${A}-b'", {"Fn::Sub": "${A}-b"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ('!GetAZs ""', {"Fn::GetAZs": ""}),
        ("!Condition A", {"Condition": "A"}),
        ("!Not [!Equals [!Ref A, b]]", {"Fn::Not": [{"Fn::Equals": [{"Ref": "A"}, "b"]}]}),
        ("!Select [0, !GetAZs '']", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
        ("!If [A, !Ref B, c]", {"Fn::If": ["A", {"Ref": "B"}, "c"]}),
    ],
)
def test_short_functions_become_long(text: str, value: object) -> None:
    assert content(f"a: {text}") == {"a": value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("off", False),
        ("0300", 192),
        ("1:30", 90),
        ("2010-09-09", "2010-09-09"),
        ("2026-11-25T09:00:00Z", "2026-11-25T09:00:00Z"),
        ("012345678901", "012345678901"),
        ("'yes'", "yes"),
        ("~", None),
        ("1e3", "1e3"),
        ("!!binary aGVsbG8=", "aGVsbG8="),
    ],
)
def test_scalars_follow_yaml_1_1_and_dates_stay_text(text: str, value: object) -> None:
    assert content(f"a: {text}") == {"a": value}


def test_words_that_are_not_what_they_seem_are_remembered() -> None:
    document = parse("a: on\nb: [1:30, 0300, 'no', 30, true]", "f.yaml")
    assert document.traps == {
        ("a",): Trap("on", True),
        ("b", 0): Trap("1:30", 90),
        ("b", 1): Trap("0300", 192),
    }


def test_anchors_and_merge_keys() -> None:
    text = "base: &base {a: 1, b: 2}\nother:\n  <<: *base\n  b: 3\nlist: [*base, *base]"
    assert content(text) == {
        "base": {"a": 1, "b": 2},
        "other": {"a": 1, "b": 3},
        "list": [{"a": 1, "b": 2}] * 2,
    }


def test_of_several_merged_mappings_the_first_wins() -> None:
    text = "x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz: {<<: [*x, *y]}"
    assert content(text)["z"] == {"a": 1, "b": 2}  # type: ignore[index]


def test_everything_has_a_place() -> None:
    document = parse("a:\n  - b: 1\n    c: !Sub x\n", "f.yaml")
    assert document.mark(("a", 0, "b")) == Mark("f.yaml", 2, 8)
    assert document.key(("a", 0, "c")) == Mark("f.yaml", 3, 5)
    assert document.mark(("a", 0, "c", "Fn::Sub")) == Mark("f.yaml", 3, 8)
    assert document.mark(("a", 0, "no", "such")) == Mark("f.yaml", 2, 5)


def test_json_is_read_too_even_if_indented_with_tabs() -> None:
    text = '{\n\t"a": {"Ref": "B"},\n\t"c": "\\t"\n}'
    document = parse(text, "f.json")
    assert document.content == {"a": {"Ref": "B"}, "c": "\t"}
    assert document.key(("c",)) == Mark("f.json", 3, 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "f.yaml:1:1: the file is empty"),
        ("# only a comment\n", "f.yaml:1:1: the file is empty"),
        ("a: 1\nb: 2\na: 3", "f.yaml:3:1: the key 'a' is given twice (first in line 1)"),
        ("a: {b: 1, b: 2}", "f.yaml:1:11: the key 'b' is given twice (first in line 1)"),
        ("a: [1, 2", "f.yaml:"),
        ("a: b: c", "f.yaml:1:5: this is not YAML"),
        ("a: *x", "f.yaml:1:4: this is not YAML"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: this is not YAML"),
        ("? [a, b]\n: c", "f.yaml:1:3: a key must be plain text"),
        ("a: &a [*a]", "f.yaml:1:4: an alias must not contain itself"),
        ("a: \0", "f.yaml: this is not YAML"),
        ("[" * 100_000, "f.yaml:1:501: this is nested too deeply"),
        ("- " * 1000 + "a", "f.yaml:1:1001: this is nested too deeply"),
        ("[" * 200 + "]" * 200, "f.yaml:1:102: this is nested too deeply"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(ScenarioError) as error:
        parse(text, "f.yaml")
    assert str(error.value).startswith(told)


def test_all_duplicates_are_told() -> None:
    with pytest.raises(ScenarioError) as error:
        parse("a: 1\na: 2\nb: {c: 1, c: 2}", "f.yaml")
    assert [mistake.mark.line for mistake in error.value.mistakes] == [2, 3]


def test_aliases_of_aliases_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "_MOST_VALUES", 20_000)
    lines = ["l0: &l0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(ScenarioError, match="holds too much"):
        parse("\n".join(lines), "f.yaml")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    for path, words in [
        (tmp_path / "none", "there is no such file"),
        (tmp_path, "this is a folder, not a file"),
        (binary, "this is not text in UTF-8"),
        (Path("a\0b"), "it cannot be read"),
    ]:
        with pytest.raises(ScenarioError, match=words):
            read(path)
