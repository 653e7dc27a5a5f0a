"""What the work costs: an offer must not cost more because the text is long or many wait, and making a message's text
well formed and cutting it must be quick."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks.streaming import crowd
from core.markdown import readable, well_formed
from core.scheduling import EditBudget, EditScheduler, Urgency, Wait
from core.splitting import Opening, take

DELTAS = 20_000
BUDGET = EditBudget(name="cost", burst=5, interval=1.0)
ANSWER = """## Heading

Some **bold text** with `code`, a [link](https://example.com/page) and more words after it.

```python
for number in range(10):
    print(number)
```

| Name | Value |
|------|------:|
| one  | 1     |

- an item
- *another*

"""

FORMULAS = r"""The roots are $x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}$, and

$$\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2} \quad \sum_{n=1}^{N} n^2 = \frac{N(N+1)(2N+1)}{6}$$

holds for all \(\alpha_{i} \leq \beta^{2}\) and \[ \begin{pmatrix} a & b \\ c & d \end{pmatrix} \cdot v \]

"""


def costs() -> Iterator[str]:
    """One line for each measurement."""
    for written, replies in ((1_000, 1), (100_000, 1), (1_000, 500), (100_000, 500)):
        yield (
            f"offer and decide, {replies:>3} replies of {written:>7,} characters: "
            f"{_each(_offers(written, replies)) * 1e6:6.2f} µs a delta"
        )
    for name, answer in (("text", ANSWER), ("formulas", FORMULAS)):
        for length in (500, 2_000, 12_000):
            text = (answer * (length // len(answer) + 1))[:length]
            shown, taken, read = (_each(partial(_repeat, work, text)) * 1e3 for work in (well_formed, _take, readable))
            yield (
                f"a message of {length:>6,} characters of {name:<8}: well formed in {shown:5.2f} ms, "
                f"cut looked for in {taken:5.2f} ms, formulas read in {read:5.2f} ms"
            )
    yield f"one reply kept by the scheduler: {_size():,} bytes"
    yield from crowd.lines(ANSWER, FORMULAS)


def _offers(written: int, replies: int) -> Callable[[], int]:
    """Deltas of many replies, one after the other, with a decision whenever one may have changed."""
    scheduler = EditScheduler(BUDGET, now=0.0)
    state = {"now": 0.0, "until": 0.0}

    def run() -> int:
        for number in range(DELTAS):
            state["now"] += 1 / (50 * replies)
            now = state["now"]
            if (
                scheduler.offer(number % replies, written + number, now, urgency=Urgency.GROWING)
                or now >= state["until"]
            ):
                decision = scheduler.next(now)
                if isinstance(decision, Wait):
                    state["until"] = decision.until or now
                else:
                    scheduler.done(decision.reply, now)
        return DELTAS

    return run


def _repeat(work: Callable[[str], object], text: str) -> int:
    for _ in range(50):
        work(text)
    return 50


def _take(text: str) -> object:
    return take(text, Opening(), limit=20_000, measure=len)


def _each(run: Callable[[], int]) -> float:
    """CPU seconds for each piece of work."""
    began = time.process_time()
    count = run()
    return (time.process_time() - began) / count


def _size() -> int:
    """Bytes for each of many replies."""
    count = 5_000
    tracemalloc.start()
    scheduler = EditScheduler(BUDGET, now=0.0)
    for reply in range(count):
        scheduler.offer(reply, 1_000 + reply, reply / 7, urgency=Urgency.GROWING)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size // count
