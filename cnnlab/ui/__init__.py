"""What the pages share: choices, supervisor, TensorFlow warm-up, live chart. The only user of streamlit."""

from cnnlab.ui.architecture.feature_sheet import feature_sheet
from cnnlab.ui.architecture.inspected import drawing, inspected, source, totals, wider
from cnnlab.ui.architecture.layer_details import layer_details
from cnnlab.ui.architecture.layer_table import chosen_in, layer_table
from cnnlab.ui.architecture.own_networks import network_actions
from cnnlab.ui.architecture.reach import reach
from cnnlab.ui.architecture.scene import headline, keep, look_at, options_form, scene, scene_form, way_back
from cnnlab.ui.architecture.side_by_side import side_by_side
from cnnlab.ui.architecture.what_if import what_if
from cnnlab.ui.asking import PICTURE_PIXELS, camera_allowed, classifier, samples, shown
from cnnlab.ui.base_weights import offer_weights
from cnnlab.ui.engine import supervisor
from cnnlab.ui.live_chart import live_chart, preload_chart
from cnnlab.ui.option_notes import option_notes
from cnnlab.ui.page_change import follow
from cnnlab.ui.run_links import active_runs, machine_panel, run_links
from cnnlab.ui.runs.arrivals import open_a_run
from cnnlab.ui.runs.downloads import downloads
from cnnlab.ui.runs.evaluation import evaluation_of, evaluation_view
from cnnlab.ui.runs.next_steps import go_on
from cnnlab.ui.runs.table import differences, filtered, run_table, settings, told_apart
from cnnlab.ui.runs.watch import watch
from cnnlab.ui.state import Lab, begin_session, lab
from cnnlab.ui.tables import table
from cnnlab.ui.train.forks import forked
from cnnlab.ui.train.run_form import checked, run_form
from cnnlab.ui.warm_up import WarmUp, need_tensorflow, warm
from cnnlab.ui.wording import STATE_ICONS, created, duration, plain, progress

__all__ = [
    "PICTURE_PIXELS",
    "STATE_ICONS",
    "Lab",
    "WarmUp",
    "active_runs",
    "begin_session",
    "camera_allowed",
    "checked",
    "chosen_in",
    "classifier",
    "created",
    "differences",
    "downloads",
    "drawing",
    "duration",
    "evaluation_of",
    "evaluation_view",
    "feature_sheet",
    "filtered",
    "follow",
    "forked",
    "go_on",
    "headline",
    "inspected",
    "keep",
    "lab",
    "layer_details",
    "layer_table",
    "live_chart",
    "look_at",
    "machine_panel",
    "need_tensorflow",
    "network_actions",
    "offer_weights",
    "open_a_run",
    "option_notes",
    "options_form",
    "plain",
    "preload_chart",
    "progress",
    "reach",
    "run_form",
    "run_links",
    "run_table",
    "samples",
    "scene",
    "scene_form",
    "settings",
    "shown",
    "side_by_side",
    "source",
    "supervisor",
    "table",
    "told_apart",
    "totals",
    "warm",
    "watch",
    "way_back",
    "what_if",
    "wider",
]
