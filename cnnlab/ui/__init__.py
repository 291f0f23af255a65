"""What the pages share: choices, supervisor, TensorFlow warm-up, live chart. The only user of streamlit."""

from cnnlab.ui import pulse, server
from cnnlab.ui.architecture.diagram import diagram_place
from cnnlab.ui.architecture.explorer import explorer
from cnnlab.ui.architecture.inspected import totals, viewed
from cnnlab.ui.architecture.own_networks import edit_actions, network_actions
from cnnlab.ui.architecture.parts import further
from cnnlab.ui.architecture.scene import headline, input_form, scene, usual, way_back
from cnnlab.ui.asking import PICTURE_PIXELS, camera_allowed, classifier, samples, shown
from cnnlab.ui.base_weights import offer_weights
from cnnlab.ui.engine import service, supervisor
from cnnlab.ui.frame import frame
from cnnlab.ui.live_chart import live_chart, preload_chart
from cnnlab.ui.option_notes import option_notes
from cnnlab.ui.page_change import follow
from cnnlab.ui.run_links import active_runs, machine_panel, run_links
from cnnlab.ui.runs.arrivals import open_a_run
from cnnlab.ui.runs.confusion import evaluation_view
from cnnlab.ui.runs.downloads import downloads
from cnnlab.ui.runs.evaluation import evaluation_of
from cnnlab.ui.runs.next_steps import go_on
from cnnlab.ui.runs.settings import differences, settings
from cnnlab.ui.runs.table import filtered, run_table, told_apart
from cnnlab.ui.runs.watch import watch
from cnnlab.ui.state import Lab, begin_session, lab
from cnnlab.ui.tables import table
from cnnlab.ui.train.forks import forked
from cnnlab.ui.train.run_form import checked, run_form
from cnnlab.ui.train.starting import start_first_recipe, start_now
from cnnlab.ui.warm_up import need_tensorflow
from cnnlab.ui.wording import STATE_ICONS, created, duration, plain, progress

__all__ = [
    "PICTURE_PIXELS",
    "STATE_ICONS",
    "Lab",
    "active_runs",
    "begin_session",
    "camera_allowed",
    "checked",
    "classifier",
    "created",
    "diagram_place",
    "differences",
    "downloads",
    "duration",
    "edit_actions",
    "evaluation_of",
    "evaluation_view",
    "explorer",
    "filtered",
    "follow",
    "forked",
    "frame",
    "further",
    "go_on",
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
    "samples",
    "scene",
    "server",
    "service",
    "settings",
    "shown",
    "start_first_recipe",
    "start_now",
    "supervisor",
    "table",
    "told_apart",
    "totals",
    "usual",
    "viewed",
    "watch",
    "way_back",
    "wider",
]
