"""Who may look at the dashboards: the studio's own session, which the browser brings along, since a cookie belongs to
a host and not to a port."""

from __future__ import annotations

import streamlit as st

from core.access.access import Access, open_access
from core.access.sessions import SignedIn
from core.kit.actor import LOCAL, Actor
from core.kit.addresses import host_of, is_loopback
from core.kit.errors import SetupError
from core.kit.settings import Settings, load_settings
from core.store.store import open_store


@st.cache_resource
def _access(url: str) -> Access:
    del url  # the key
    return open_access(open_store(load_settings()))


def required(settings: Settings) -> bool:
    """By the studio's address and by this server's own: `streamlit run` may have been told another one."""
    own = str(st.get_option("server.address") or "")
    return settings.sign_in_required or not (settings.demo or is_loopback(own))


def who(settings: Settings) -> Actor | None:
    """None: nobody who may look."""
    cookies = st.context.cookies.to_dict()
    if required(settings):
        found = _access(settings.store_url).signed_in({}, cookies)
        return found.actor if isinstance(found, SignedIn) else None
    if settings.demo:
        from core.api.visitors import visitor  # brings the whole studio along

        return visitor(cookies, demo=True)
    # On this machine alone: a page of another site may call 127.0.0.1 by a name of its own, and would read along.
    name = host_of(st.context.headers.get("Host") or "localhost")
    allowed = {one.strip().lower() for one in settings.allowed_hosts.split(",")}
    return LOCAL if is_loopback(name) or name in allowed else None


def admit() -> None:
    """Ends the page here unless somebody is signed in who may see it."""
    settings = load_settings()
    if required(settings):
        try:
            _access(settings.store_url).may_listen(settings.model_copy(update={"require_sign_in": True}))
        except SetupError as error:
            st.title("These dashboards are closed", anchor=False)
            st.markdown(f"{error.message}\n\n`{error.hint.rpartition(': ')[2]}`")
            st.stop()
    if who(settings) is None:
        from dashboards.source import studio_address

        st.title("Sign in first", anchor=False)
        st.markdown("These figures are for the studio's users. Sign in there, then load this page again.")
        st.link_button("Sign in to the studio", f"{studio_address()}/sign-in")
        st.stop()
