"""Reads a filter's text into a syntax tree: structure and limits, before any name or type is known (AIP-160).

OR binds tighter than AND, terms side by side are joined by AND, and a level is a pair of parentheses. A name is made
of parts with dots between; all but the first may be quoted.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import NoReturn, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from returns_server.domain.errors import FilterInvalid

MAX_BYTES = 4 * 1024
MAX_TERMS = 100
MAX_LEVELS = 20

_GRAMMAR = r"""
start: conjunction?
conjunction: sequence (AND sequence)*
sequence: disjunction+
disjunction: term (OR term)*
?term: negation | simple
negation: (NOT | MINUS) simple
?simple: restriction | composite
composite: LPAR conjunction RPAR
restriction: (WORD | STRING) (COMPARATOR (VALUE | STRING))?

AND: "AND"
OR: "OR"
NOT: "NOT"
MINUS: "-"
LPAR: "("
RPAR: ")"
COMPARATOR: "<=" | ">=" | "!=" | "<" | ">" | "=" | ":"
STRING: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/s
WORD: /[^\s()"'=!<>:-](?:[^\s()"'=!<>:]|(?<=\.)"(?:[^"\\]|\\.)*"|(?<=\.)'(?:[^'\\]|\\.)*')*/s
VALUE: /[^\s()"'=!<>:][^\s()"'=!<>]*/
%ignore /\s+/
"""
# Neither NUL nor half a character can be stored, so neither can be searched for.
_UNSEARCHABLE = re.compile("[\\0\ud800-\udfff]")
_KEYWORDS = frozenset({"AND", "OR", "NOT"})
_PART = re.compile(r"""(?:\A|\.)(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^."']*))""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a quoted string with its escapes resolved; `stars` says where a star in it stands for any text."""

    text: str
    column: int
    quoted: bool = False
    stars: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """What a term begins with: the name of a field as it was written, and its parts without quotes and escapes."""

    text: str
    column: int
    parts: tuple[str, ...]
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Restriction:
    """A field compared with a value; `comparator` is one of `= != < <= > >= :`."""

    subject: Name
    comparator: str
    argument: Word


@dataclass(frozen=True, slots=True)
class Conjunction:
    """All of the terms."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    """Any of the terms."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """Not the term."""

    term: Node


Node = Restriction | Conjunction | Disjunction | Negation


def parse(text: str) -> Node:
    """The syntax tree of a filter, of an empty one a conjunction of nothing; raises FilterInvalid."""
    _check_text(text)
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise _refusal(error, text) from None
    return _Reader().start(tree)


def shown(text: str) -> str:
    """The text as an error message quotes it: printable, and cut to 40 characters."""
    return repr(text if len(text) <= 40 else text[:39] + "…")


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="contextual")


def _check_text(text: str) -> None:
    unsearchable = _UNSEARCHABLE.search(text)
    if unsearchable:
        found = f"U+{ord(unsearchable[0]):04X}"
        raise FilterInvalid(f"a filter cannot hold the character {found}", unsearchable.start() + 1)
    encoded = text.encode()
    if len(encoded) > MAX_BYTES:
        fitting = encoded[:MAX_BYTES].decode(errors="ignore")
        raise FilterInvalid(f"a filter has at most {MAX_BYTES} bytes", len(fitting) + 1)


def _refusal(error: UnexpectedInput, text: str) -> FilterInvalid:
    if isinstance(error, UnexpectedToken):
        at_end = error.token.type == "$END"
        found = "the end of the filter" if at_end else shown(str(error.token))
        column = len(text) + 1 if at_end else _column(error.token)
        return FilterInvalid(f"expected {_wanted(error.expected)}, found {found}", column)
    offset = cast("int", error.pos_in_stream)  # declared as None, and set by every instance
    if text[offset] in "\"'":
        return FilterInvalid("this quote is never closed", offset + 1)
    allowed: Collection[str] = error.allowed if isinstance(error, UnexpectedCharacters) else ()
    return FilterInvalid(f"expected {_wanted(allowed)}, found {shown(text[offset])}", offset + 1)


def _wanted(terminals: Collection[str]) -> str:
    if "VALUE" in terminals:
        return "a value"
    if "COMPARATOR" in terminals:
        return "a comparison"
    if "RPAR" in terminals:
        return "a term or a closing parenthesis"
    return "a term"


class _Reader:
    """Turns the parser's tree into ours, from the outside in, so that its depth is bounded before it is walked."""

    def __init__(self) -> None:
        self._terms = 0

    def start(self, tree: Tree[Token]) -> Node:
        return self._node(tree.children[0], 0) if tree.children else Conjunction(())

    def _node(self, tree: Tree[Token] | Token, level: int) -> Node:
        if isinstance(tree, Token):
            raise TypeError(tree)
        if tree.data == "restriction":
            return self._restriction(tree)
        if tree.data == "negation":
            return Negation(self._node(tree.children[1], level))
        if tree.data == "composite":
            if level == MAX_LEVELS:
                column = _column(tree.children[0])
                raise FilterInvalid(f"parentheses are nested more than {MAX_LEVELS} levels deep", column)
            return self._node(tree.children[1], level + 1)
        terms = tuple(self._node(child, level) for child in tree.children if isinstance(child, Tree))
        if len(terms) == 1:
            return terms[0]
        return Disjunction(terms) if tree.data == "disjunction" else Conjunction(terms)

    def _restriction(self, tree: Tree[Token]) -> Restriction:
        subject = tree.children[0]
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise FilterInvalid(f"a filter has at most {MAX_TERMS} terms", _column(subject))
        if len(tree.children) == 1:
            _refuse_bare(_word(subject))
        _, comparator, argument = tree.children
        return Restriction(_name(subject), str(comparator), _word(argument))


def _refuse_bare(word: Word) -> NoReturn:
    if word.text in _KEYWORDS and not word.quoted:
        raise FilterInvalid(f"expected a term, found {word.text}", word.column)
    if word.text.upper() in _KEYWORDS and not word.quoted:
        raise FilterInvalid(f"{word.text!r} is written in capitals: {word.text.upper()}", word.column)
    raise FilterInvalid(f"{shown(word.text)} stands alone; compare a field with a value: FIELD = VALUE", word.column)


def _column(token: Tree[Token] | Token) -> int:
    return (token.start_pos or 0) + 1 if isinstance(token, Token) else 1


def _name(token: Tree[Token] | Token) -> Name:
    text, column = str(token), _column(token)
    if text[0] in "\"'":
        return Name(_unescaped(text[1:-1], column + 1)[0], column, (), quoted=True)
    parts: list[str] = []
    end = 0
    while end < len(text):
        part = _PART.match(text, end)
        if part is None or part.end() == end:
            raise FilterInvalid("a quoted part of a name ends before a dot or at its end", column + end)
        index = part.lastindex or 0
        parts.append(_unescaped(part[index], column + part.start(index))[0])
        end = part.end()
    return Name(text, column, tuple(parts))


def _word(token: Tree[Token] | Token) -> Word:
    column, quoted = _column(token), str(token)[0] in "\"'"
    inner, first = (str(token)[1:-1], column + 1) if quoted else (str(token), column)
    text, stars = _unescaped(inner, first)
    return Word(text, column, quoted, stars)


def _unescaped(inner: str, first: int) -> tuple[str, tuple[int, ...]]:
    r"""The text behind escapes (`\` before a quote, a star or itself), and where in it the other stars are."""
    if "\\" not in inner:
        return inner, tuple(i for i, character in enumerate(inner) if character == "*") if "*" in inner else ()
    characters: list[str] = []
    stars: list[int] = []
    escaped = False
    for offset, character in enumerate(inner):
        if escaped:
            if character not in "\"'*\\":
                message = f"unknown escape {shown(chr(92) + character)}; a backslash itself is written twice"
                raise FilterInvalid(message, first + offset - 1)
            escaped = False
        elif character == "\\":
            escaped = True
            continue
        elif character == "*":
            stars.append(len(characters))
        characters.append(character)
    if escaped:
        raise FilterInvalid("a backslash itself is written twice", first + len(inner) - 1)
    return "".join(characters), tuple(stars)
