"""The services of AWS as a Task calls them."""
