"""Fetched addresses cannot lead inside, however they are written, and are connected to as they were looked up."""

from __future__ import annotations

import pytest

from core.kit.addresses import check_public, host_of, is_loopback
from core.kit.errors import UserError

ELSEWHERE = ["93.184.216.34"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost:7860/api/jobs", "http://2130706433/", "http://0x7f.1/", "http://0/",
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::a00:1]/",
        "http://[2002:7f00:1::]/", "http://[fe80::1%25eth0]/", "http://[fc00::1]/", "http://[fec0::1]/",
        "http://10.1.2.3/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/", "http://169.254.169.254/",
        "http://224.0.0.1/", "http://255.255.255.255/", "http://0.0.0.0/", "http://198.18.0.1/", "http://192.0.2.1/",
        "https://127.0.0.1:443/x",
    ],
)  # fmt: skip
def test_inside_addresses_are_refused(url: str) -> None:
    with pytest.raises(UserError) as refused:
        check_public(url)
    assert refused.value.hint


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "//example.org/", "example.org", "", "http://",
     "http:///x", "http://user:pw@example.org/", "http://example.org:99999/", "http://[::1", "javascript:alert(1)",
     "http://exam ple.org/", "http://example.org/\r\nX: y"],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(UserError) as refused:
        check_public(url, resolve=lambda host, port: ELSEWHERE)
    assert "pw" not in refused.value.message


def test_a_name_with_one_inside_address_is_refused() -> None:
    with pytest.raises(UserError, match="private"):
        check_public("https://example.org/", resolve=lambda host, port: [*ELSEWHERE, "10.0.0.1"])
    with pytest.raises(UserError, match="cannot be found"):
        check_public("https://example.org/", resolve=lambda host, port: [])


def test_what_was_looked_at_is_what_is_connected_to() -> None:
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ELSEWHERE if len(asked) == 1 else ["127.0.0.1"]  # a name that answers differently the second time

    found = check_public("https://Example.org:8443/hook?x=1", resolve=resolve)
    assert asked == [("example.org", 8443)]
    assert found.pinned_url == "https://93.184.216.34:8443/hook?x=1"
    assert found.headers == {"Host": "example.org:8443"}
    assert found.extensions == {"sni_hostname": "example.org"}
    six = check_public("http://example.org", resolve=lambda host, port: ["2606:2800:220:1:248:1893:25c8:1946"])
    assert six.pinned_url == "http://[2606:2800:220:1:248:1893:25c8:1946]:80/"
    assert six.headers == {"Host": "example.org"}


def test_ones_own_network_can_be_allowed() -> None:
    assert check_public("http://127.0.0.1:9/x", allow_private=True).address == "127.0.0.1"
    with pytest.raises(UserError):
        check_public("file:///etc/passwd", allow_private=True)


def test_a_pinned_url_is_what_httpx_connects_to() -> None:
    import http.server
    import threading

    import httpx

    seen = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.headers["Host"], self.path))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        port = server.server_port
        found = check_public(
            f"http://hooks.example:{port}/in?a=b", allow_private=True, resolve=lambda host, port: ["127.0.0.1"]
        )
        with httpx.Client() as client:
            client.get(found.pinned_url, headers=found.headers, extensions=found.extensions)
    assert seen == [(f"hooks.example:{port}", "/in?a=b")]


def test_hosts() -> None:
    assert [is_loopback(one) for one in ("localhost", "127.0.0.1", "[::1]", "LOCALHOST", "127.8.8.8")] == [True] * 5
    outside = ("0.0.0.0", "", "localhost.example.org", "127.0.0.1.example.org", "::", "10.0.0.1")
    assert not any(is_loopback(one) for one in outside)
    assert host_of("LocalHost.:7860") == "localhost"
    assert host_of("[::1]:7860") == "::1"
    assert host_of("[::1") == ""
