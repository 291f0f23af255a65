"""``experiments`` and ``experiment``: claims of papers and courses, and what they come to here."""

import argparse
from dataclasses import asdict
from typing import Any

from cnnlab import experiments, worker
from cnnlab.cli.output import Answer, table
from cnnlab.cli.quiet import import_tensorflow
from cnnlab.cli.running import interrupt_stops, printing_into_the_log, progress_shown
from cnnlab.errors import ConfigError
from cnnlab.experiments import Experiment, Results, recorded
from cnnlab.experiments.results import mean
from cnnlab.inference.score import percent
from cnnlab.runs import jobs
from cnnlab.runs.kinds import RACE
from cnnlab.runs.races import MOST_SEEDS, Race


def add_to(verbs: Any) -> None:
    """Add the verbs of this group."""
    verbs.add_parser("experiments", help="list the ready experiments and what was found").set_defaults(
        verb=_experiments
    )
    one = verbs.add_parser("experiment", help="run a ready experiment; Ctrl-C stops it")
    one.add_argument("name", metavar="NAME")
    one.add_argument("--seeds", metavar="N", type=int, default=len(experiments.SEEDS), help="default: 5")
    one.add_argument(
        "--record", metavar="MACHINE", help="keep the result in the app, with these words of the machine"
    )
    one.set_defaults(verb=_experiment)


def _experiments(_: argparse.Namespace) -> Answer:
    documents, rows = [], []
    for experiment in experiments.READY.values():
        known = experiments.recording(experiment.name)
        found = known.results.to_dict(experiment) if known else None
        documents.append(_about(experiment) | {"recorded": found and found | _circumstances(experiment.name)})
        rows.append(
            (experiment.name, len(experiment.arms), found["verdict"] if found else "–", experiment.claim)
        )
    return Answer(documents, table(("name", "sides", "recorded", "claim"), rows))


def _about(experiment: Experiment) -> dict[str, Any]:
    known = asdict(experiment)
    return {key: value for key, value in known.items() if key not in {"arms", "look_for", "lesson"}} | {
        "labels": [arm.label for arm in experiment.arms]
    }


def _circumstances(name: str) -> dict[str, Any]:
    known = experiments.recording(name)
    assert known
    return {
        "date": known.date,
        "machine": known.machine,
        "versions": known.versions,
        "seconds": known.seconds,
        "seeds": known.seeds,
    }


def _experiment(arguments: argparse.Namespace) -> Answer:
    experiment = experiments.get(arguments.name)
    if not 1 <= arguments.seeds <= MOST_SEEDS:
        raise ConfigError(f"--seeds must be a whole number from 1 to {MOST_SEEDS}, not {arguments.seeds}.")
    plan = experiment.plan(range(arguments.seeds)).checked()
    import_tensorflow()
    race = Race(jobs.claimed(RACE, plan.to_dict()))
    with interrupt_stops(race.job), progress_shown(race.job), printing_into_the_log(race.job):
        worker.execute(race.job.folder)
    if arguments.record and race.job.status().state == "finished":
        recorded.record(experiment.name, race, experiments.of_race(race), arguments.record)
    return _outcome(experiment, race)


def _outcome(experiment: Experiment, race: Race) -> Answer:
    now, results = race.job.status(), experiments.of_race(race)
    head = {"name": experiment.name, "claim": experiment.claim, "race_id": race.id, "state": now.state}
    document = (
        head | results.to_dict(experiment) | {"validation_images": results.images, "seconds": now.seconds}
    )
    failure = now.message if now.state in {"failed", "interrupted"} else ""
    return Answer(document, "\n".join((experiment.claim, "", *_told(experiment, results))), failure)


def _told(experiment: Experiment, results: Results) -> list[str]:
    rows = [
        (side.label, "–" if (middle := mean(values)) is None else percent(middle))
        for side, values in zip(
            results.sides, results.values(experiment.measure, experiment.equal), strict=True
        )
    ]
    found, said = results.about(experiment)
    lines = [table(("side", experiments.said_measure(experiment)), rows), ""]
    if found:
        lines.append(f"{experiment.better} minus {experiment.worse}: {found}.")
    return [*lines, f"The claim is {said}."]
