# ruff: noqa: E501 (tables of fragments, one kind a line)
"""Expressions made by chance, over data made by hand: what the differential test feeds to both evaluators.

It leaves out what differs on purpose: keys that look like integers (their order), chance and time, functions as results, and an empty array as the
context of an object, which the reference changes in place.
"""

import random
from typing import Any

DATA: dict[str, Any] = {
    "a": {"b": [1, 2, 3], "c": "text", "d": {"e": 5, "f": [{"g": 1}, {"g": 2, "h": "x"}]}},
    "items": [
        {"id": 1, "name": "apple", "price": 3.5, "tags": ["red", "fruit"], "size": {"w": 1, "h": 2}},
        {"id": 2, "name": "pear", "price": 2, "tags": ["green"], "size": {"w": 3, "h": 1}},
        {"id": 3, "name": "kiwi", "price": 0.25, "tags": [], "ok": True},
        {"id": 4, "name": "apple", "price": -1, "tags": "single", "none": None},
    ],
    "nested": [[1, [2, 3]], [[4]]],
    "orders": [
        {"no": "o1", "lines": [{"sku": "s1", "n": 2}, {"sku": "s2", "n": 1}]},
        {"no": "o2", "lines": [{"sku": "s1", "n": 5}]},
    ],
    "n": 7, "m": -2.5, "zero": 0, "s": "Hello World", "empty": "", "t": True, "f": False, "nil": None,
    "list": [3, 1, 2], "one": [9], "words": ["b", "a", "c"], "void": [], "obj": {}, "mixed": [1, "x", True, None, {"k": 2}],
}  # fmt: skip

NAMES = ["a", "b", "c", "d", "e", "f", "g", "h", "items", "id", "name", "price", "tags", "size", "w", "nested", "orders",
         "lines", "sku", "no", "n", "m", "s", "list", "one", "words", "void", "obj", "mixed", "k", "nil", "t", "missing"]  # fmt: skip
STRINGS = ['"a"', '"apple"', '""', '"x,y,z"', '"Hello"', "'b'", '"12"', '"é"', '"a b  c"', '"1e3"', '"s1"']
NUMBERS = ["0", "1", "2", "3", "-1", "0.5", "10", "2.5", "100", "1e3", "12345.678", "1e21", "1.5e-7"]
PATHS = ["a.b", "a.d.f.g", "items.name", "items.price", "orders.lines", "orders.lines.sku", "list", "one", "words", "nested",
         "mixed", "items.tags", "n", "s", "a.d", "items", "m", "orders.lines.n", "items.size.w", "void", "missing", "nil"]  # fmt: skip
REGEXES = [
    "/a/",
    "/[a-e]+/",
    "/l+(o)?/i",
    r"/(\w)(\w*)/",
    r"/\s/",
    "/p{2}/",
    "/(?:e|r)$/",
    "/^h/i",
    "/x|y/",
    "/(a)|(b)/",
]
PICTURES = ['"0"', '"#,##0.00"', '"000"', '"#0.0#"', '"#,#,##0"', '"0%"', '"(0);-0"']
INTEGERS = ['"1"', '"001"', '"A"', '"i"', '"w"', '"Ww;o"', '"#,##0"', '"1;o"', '"I"', '"a"']
TIMES = ['"[Y]-[M01]-[D01]"', '"[H01]:[m01]:[s01]"', '"[FNn], [D1o] [MNn] [Y]"', '"[h]:[m] [P]"', '"[W] [X] [w] [x] [d]"',
         '"[Y0001]-[d001]"', '"[MNn,3-3] [D] [Z]"', '"[f001] [z]"', '"[YI]"', '"[Dw] [MN]"']  # fmt: skip


