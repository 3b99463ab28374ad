"""Regular expressions in ECMAScript's syntax, matched with a budget."""
