"""Work on many machines: the same worker command, handed to Ray Jobs or to Slurm.

``CNNLAB_LAUNCHER=ray`` or ``slurm`` chooses one. What trains goes there, one job for each run; light work
stays beside the server. The folder of a run lies on storage that all nodes see under the same path: a worker
that does not find it there says so before it begins. Nothing of Ray is imported before a job is handed over.
"""

import os

from cnnlab.cluster.engine import Engine
from cnnlab.cluster.launcher import ClusterLauncher

LAUNCHERS = ("process", "thread", "ray", "slurm")
"""What ``CNNLAB_LAUNCHER`` may be."""

__all__ = ["LAUNCHERS", "ClusterLauncher", "Engine", "engine", "launcher"]


def engine() -> Engine | None:
    """Return the engine that ``CNNLAB_LAUNCHER`` names, None where work stays on this machine."""
    match os.environ.get("CNNLAB_LAUNCHER"):
        case "ray":
            from cnnlab.cluster.ray_jobs import RayJobs

            return RayJobs()
        case "slurm":
            from cnnlab.cluster.slurm import Slurm

            return Slurm()
    return None


def launcher() -> ClusterLauncher | None:
    """Return a launcher for the engine that ``CNNLAB_LAUNCHER`` names, already following what it has."""
    found = engine()
    return ClusterLauncher(found).start() if found else None
