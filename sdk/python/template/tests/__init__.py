"""Finds the policy where `gatewright build` finds it."""

import sys
from pathlib import Path

HERE = Path(__file__).parent.parent
sys.path[:0] = [str(HERE / "src"), str(HERE / "gatewright" / "sdk" / "python" / "src")]
