"""Mocked responses for Tasks, from the file that Step Functions Local reads, in its format.

    {"StateMachines": {NAME: {"TestCases": {CASE: {STATE: RESPONSE}}}},
     "MockedResponses": {RESPONSE: {"0": {"Return": …}, "1-2": {"Throw": {"Error": …, "Cause": …}}}}}

An execution that is started with `#CASE` behind the ARN of its state machine has the Tasks of the states in that case
answered from here, all others by their services. A response's keys are the attempts at the state, the first of which
is 0; `1-2` stands for both.
"""

from stepwell.integrations.mocks.file import MockedResponses, MockFileError, load_mock_file
from stepwell.integrations.mocks.integration import MockingIntegrations

__all__ = ["MockFileError", "MockedResponses", "MockingIntegrations", "load_mock_file"]
