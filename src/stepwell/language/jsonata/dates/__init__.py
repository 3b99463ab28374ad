"""Dates and times by pictures, as XPath's format-dateTime has them."""
