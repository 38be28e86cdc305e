"""Renders the page to try a model on."""

import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import jinja2

_TEMPLATE = Path(__file__).with_name("page.html.j2")


@dataclass(frozen=True)
class Page:
    """A page with what a browser may do on it.

    Attributes:
        html: The page, whole: it loads nothing from elsewhere.
        policy: Its Content-Security-Policy.
    """

    html: str
    policy: str


def render_page(name: str) -> Page:
    """Renders the page.

    Args:
        name: The model's name.
    """
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "connect-src 'self'; img-src blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    address = f"/v1/models/{quote(name, safe='')}"
    return Page(_template().render(name=name, address=address, nonce=nonce), policy)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
