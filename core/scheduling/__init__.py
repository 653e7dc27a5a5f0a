"""When which reply may be edited. Platforms allow few edits and tell how long to wait. This package only decides:
it is told the time, never sleeps and never edits.

One scheduler serves one budget, and all replies that draw on it:

- **What is allowed** (`allowance.py`). At most `burst` writes in any `burst × interval` seconds, whether the platform
  counts in fixed windows, in sliding ones or with a bucket. What its answers say corrects the count. After a refusal
  everything waits as long as the platform said; without a figure the pause doubles from one refusal to the next; and
  afterwards the pace is slower and recovers write by write, since somebody else may share the budget. Processes
  that know of each other each keep to their part.
- **Who is next** (`scheduler.py`). First text, then final text, then the reply with the largest waiting: each
  character that is not shown yet times how long it has waited. Whoever has waited beyond a bound goes before all
  others, so nobody starves.
- **How fast** (`spacing.py`). First and final text go as soon as the budget allows. Growing text is spaced: what is
  free is spent while the answers probably go on, from how long others were (`lengths.py`), so that no burst is followed
  by a freeze and none is left over. Where pieces come slowly, a write waits a moment for the next one (`rhythm.py`).

`docs/edit-scheduling.md` derives the bound that this is measured against; `benchmarks/streaming` measures it.
"""

from core.scheduling.allowance import RETRY_MARGIN, Allowance, BudgetObservation, EditBudget
from core.scheduling.entry import Urgency
from core.scheduling.lengths import Lengths
from core.scheduling.scheduler import Edit, EditScheduler, Wait

__all__ = [
    "RETRY_MARGIN",
    "Allowance",
    "BudgetObservation",
    "Edit",
    "EditBudget",
    "EditScheduler",
    "Lengths",
    "Urgency",
    "Wait",
]
