"""`python -m tui` is the command `spillover`."""

import sys

from tui.cli import main

sys.exit(main())
