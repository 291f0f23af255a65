"""Home: what this is and what to do next."""

import streamlit as st

st.title("Convolutional networks, live")
