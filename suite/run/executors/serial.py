"""One unit after the other in this process: for tests, debugging, and machines without Ray."""

from __future__ import annotations

from suite.contract import SuiteError
from suite.plan.tasks import Context, Outcome, Task
from suite.run.allocator import keep_freed_memory
from suite.run.executors import Work
from suite.run.work import execute


class SerialExecutor:
    """Executes a task when its outcome is asked for."""

    def __init__(self, work: Work = execute) -> None:
        self._work = work
        self._waiting: list[Task] = []

    def start(self, context: Context) -> None:
        """Take one thread, and keep freed memory. Raises SuiteError for cuda where there is none."""
        import torch

        if context.accelerator == "cuda" and not torch.cuda.is_available():
            raise SuiteError("--device cuda: torch sees no CUDA device here; install a CUDA build, or use --device cpu")
        torch.set_num_threads(1)
        keep_freed_memory()
        self._context = context

    @property
    def free(self) -> int:
        """One task at a time."""
        return 1 - len(self._waiting)

    def submit(self, task: Task) -> None:
        """Keep the task until `next`."""
        self._waiting.append(task)

    def next(self) -> tuple[Task, Outcome]:
        """Carry out the waiting task."""
        task = self._waiting.pop()
        return task, self._work(self._context, task)

    def observe(self, pending: int) -> None:
        """Nobody watches."""

    def stop(self) -> None:
        """Nothing to let go."""
