"""Events as EventBridge has them: which pattern matches which event, what a target is given, when a schedule falls due.

All of it is pure: a pattern, a transformer and a schedule are compiled once to callables, and are asked then. What
keeps events, and brings them to where they go, is `stepwell.runtime.bus`.
"""
