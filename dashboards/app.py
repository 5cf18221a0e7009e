"""The dashboards: `streamlit run dashboards/app.py`. Pages only; what they show comes from the mart."""

from __future__ import annotations

import streamlit as st

from dashboards import door

st.set_page_config("Studio dashboards", page_icon="📊", layout="wide")
door.admit()

st.navigation(
    [
        st.Page("views/costs.py", title="Costs", url_path="costs", default=True),
        st.Page("views/usage.py", title="Usage", url_path="usage"),
        st.Page("views/voice.py", title="Voice", url_path="voice"),
        st.Page("views/music.py", title="Music", url_path="music"),
        st.Page("views/scenes.py", title="Scenes", url_path="scenes"),
        st.Page("views/licences.py", title="Licences", url_path="licences"),
        st.Page("views/queue.py", title="Queue and providers", url_path="queue"),
        st.Page("views/library.py", title="Library and rights", url_path="library"),
    ],
    position="top",
).run()
