"""Ray: jobs through ``JobSubmissionClient``, each with a request for a GPU, or for two cores.

Ray is imported with the first request. The head may be away, and come back as another one: then it knows no
job of before. A job's name is its submission id, which Ray takes once: to submit it again is safe.
"""

import os
import re
import shlex
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from cnnlab.cluster.engine import (
    CPUS_PER_RUN,
    Capacity,
    Found,
    Node,
    Order,
    RefusedError,
    UnreachableError,
    capacity,
)

SECONDS = 10
"""So long a request may take; Ray's client itself would wait for ever."""
DEFAULT = "http://127.0.0.1:8265"
_STATES = {"PENDING": "waiting", "RUNNING": "working"}
_TOO_LATE = "JOB_SUPERVISOR_ACTOR_START_TIMEOUT"
"""Ray gives up a job that has waited for a quarter of an hour."""
_KEPT = 20_000

Answer = TypeVar("Answer")


class RayJobs:
    """The cluster whose dashboard ``RAY_ADDRESS`` names."""

    name, called = "ray", "Ray"

    def __init__(self, address: str | None = None):
        self.address = (address or os.environ.get("RAY_ADDRESS") or DEFAULT).rstrip("/")
        self.where = f" at {self.address}"
        self._client: Any = None
        self._seen_nodes: list[Node] = []

    def capacity(self) -> Capacity:
        """Return what the nodes that are up have together."""

        def ask() -> list[Any]:
            from ray.util.state import list_nodes

            alive = [("state", "=", "ALIVE")]
            options = {"limit": 1000, "timeout": SECONDS, "raise_on_missing_output": False}
            return list(list_nodes(address=self.address, filters=alive, **options))

        try:
            resources = [node.resources_total or {} for node in self._asked(ask)]
        except RefusedError as error:
            raise UnreachableError(f"{self.called} does not say which nodes it has.") from error
        self._seen_nodes = [Node(has.get("CPU", 0), has.get("GPU", 0)) for has in resources]
        return capacity(self._seen_nodes, "Ray cluster")

    def submit(self, order: Order) -> None:
        """Hand a job over."""
        if not self._seen_nodes:
            self.capacity()
        gpus = max((node.gpus for node in self._seen_nodes), default=0)
        cpus = max((node.cpus for node in self._seen_nodes), default=CPUS_PER_RUN)
        request = {
            "entrypoint": f"exec {shlex.join(order.command)}",
            "submission_id": order.name,
            "runtime_env": {"env_vars": order.environment(self.name)},
            "metadata": {"folder": order.folder},
            "entrypoint_num_cpus": min(CPUS_PER_RUN, max(1, cpus)),
            "entrypoint_num_gpus": (gpus if order.all_devices else 1) if gpus else None,
        }
        try:
            self._asked(lambda: self._connected().submit_job(**request))
        except RefusedError as error:
            if "already exists" not in str(error):
                raise RefusedError(f"{self.called} refused the run: {_last_line(str(error))}") from error

    def look(self, names: Sequence[str]) -> dict[str, Found]:
        """Return what Ray knows of these jobs."""
        found = {}
        for name in names:
            if (info := self._info(name)) is not None:
                state = _STATES.get(str(info.status), "over")
                if state == "over" and info.error_type != _TOO_LATE:
                    said = (self._log(name) or info.message or "").strip()[-_KEPT:]
                    found[name] = Found("over", said, info.driver_exit_code)
                else:
                    found[name] = Found(state, again=state == "over")  # type: ignore[arg-type]
        return found

    def stop(self, name: str) -> None:
        """End a job: SIGTERM, and SIGKILL three seconds later. One that waits ends when it would begin."""
        try:
            self._asked(lambda: self._connected().stop_job(name))
        except RefusedError:
            return  # it is not known: over, or of a head before this one

    def _info(self, name: str) -> Any:
        try:
            return self._asked(lambda: self._connected().get_job_info(name))
        except RefusedError as error:
            if "404" in str(error):
                return None
            raise UnreachableError(f"{self.called} answers with an error.") from error

    def _log(self, name: str) -> str:
        try:
            return str(self._asked(lambda: self._connected().get_job_logs(name)))
        except (UnreachableError, RefusedError):
            return ""  # the node that had it is gone

    def _connected(self) -> Any:
        """Return a client; to make one asks the head for its version."""
        if self._client is None:
            from ray.job_submission import JobSubmissionClient

            class Client(JobSubmissionClient):
                def _do_request(self, *args: Any, **options: Any) -> Any:
                    return super()._do_request(*args, **{"timeout": SECONDS, **options})

            self._client = Client(self.address)
        return self._client

    def _asked(self, ask: Callable[[], Answer]) -> Answer:
        """Ask, and tell the three ways in which that fails apart.

        Raises:
            UnreachableError: nobody answers at this address, or Ray is not installed here.
            RefusedError: somebody does, with an error; the message is Ray's.
        """
        if not self.address.startswith(("http://", "https://")):
            raise UnreachableError(
                "RAY_ADDRESS is not the address of Ray's dashboard; set it to one like http://HEAD:8265."
            )
        try:
            return ask()
        except ImportError as error:
            raise UnreachableError(
                "Ray is not installed here; run pip install -r requirements-cluster.txt and start again."
            ) from error
        except OSError as error:  # those of requests, too
            self._client = None
            raise UnreachableError(f"{self.called} does not answer.") from error
        except Exception as error:
            if "connect" in type(error).__name__.lower() or "Failed to connect" in str(error):
                self._client = None
                raise UnreachableError(f"{self.called} does not answer.") from error
            raise RefusedError(str(error)) from error


def _last_line(text: str) -> str:
    """Return the last line of a traceback that says something, without the name of the exception."""
    lines = [line.strip() for line in text.splitlines() if re.search(r"\w", line)]
    return re.sub(r"^[\w.]+(Error|Exception): ", "", lines[-1] if lines else text)[:200].rstrip(".") + "."
