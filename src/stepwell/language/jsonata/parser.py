"""From tokens to the tree as it is written: top-down operator precedence, after Pratt.

Every token may start an expression (a prefix) or continue the one on its left (an infix), and binds with a power. The
two tables at the end say which method reads which. A tree that is nested deeper than any evaluation may go is given up
with `TooDeep`: it is no error of syntax, but its evaluation can only end in a stack overflow.
"""

from collections.abc import Callable

from stepwell.language.jsonata.errors import JsonataSyntaxError
from stepwell.language.jsonata.lexer import BINDING_POWER, Lexer, Token
from stepwell.language.jsonata.signature import SignatureError, parse_signature
from stepwell.language.jsonata.tree import Node

MAX_NESTING = 120
MAX_CHAIN = 250
_BINARY = {".", "+", "-", "*", "/", "%", "=", "<", ">", "!=", "<=", ">=", "&", "and", "or", "in", "~>"}
_UNKNOWN_OPERATORS = {"!", "~"}


class TooDeep(Exception):
    """An expression that is nested too deep to be evaluated."""


class Parser:
    """Reads one expression."""

    def __init__(self, text: str) -> None:
        self._lexer = Lexer(text)
        self._nesting = 0
        self._token = self._lexer.next(False)

    def parse(self) -> Node:
        """Return the tree of the whole text."""
        tree = self.expression(0)
        if self._token.kind != "end":
            raise JsonataSyntaxError("S0201", self._token.position, self._token.value)
        return tree

    def _is(self, symbol: str) -> bool:
        return self._token.kind == "operator" and self._token.value == symbol

    def _take(self, operand_behind: bool = False) -> Token:
        token = self._token
        self._token = self._lexer.next(operand_behind)
        if self._token.kind == "operator" and self._token.value in _UNKNOWN_OPERATORS:
            raise JsonataSyntaxError("S0204", self._token.position, self._token.value)
        return token

    def _expect(self, symbol: str, operand_behind: bool = False) -> None:
        if not self._is(symbol):
            code = "S0203" if self._token.kind == "end" else "S0202"
            raise JsonataSyntaxError(code, self._token.position, self._token.value, symbol)
        self._take(operand_behind)

    def expression(self, power: int) -> Node:
        """Return the expression that starts here, as far as it is bound stronger than `power`."""
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise TooDeep
        left = self._prefix(self._take(operand_behind=True))
        chain = 0
        while self._token.kind == "operator" and power < _INFIX_POWER.get(self._token.value, 0):
            chain += 1
            if chain > MAX_CHAIN:
                raise TooDeep
            token = self._take()
            left = self._infix(token, left)
        self._nesting -= 1
        return left

    def _prefix(self, token: Token) -> Node:
        if token.kind != "operator":
            if token.kind == "end":
                raise JsonataSyntaxError("S0207", token.position, token.value)
            return Node(token.kind, token.position, token.value)
        read = _PREFIX.get(token.value)
        if read is None:
            raise JsonataSyntaxError("S0211", token.position, token.value)
        return read(self, token)

    def _infix(self, token: Token, left: Node) -> Node:
        if token.value in _BINARY:
            return self._binary(token, left)
        return _INFIX[token.value](self, token, left)

    def _binary(self, token: Token, left: Node) -> Node:
        node = Node("binary", token.position, token.value)
        node.left = left
        node.right = self.expression(BINDING_POWER[token.value])
        return node

    def terminal(self, token: Token) -> Node:
        """Read an operator's word or sign that stands where an operand does: `and`, `*`, `**`, `%`."""
        kinds = {"*": "wildcard", "**": "descendant", "%": "parent"}
        return Node(kinds.get(token.value, "name"), token.position, token.value)

    def negation(self, token: Token) -> Node:
        """Read `-x`."""
        node = Node("negation", token.position, "-")
        node.left = self.expression(BINDING_POWER["{"])
        return node

    def block(self, token: Token) -> Node:
        """Read `(a; b; c)`."""
        node = Node("block", token.position)
        while not self._is(")"):
            node.items.append(self.expression(0))
            if not self._is(";"):
                break
            self._take()
        self._expect(")", operand_behind=True)
        return node

    def array(self, token: Token) -> Node:
        """Read `[a, b..c]`."""
        node = Node("array", token.position)
        while not self._is("]"):
            item = self.expression(0)
            if self._is(".."):
                bounds = Node("range", self._token.position, "..")
                self._take()
                bounds.left, bounds.right = item, self.expression(0)
                item = bounds
            node.items.append(item)
            if not self._is(","):
                break
            self._take()
            if self._is("]"):
                raise JsonataSyntaxError("S0211", self._token.position, "]")
        self._expect("]", operand_behind=True)
        return node

    def members(self, token: Token) -> Node:
        """Read `{key: value}`."""
        node = Node("object", token.position)
        while not self._is("}"):
            key = self.expression(0)
            self._expect(":")
            node.pairs.append((key, self.expression(0)))
            if not self._is(","):
                break
            self._take()
            if self._is("}"):
                raise JsonataSyntaxError("S0211", self._token.position, "}")
        self._expect("}", operand_behind=True)
        return node

    def group(self, token: Token, left: Node) -> Node:
        """Read `x{key: value}`."""
        node = self.members(token)
        node.kind, node.left = "group", left
        return node

    def transform(self, token: Token) -> Node:
        """Read `|pattern|update, delete|`."""
        node = Node("transform", token.position)
        node.left = self.expression(0)
        self._expect("|")
        node.right = self.expression(0)
        if self._is(","):
            self._take()
            node.third = self.expression(0)
        self._expect("|")
        return node

    def call(self, token: Token, left: Node) -> Node:
        """Read `f(a, ?)`, or `function($a){...}`, which starts like a call."""
        node = Node("call", token.position)
        node.left = left
        while not self._is(")"):
            if self._is("?"):
                placeholder = self._take()
                node.kind = "partial"
                node.items.append(Node("placeholder", placeholder.position, "?"))
            else:
                node.items.append(self.expression(0))
            if not self._is(","):
                break
            self._take()
            if self._is(")"):
                raise JsonataSyntaxError("S0211", self._token.position, ")")
        self._expect(")", operand_behind=True)
        if left.kind == "name" and left.value in {"function", "λ"}:
            return self._lambda(node)
        return node

    def _lambda(self, node: Node) -> Node:
        for index, argument in enumerate(node.items):
            if argument.kind != "variable":
                raise JsonataSyntaxError("S0208", argument.position, argument.value, index + 1)
        node.kind = "lambda"
        if self._is("<"):
            node.signature = self._signature()
        self._expect("{")
        node.body = self.expression(0)
        self._expect("}")
        return node

    def _signature(self) -> object:
        position = self._token.position
        text, depth = "<", 1
        while depth > 0 and not self._is("{") and self._token.kind != "end":
            self._take()
            depth += self._is("<") - self._is(">")
            text += str(self._token.value)
        self._expect(">")
        try:
            return parse_signature(text)
        except SignatureError as error:
            raise JsonataSyntaxError(error.code, position + error.offset, None, error.value) from None

    def index(self, token: Token, left: Node) -> Node:
        """Read `x[predicate]`, or `x[]`, which keeps an array an array."""
        if self._is("]"):
            step = left
            while step.kind == "filter":
                step = step.left
            step.keep_array = True
            self._take(operand_behind=False)
            return left
        node = Node("filter", token.position)
        node.left, node.right = left, self.expression(0)
        self._expect("]", operand_behind=True)
        return node

    def order(self, token: Token, left: Node) -> Node:
        """Read `x^(<a, >b)`."""
        node = Node("order", token.position)
        node.left = left
        self._expect("(")
        while True:
            term = Node("term", self._token.position)
            if self._is("<") or self._is(">"):
                term.descending = self._take().value == ">"
            term.left = self.expression(0)
            node.items.append(term)
            if not self._is(","):
                break
            self._take()
        self._expect(")")
        return node

    def bind(self, token: Token, left: Node) -> Node:
        """Read `$x := value`."""
        if left.kind != "variable":
            raise JsonataSyntaxError("S0212", left.position, left.value)
        node = Node("bind", token.position, left.value)
        node.left = left
        node.right = self.expression(BINDING_POWER[":="] - 1)
        return node

    def step_variable(self, token: Token, left: Node) -> Node:
        """Read `x@$v` or `x#$i`."""
        node = Node("focus" if token.value == "@" else "index", token.position, token.value)
        node.left = left
        node.right = self.expression(BINDING_POWER[token.value])
        if node.right.kind != "variable":
            raise JsonataSyntaxError("S0214", node.right.position, token.value)
        return node

    def conditional(self, token: Token, left: Node) -> Node:
        """Read `c ? a : b`."""
        node = Node("condition", token.position)
        node.left, node.right = left, self.expression(0)
        if self._is(":"):
            self._take()
            node.third = self.expression(0)
        return node


_PREFIX: dict[str, Callable[[Parser, Token], Node]] = {
    "-": Parser.negation,
    "(": Parser.block,
    "[": Parser.array,
    "{": Parser.members,
    "|": Parser.transform,
    "*": Parser.terminal,
    "**": Parser.terminal,
    "%": Parser.terminal,
    "and": Parser.terminal,
    "or": Parser.terminal,
    "in": Parser.terminal,
}
_INFIX: dict[str, Callable[[Parser, Token, Node], Node]] = {
    "(": Parser.call,
    "[": Parser.index,
    "{": Parser.group,
    "^": Parser.order,
    ":=": Parser.bind,
    "@": Parser.step_variable,
    "#": Parser.step_variable,
    "?": Parser.conditional,
}
_INFIX_POWER = {symbol: BINDING_POWER[symbol] for symbol in (*_BINARY, *_INFIX)}
