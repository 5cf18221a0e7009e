"""Where the pages get their figures: the mart, each answer kept until a newer mart is in place."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from core.analytics.queries import Filters, Mart, Version, open_mart
from core.kit.settings import Settings, load_settings


@st.cache_resource
def _open(home: str) -> Mart:
    return open_mart(load_settings(home=home))


def settings() -> Settings:
    return load_settings()


def mart() -> Mart:
    return _open(str(settings().home))


@st.cache_data(max_entries=400, show_spinner=False)
def _ask(home: str, version: Version, question: str, arguments: tuple[Any, ...]) -> pd.DataFrame:
    del version  # part of the key only: a newer mart gives new answers
    frame: pd.DataFrame = getattr(_open(home), question)(*arguments)
    return frame


def ask(question: str, filters: Filters) -> pd.DataFrame:
    return _answer(question, (filters,))


def caps(user: str, day: date) -> pd.DataFrame:
    return _answer("budgets", (user, day))


def _answer(question: str, arguments: tuple[Any, ...]) -> pd.DataFrame:
    frame = _ask(str(settings().home), mart().version, question, arguments)
    if len(frame.columns) == 0:  # the mart went away while the page was drawn: begin again, the head says why
        st.rerun()
    return frame


def studio_address() -> str:
    """Where the browser finds the studio. A server on every interface has no address of its own: there, the one
    the browser used to come here is right."""
    known = settings()
    host = known.host
    if host in ("0.0.0.0", "::", ""):
        host = urlsplit(f"//{st.context.headers.get('Host') or '127.0.0.1'}").hostname or "127.0.0.1"
    return f"http://{host}:{known.port}"
