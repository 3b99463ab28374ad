"""How an execution advances: lanes, states, tasks, failures, data flow, history. Pure, sans-I/O."""
