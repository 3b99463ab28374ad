"""The console: the page in the browser, and the small API behind it for what AWS's has none.

The page is one more client. It speaks the API of AWS under a path of its own, behind a session, because the wire itself
refuses web pages; and it asks the calls of this package for a graph, what an execution is doing, and what has changed.
What they answer is worked out from rows and histories: the console keeps nothing of its own but who is logged in.
"""
