import sys
from pathlib import Path

# As for the scripts of the benchmarks: their folder is where Python looks first.
sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
