"""The simulation of a school against what is known in closed form."""

import random

import pytest

from cnnlab.training import forecast
from tests.benchmarks import school
from tests.benchmarks.school import Clock, Station, erlang_c
from tests.conftest import REPOSITORY


def poisson(servers: int, rate: float, service: float, customers: int) -> Station:
    """Return an M/M/c queue that so many customers have come to."""
    clock, draw = Clock(), random.Random(1)
    station = Station(clock, servers)

    def come(left: int) -> None:
        station.ask(draw.expovariate(1 / service))
        if left:
            clock.after(draw.expovariate(rate), lambda: come(left - 1))

    come(customers)
    clock.run()
    return station


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (3, 2.1), (8, 6.4)])
def test_waiting_is_that_of_erlang(servers: int, load: float) -> None:
    service = 2.0
    waited = poisson(servers, load / service, service, 100_000).waited
    mean = erlang_c(servers, load) * service / (servers - load)
    assert sum(waited) / len(waited) == pytest.approx(mean, rel=0.1)
    waits = sum(wait > 1e-9 for wait in waited) / len(waited)
    assert waits == pytest.approx(erlang_c(servers, load), rel=0.05)


def test_erlang_c_is_that_of_the_tables() -> None:
    assert erlang_c(1, 0.5) == pytest.approx(0.5)  # M/M/1: the load
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert erlang_c(10, 8.0) == pytest.approx(0.4092, abs=5e-5)


def test_runs_that_come_together_wait_for_whole_rounds() -> None:
    clock = Clock()
    station = Station(clock, 4)
    for _ in range(10):
        station.ask(30.0)
    clock.run()
    assert station.waited == [0.0] * 4 + [30.0] * 4 + [60.0] * 2
    assert (clock.now, station.longest, station.worked) == (90.0, 6, 300.0)


def test_more_slots_never_make_the_queue_longer_and_enough_are_found() -> None:
    waits = [school.runs(30, slots, 120.0).p95 for slots in (4, 8, 16, 30)]
    assert waits == sorted(waits, reverse=True) and waits[-1] == 0
    needed = school.slots_needed(30, 120.0)
    assert school.runs(30, needed, 120.0).p95 <= school.PATIENCE < school.runs(30, needed - 1, 120.0).p95


def test_a_server_with_more_sessions_than_its_interpreter_answers_is_full() -> None:
    few, many = school.clicks(20, seconds=300.0), school.clicks(400, seconds=300.0)
    assert few.p50 == pytest.approx(school.CLICK_SECONDS) and few.use < 0.2
    assert many.use > 0.9 and many.p50 > 1.0


def test_costs_are_those_that_were_measured() -> None:
    measured = (REPOSITORY / "docs" / "benchmarks.md").read_text("utf-8")
    for words, value in (
        ("processor time of a click in a class of 30 | **", school.CLICK_SECONDS),
        ("memory of a session | **", school.SESSION_MB),
        ("memory of the web server | **", 238.0),
    ):
        if words in measured:
            found = float(measured.partition(words)[2].split()[0].replace(",", ""))
            assert value == pytest.approx(found, rel=0.5), words  # machines differ from day to day
    assert school.WORKER_MB == forecast.PROCESS_BYTES / 2**20
