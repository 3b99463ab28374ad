"""The built page and its files: what is kept, what is not, and what a page may do."""

import pytest

from console.conftest import Browser
from stepwell.console.pages import Pages


@pytest.fixture
def built(fresh_server, tmp_path):
    """A browser of a server whose console was built."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text('<meta name="csp-nonce" content="__CSP_NONCE__"><script src="/x">')
    (tmp_path / "assets" / "index-4f3a.js").write_text("1")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    (tmp_path.parent / "secret.txt").write_text("secret")
    fresh_server.parts.console._pages = Pages(tmp_path)
    return Browser(fresh_server)


@pytest.mark.parametrize(
    "path", ["/console/", "/console/executions/arn:aws:states:x", "/console/a/b/c.d", "/console/index.html"]
)
def test_every_route_of_the_page_is_the_page(built, path):
    answer = built.send("GET", path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


def test_the_page_may_run_its_own_scripts_and_nothing_else(built):
    policies, nonces = set(), set()
    for _ in range(2):
        answer = built.send("GET", "/console/")
        policy = answer.headers["content-security-policy"]
        nonce = answer.raw.decode().partition('content="')[2].partition('"')[0]
        assert f"style-src 'self' 'nonce-{nonce}'" in policy
        nonces.add(nonce)
        policies.add(policy.replace(nonce, ""))
    assert len(nonces) == 2
    (policy,) = policies
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_assets_are_kept_for_good_and_other_files_are_asked_for_again(built):
    asset = built.send("GET", "/console/assets/index-4f3a.js")
    assert asset.raw == b"1"
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"] == "text/javascript; charset=utf-8"
    icon = built.send("GET", "/console/favicon.svg")
    assert icon.headers["cache-control"] == "no-cache"
    assert icon.headers["x-content-type-options"] == "nosniff"


def test_an_asset_that_is_not_there_is_not_the_page(built):
    answer = built.send("GET", "/console/assets/gone.js")
    assert answer.status == 404
    assert b"<" not in answer.raw


@pytest.mark.parametrize(
    "path",
    [
        "/console/../secret.txt",
        "/console/assets/../../secret.txt",
        "/console/%2e%2e/secret.txt",
        "/console//etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_folder(built, path):
    assert b"secret" not in built.send("GET", path).raw.replace(b"secret.txt", b"")


def test_the_path_without_its_slash_leads_to_the_page(built):
    answer = built.send("GET", "/console")
    assert (answer.status, answer.headers["location"]) == (308, "/console/")
    assert built.send("GET", "/consoles").status == 403  # the wire's


def test_only_reading_is_allowed(built):
    assert built.send("POST", "/console/", {}).status == 405
    head = built.send("HEAD", "/console/")
    assert (head.status, head.raw) == (200, b"")


def test_without_a_built_console_a_page_says_how_to_build_it(fresh_server, tmp_path):
    fresh_server.parts.console._pages = Pages(tmp_path)
    answer = Browser(fresh_server).send("GET", "/console/")
    assert answer.status == 503
    assert b"make console" in answer.raw
    (tmp_path / "index.html").write_text("built")
    assert Browser(fresh_server).send("GET", "/console/").raw == b"built"
