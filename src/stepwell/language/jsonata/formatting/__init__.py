"""Numbers by pictures: integers as digits, letters, Roman numerals or words; decimals by XPath's pictures."""
