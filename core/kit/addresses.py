"""Which addresses the studio may listen on unasked, and which ones it may fetch: never the inside of a network."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from core.kit.errors import UserError

Resolve = Callable[[str, int], Sequence[str]]
_PORTS = {"http": 80, "https": 443}
# Forms of IPv6 that carry an IPv4 address, which is where a packet ends up: NAT64 and its local form.
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


def is_loopback(host: str) -> bool:
    """Whether whoever listens there is reached from this machine alone."""
    name = host.strip().strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def host_of(header: str) -> str:
    """The name in a Host header, without its port; empty when the header makes no sense."""
    try:
        return (urlsplit(f"//{header.strip()}").hostname or "").rstrip(".")
    except ValueError:
        return ""


@dataclass(frozen=True)
class PublicUrl:
    """A URL that was looked at, and the address it led to then. Connect to `pinned_url` with these headers and
    extensions (httpx knows `sni_hostname`): a name looked up again may answer another address, an inside one."""

    url: str
    host: str
    address: str
    pinned_url: str
    headers: dict[str, str]
    extensions: dict[str, str]


def check_public(url: str, *, allow_private: bool = False, resolve: Resolve | None = None) -> PublicUrl:
    """UserError unless the URL is http(s) and every address of its host is a public one. `allow_private`
    (STUDIO_ALLOW_PRIVATE_URLS) is for one's own network. Redirects must be checked again, or not be followed."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or _PORTS.get(parts.scheme, 0)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        raise _refused(url, "is not a web address") from None
    if parts.scheme not in _PORTS:
        raise _refused(url, "does not begin with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise _refused(url, "carries a name or password")
    if not host or any(letter.isspace() or ord(letter) < 32 for letter in url.strip()):
        raise _refused(url, "names no host")
    try:
        found = (resolve or _resolve)(host, port)
    except (OSError, UnicodeError):
        raise UserError(f"The host {host[:100]!r} cannot be found.", "Check the address.", "unknown_host") from None
    if not found:
        raise UserError(f"The host {host[:100]!r} cannot be found.", "Check the address.", "unknown_host")
    if not allow_private and not all(_public(address) for address in found):
        raise _refused(url, "leads to a private or local address")
    address = found[0]
    at = f"[{address}]" if ":" in address else address
    shown = f"[{host}]" if ":" in host else host
    named = shown if port == _PORTS[parts.scheme] else f"{shown}:{port}"
    pinned = urlunsplit((parts.scheme, f"{at}:{port}", parts.path or "/", parts.query, ""))
    extensions = {"sni_hostname": host} if parts.scheme == "https" else {}
    return PublicUrl(url.strip(), host, address, pinned, {"Host": named}, extensions)


def _refused(url: str, why: str) -> UserError:
    # Without the query: tokens like to travel there.
    shown = url.strip().split("?")[0].split("@")[-1][:120]
    return UserError(
        f"The address {shown!r} {why}.",
        "Give an http(s) address that anybody can reach; for your own network set STUDIO_ALLOW_PRIVATE_URLS=1.",
        "address_refused",
    )


def _resolve(host: str, port: int) -> Sequence[str]:
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


def _public(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and any(address in network for network in _NAT64):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _public(str(inner))
        if int(address) < 2**32:  # ::a.b.c.d, the old "compatible" form
            return False
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
