"""What the pages share: choices, supervisor, TensorFlow warm-up, live chart. The only user of streamlit."""

from cnnlab.ui import pulse, server
from cnnlab.ui.architecture.diagram import diagram_place
from cnnlab.ui.architecture.explorer import explorer
from cnnlab.ui.architecture.inspected import totals, viewed
from cnnlab.ui.architecture.own_networks import edit_actions, network_actions
from cnnlab.ui.architecture.parts import further
from cnnlab.ui.architecture.scene import headline, input_form, scene, usual, way_back
from cnnlab.ui.asking import camera_allowed, classifier
from cnnlab.ui.base_weights import offer_weights
from cnnlab.ui.engine import service, supervisor
from cnnlab.ui.frame import frame
from cnnlab.ui.live_chart import live_chart, preload_chart
from cnnlab.ui.option_notes import option_notes
from cnnlab.ui.run_links import active_runs, machine_panel, run_links
from cnnlab.ui.runs.arrivals import open_a_run
from cnnlab.ui.runs.evaluation import evaluation_of
from cnnlab.ui.runs.settings import differences, settings
from cnnlab.ui.runs.table import filtered, run_table, told_apart
from cnnlab.ui.runs.watch import watch
from cnnlab.ui.state import begin_session, lab
from cnnlab.ui.train.forks import forked
from cnnlab.ui.train.run_form import checked, run_form
from cnnlab.ui.train.starting import start_first_recipe
from cnnlab.ui.warm_up import need_tensorflow
from cnnlab.ui.wording import duration, plain, progress

__all__ = [
    "active_runs",
    "begin_session",
    "camera_allowed",
    "checked",
    "classifier",
    "diagram_place",
    "differences",
    "duration",
    "edit_actions",
    "evaluation_of",
    "explorer",
    "filtered",
    "forked",
    "frame",
    "further",
    "headline",
    "input_form",
    "lab",
    "live_chart",
    "machine_panel",
    "need_tensorflow",
    "network_actions",
    "offer_weights",
    "open_a_run",
    "option_notes",
    "plain",
    "preload_chart",
    "progress",
    "pulse",
    "run_form",
    "run_links",
    "run_table",
    "scene",
    "server",
    "service",
    "settings",
    "start_first_recipe",
    "supervisor",
    "told_apart",
    "totals",
    "usual",
    "viewed",
    "watch",
    "way_back",
]
