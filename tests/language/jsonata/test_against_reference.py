"""The differential test: the same value as the reference implementation, for expressions made by chance."""

import copy
import os

import pytest

from language.jsonata.fuzz import ask_ours, ask_reference, difference, is_known_of_the_reference, reference_package
from language.jsonata.generator import DATA, Generator

COUNT = int(os.environ.get("STEPWELL_JSONATA_FUZZ", "20000"))
SEED = int(os.environ.get("STEPWELL_JSONATA_SEED", "77"))


def test_there_is_no_difference_in_value_from_the_reference():
    package = reference_package()
    if package is None:
        pytest.skip("needs Node and npm, to install the reference implementation")
    generator = Generator(SEED)
    expressions = [generator.expression() for _ in range(COUNT)]
    before = copy.deepcopy(DATA)
    answers = ask_reference(package, DATA, expressions)
    different = [
        (expression, ours, theirs)
        for expression, theirs in zip(expressions, answers, strict=True)
        if difference(expression, ours := ask_ours(DATA, expression), theirs) == "value"
        and not is_known_of_the_reference(expression)
    ]
    assert different == []
    assert before == DATA


def test_the_one_known_fault_of_the_reference_is_told_from_differences():
    assert is_known_of_the_reference("$map([1], function($v){($min($v))[n][n]})")
    assert is_known_of_the_reference("$map([1], function($v){(true ? $min($v) : 1)[0]})")
    assert not is_known_of_the_reference("$map([1], function($v){$min($v)[0]})")
    assert not is_known_of_the_reference("$map([1], function($v){($v)[0]})")
    assert not is_known_of_the_reference("($min(1))[0]")
