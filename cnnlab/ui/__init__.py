"""What the pages share: choices, supervisor, TensorFlow warm-up, live chart. The only user of streamlit."""

from cnnlab.ui.live_chart import live_chart
from cnnlab.ui.state import Lab, lab
from cnnlab.ui.warm_up import WarmUp, need_tensorflow, warm

__all__ = ["Lab", "WarmUp", "lab", "live_chart", "need_tensorflow", "warm"]
