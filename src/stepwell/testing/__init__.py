"""Testing one state, as TestState does: it runs alone, with what its request says about the world around it.

A test is a `StateTest`: a state, its input, variables, context object, and perhaps a mock in place of what the state
would call. The state is compiled as it is in a state machine, and the machine's own functions run it; nothing of how
states behave is written a second time here. What differs is the world:

- the definition is cut down to the state under test, and the branches of a Parallel or a Map to a stub (`subject`);
- the expressions of the state are wrapped, so that each notes what it made: these are the stages of the inspection data
  (`inspection`); so what is shown is what was computed, not something computed again;
- a `Trial` is the run: it begins, says what it needs (a call, a pause, nothing), takes the answer, and has an outcome.

Nothing here reads a clock or calls anything: whoever holds the trial does. Only the check of a mocked result against
the model of the service that it stands for reads files (`schemas`): the models that botocore brings along.
"""
