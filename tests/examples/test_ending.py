"""The examples end when they are told to."""

import os
import signal

import pytest
from shared import ending

HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def handlers():
    before = {number: signal.getsignal(number) for number in HANDLED}
    ending.end_on_signals()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    ending._ASKED.clear()


@pytest.mark.parametrize("number", HANDLED)
def test_a_signal_interrupts(number):
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_that_a_destructor_has_dropped_comes_at_the_next_rest():
    class Dropped:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGINT)

    ending.rest(0)
    Dropped()
    with pytest.raises(KeyboardInterrupt):
        ending.rest(60)
