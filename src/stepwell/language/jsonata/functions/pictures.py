"""Numbers and times by pictures: `$formatNumber`, `$formatInteger`, `$fromMillis`, … (see `formatting` and `dates`)."""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.functions.registry import native
from stepwell.language.jsonata.values import UNDEFINED
