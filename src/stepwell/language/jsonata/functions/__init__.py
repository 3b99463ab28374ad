"""The built-in functions, by group. Importing this package fills the table."""

from stepwell.language.jsonata.functions import (  # noqa: F401 (each registers its functions)
    aggregation,
    arrays,
    aws,
    booleans,
    encoding,
    higher_order,
    matching,
    numbers,
    objects,
    pictures,
    strings,
)
