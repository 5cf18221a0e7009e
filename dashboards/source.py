"""Where the pages get their figures: the mart, each answer kept until a newer mart is in place, and asked by whoever is
signed in to the studio."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from core.analytics.queries import Filters, Mart, Version, open_mart
from core.kit.actor import Actor
from core.kit.settings import Settings, load_settings
from dashboards import door


@st.cache_resource
def _open(home: str) -> Mart:
    return open_mart(load_settings(home=home))


def settings() -> Settings:
    return load_settings()


def actor() -> Actor:
    """Who looks, asked anew each time: a page stays open after its user has signed out."""
    found = door.who(settings())
    if found is None:
        st.rerun()  # begins at the door again, which says what to do
    assert found is not None
    return found


def mart() -> Mart:
    return _open(str(settings().home)).seen_by(actor())


@st.cache_data(max_entries=400, show_spinner=False)
def _ask(home: str, version: Version, asked_by: Actor, question: str, arguments: tuple[Any, ...]) -> pd.DataFrame:
    del version  # part of the key only: a newer mart gives new answers
    frame: pd.DataFrame = getattr(_open(home).seen_by(asked_by), question)(*arguments)
    return frame


def ask(question: str, filters: Filters) -> pd.DataFrame:
    return _answer(question, (filters,))


def caps(user: str, day: date) -> pd.DataFrame:
    return _answer("budgets", (user, day))


def _answer(question: str, arguments: tuple[Any, ...]) -> pd.DataFrame:
    seen = mart()
    frame = _ask(str(settings().home), seen.version, seen.actor, question, arguments)
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
