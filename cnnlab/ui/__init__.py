"""What the pages share: choices, supervisor, TensorFlow warm-up, live chart. The only user of streamlit."""

from cnnlab.ui.arrivals import open_a_run
from cnnlab.ui.asking import PICTURE_PIXELS, camera_allowed, classifier, samples, shown
from cnnlab.ui.base_weights import offer_weights
from cnnlab.ui.downloads import downloads
from cnnlab.ui.engine import supervisor
from cnnlab.ui.evaluation_view import evaluation_of, evaluation_view
from cnnlab.ui.feature_sheet import feature_sheet
from cnnlab.ui.fork_form import forked
from cnnlab.ui.inspected import drawing, inspected, source, totals, wider
from cnnlab.ui.layer_details import layer_details
from cnnlab.ui.layer_table import chosen_in, layer_table
from cnnlab.ui.live_chart import live_chart, preload_chart
from cnnlab.ui.next_steps import go_on
from cnnlab.ui.option_notes import option_notes
from cnnlab.ui.own_networks import network_actions
from cnnlab.ui.reach import reach
from cnnlab.ui.run_form import checked, run_form
from cnnlab.ui.run_links import active_runs, machine_panel, run_links
from cnnlab.ui.run_table import differences, filtered, run_table, settings, told_apart
from cnnlab.ui.scene import headline, keep, look_at, options_form, scene, scene_form, way_back
from cnnlab.ui.side_by_side import side_by_side
from cnnlab.ui.state import Lab, begin_session, lab
from cnnlab.ui.warm_up import WarmUp, need_tensorflow, warm
from cnnlab.ui.watch import watch
from cnnlab.ui.what_if import what_if
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
    "told_apart",
    "totals",
    "warm",
    "watch",
    "way_back",
    "what_if",
    "wider",
]
