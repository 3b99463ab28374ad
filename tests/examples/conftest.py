import sys
from pathlib import Path

BANK = Path(__file__).parents[2] / "examples" / "bank_account"

# As `stepwell serve` does it for the functions: their folder is where Python looks first.
sys.path.insert(0, str(BANK / "services"))
# And the two commands import their own parts.
sys.path.append(str(BANK))
sys.path.append(str(BANK.parent))