class Generator:
    """Makes expressions; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.variables: list[str] = []

    def pick(self, choices: Any) -> Any:
        return self.random.choice(choices)

    def expression(self, depth: int = 4) -> str:
        if depth <= 0:
            return self.leaf()
        makers = [
            self.leaf, self.path, self.path, self.path, self.operator, self.operator, self.function, self.function,
            self.function, self.higher, self.higher, self.array, self.object, self.block, self.condition, self.filtered,
            self.sorted, self.grouped, self.tuples, self.text, self.matching, self.transform, self.picture, self.partial,
        ]  # fmt: skip
        return str(self.pick(makers)(depth - 1))

    def leaf(self, _depth: int = 0) -> str:
        kinds = [
            lambda: self.pick(PATHS), lambda: self.pick(PATHS), lambda: self.pick(NAMES), lambda: self.pick(STRINGS),
            lambda: self.pick(NUMBERS), lambda: self.pick(["true", "false", "null", "$", "[]", "{}"]),
            lambda: "$" + self.pick(self.variables) if self.variables else "$$.n",
        ]  # fmt: skip
        return str(self.pick(kinds)())

    def path(self, depth: int) -> str:
        start = self.pick([self.pick(PATHS), self.pick(NAMES), "$", "*", "**", f"({self.expression(depth)})", "$$"])
        for _ in range(self.random.randint(1, 2)):
            step = self.pick([
                self.pick(NAMES), self.pick(NAMES), self.pick(NAMES), "*", "$", f"({self.expression(depth)})",
                f"[{self.expression(depth)}]", f'{{"k": {self.expression(depth)}}}', "$string()", "**", "$keys()",
            ])  # fmt: skip
            start += "." + step
            if self.random.random() < 0.25:
                start += self.predicate(depth)
        return str(start)

    def predicate(self, depth: int) -> str:
        return "[" + self.pick([
            "0", "-1", "1", "[0,1]", "id > 1", 'name = "apple"', "", "$ > 1", "true", "price", "[0..1]", "n", "$exists(sku)",
            self.expression(depth - 1),
        ]) + "]"  # fmt: skip

    def operator(self, depth: int) -> str:
        sign = self.pick(["+", "-", "*", "/", "%", "=", "!=", "<", "<=", ">", ">=", "&", "&", "and", "or", "in", "~>"])
        if sign == "~>":
            return f"({self.expression(depth)} ~> {self.pick(['$string', '$count', '$sum', '$uppercase', '$reverse'])})"
        if sign in "+-*/%<=>=" and self.random.random() < 0.7:
            operands = ["n", "m", "zero", "a.d.e", *NUMBERS, "list[0]", "items[0].price", "$count(items)"]
            return f"({self.pick(operands)} {sign} {self.pick(operands)})"
        return f"({self.expression(depth)} {sign} {self.expression(depth)})"

    def function(self, depth: int) -> str:
        one = ["string", "count", "sum", "max", "min", "average", "keys", "spread", "merge", "distinct", "reverse", "type",
               "boolean", "not", "exists", "number", "abs", "floor", "ceil", "sqrt", "length", "uppercase", "lowercase",
               "trim", "sort", "round", "join", "base64encode", "encodeUrlComponent", "formatBase"]  # fmt: skip
        two = ["append", "lookup", "zip", "join", "power", "round", "substring", "pad", "split", "contains",
               "substringBefore", "substringAfter", "formatBase"]  # fmt: skip
        if self.random.random() < 0.7:
            return f"${self.pick(one)}({self.expression(depth)})"
        return f"${self.pick(two)}({self.expression(depth)}, {self.leaf()})"

    def higher(self, depth: int) -> str:
        name = self.pick(["map", "map", "filter", "reduce", "sort", "single", "each", "sift"])
        count = 2 if name in {"reduce", "sort"} else self.random.randint(1, 3)
        names = ["v", "i", "r"][:count]
        before = self.variables
        self.variables = [*before, *names]
        body = self.pick([
            f"$v > {self.pick(NUMBERS)}", "$v", "$string($v)", f"$v & {self.leaf()}", "$v.name", "$v > $i",
            self.expression(depth), self.expression(depth),
        ])  # fmt: skip
        self.variables = before
        source = "$$.a" if name in {"each", "sift"} else self.pick([self.pick(PATHS), self.expression(depth)])
        return f"${name}({source}, function({', '.join('$' + n for n in names)}){{{body}}})"

    def array(self, depth: int) -> str:
        items = ", ".join(self.expression(depth) for _ in range(self.random.randint(0, 3)))
        return f"[{items}]" + (self.predicate(depth) if self.random.random() < 0.2 else "")

    def object(self, depth: int) -> str:
        keys = self.random.sample(["k", "l", "m", "q"], self.random.randint(1, 3))
        return "{" + ", ".join(f'"{key}": {self.expression(depth)}' for key in keys) + "}"

    def block(self, depth: int) -> str:
        value = self.expression(depth)
        before = self.variables
        self.variables = [*before, "x"]
        body = self.expression(depth)
        self.variables = before
        return f"($x := {value}; {body})" + self.pick(["", "", "[]", "[0]", ".name"])

    def condition(self, depth: int) -> str:
        return f"({self.expression(depth)} ? {self.expression(depth)} : {self.expression(depth)})"

    def filtered(self, depth: int) -> str:
        base = self.pick([*PATHS, "$", "items", f"({self.expression(depth)})"])
        return base + self.predicate(depth) + (self.predicate(depth) if self.random.random() < 0.3 else "")

    def sorted(self, depth: int) -> str:
        terms = self.pick(["price", ">price", "name, >id", "<name", "$", ">$", "missing", "id", self.expression(depth)])
        return f"{self.pick(['items', 'list', 'words', 'orders.lines', 'one'])}^({terms})" + self.pick(
            ["", "", "[0]", ".id"]
        )

    def grouped(self, depth: int) -> str:
        key = self.pick(["name", "$string(id)", "sku", "no", '"k"', "$string($)"])
        return f"{self.pick(['items', 'orders', 'orders.lines', 'words', '$'])}{{{key}: {self.expression(depth)}}}"

    def tuples(self, depth: int) -> str:
        return str(self.pick([
            "orders.lines.{'sku': sku, 'no': %.no}", "orders@$o.lines.{'n': n, 'no': $o.no}", "items#$i.{'i': $i, 'n': name}",
            "items#$i[$i > 0].name", "orders@$o.items@$p[$p.id < 3].{'o': $o.no, 'p': $p.name}", "orders.lines#$i[n > 1].$i",
            "orders.lines[%.no = 'o1'].sku", "orders.lines.%.no", "items@$x#$i^(>price)[0].name", "orders.lines.n.%.%.no",
            "items#$i^(name).$i", "orders.lines#$k{sku: $k}", "orders@$o.lines{$o.no: n}", "items.tags#$i.($i & $)",
            f"items#$i.({self.expression(depth)})", f"orders@$o.lines.({self.expression(depth)})",
        ]))  # fmt: skip

    def text(self, depth: int) -> str:
        source = self.pick(["s", "items.name[0]", self.pick(STRINGS), self.expression(depth)])
        return str(self.pick([
            f"$substring({source}, {self.pick(NUMBERS)})", f"$substring({source}, {self.pick(['-3', '0', '2'])}, 2)",
            f"$pad({source}, {self.pick(['10', '-10', '3'])}, {self.pick(STRINGS)})", f"$split({source}, {self.pick(STRINGS)})",
            f"$replace({source}, {self.pick(STRINGS)}, {self.pick(STRINGS)})", f"$join($split({source}, ''), '-')",
            f"$contains({source}, {self.pick(STRINGS)})", f"$trim({source})", f"$length({source})", f"$base64decode({source})",
            f"$encodeUrl({source})", f"$string({source}, true)",
        ]))  # fmt: skip

    def matching(self, depth: int) -> str:
        source = self.pick(["s", "items[0].name", self.pick(STRINGS)])
        regex = self.pick(REGEXES)
        return str(self.pick([
            f"$match({source}, {regex})", f"$match({source}, {regex}, 1).match", f"$contains({source}, {regex})",
            f"$replace({source}, {regex}, {self.pick(['$0', '[$1]', '$$', '<$1$2>', ''])!r})", f"$split({source}, {regex})",
            f"$split({source}, {regex}, 2)", f"$replace({source}, {regex}, function($m){{$m.match & '!'}})",
            f"items[name ~> {regex}].id", f"$match({source}, {regex}).groups",
        ]))  # fmt: skip

    def transform(self, depth: int) -> str:
        return str(self.pick([
            "items ~> |$|{'price': price * 2}|", "$ ~> |items|{'id': 0}, ['tags', 'size']|", "a ~> |d|{'z': $.e}, 'f'|",
            f"items[0] ~> |$|{{'v': {self.expression(depth)}}}|", "orders ~> |lines|{'n': n + 1}|",
        ]))  # fmt: skip

    def picture(self, _depth: int) -> str:
        number = self.pick(["n", "m", "1234.5678", "0", "0.05", "1e6", "-12", "1999", "14", "items[0].price"])
        time = self.pick(["0", "1509380732935", "1e12", "-1", "951782400000", "1577836800000"])
        return str(self.pick([
            f"$formatNumber({number}, {self.pick(PICTURES)})", f"$formatInteger({number}, {self.pick(INTEGERS)})",
            f"$fromMillis({time}, {self.pick(TIMES)})", f"$fromMillis({time})", f"$toMillis($fromMillis({time}))",
            f"$fromMillis({time}, {self.pick(TIMES)}, {self.pick(['+0100', '-0530', '0000'])!r})",
            f"$parseInteger($formatInteger({self.pick(['14', '199', '1'])}, {(p := self.pick(INTEGERS))}), {p})",
            "$formatNumber(1234.5678, '0.0e0')", f"$formatBase({number}, {self.pick(['2', '16', '36'])})", f"$round({number}, {self.pick(['0', '1', '-1', '2'])})",
        ]))  # fmt: skip

    def partial(self, depth: int) -> str:
        return str(self.pick([
            f"($f := $substring(?, 0, 2); $f({self.pick(STRINGS)}))", "$map(items.name, $substring(?, 1))",
            f"($g := function($a, $b){{$a & $b}}; $h := $g(?, {self.leaf()}); $h({self.leaf()}))",
            "($c := $uppercase ~> $length; $map(words, $c))", "list ~> $map(function($v){$v * 2}) ~> $sum()",
            f"(function($p)<s-:s>{{$p}})({self.expression(depth)})", "list.$power(2)", "words.$uppercase()",
            "($fib := function($n){$n <= 1 ? $n : $fib($n - 1) + $fib($n - 2)}; $fib(7))",
        ]))  # fmt: skip
