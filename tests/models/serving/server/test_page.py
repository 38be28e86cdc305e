"""The page to try a model on, and what it is told to show."""

import re
from dataclasses import replace

from models.serving.server.page import render_page
from models.serving.server.page_fields import page_fields
from tests.models.serving.server.conftest import ask


def test_the_page_loads_nothing_from_elsewhere(server):
    answer = ask(server, "/")
    text = answer.body.decode()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    loaded = re.findall(r"(?:src|href)=[\"']?([^\"'> ]*)", text)
    assert all(address.startswith("data:") for address in loaded)
    assert not re.search(r"https?:|import\b|@import|url\(", text)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_only_the_pages_own_script_may_run(server):
    answer = ask(server, "/")
    [nonce] = set(re.findall(r'nonce="([^"]+)"', answer.body.decode()))
    assert f"script-src 'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
    assert nonce not in ask(server, "/").body.decode()


def test_a_name_cannot_become_markup_or_script():
    text = render_page('</script><img src=x onerror="alert(1)">').html
    assert "<img" not in text and text.count("</script>") == 1


def test_the_form_has_a_field_for_every_input(server):
    document = ask(server, "/v1/models/parts/form").json
    assert (document["signature"], document["version"], document["missing"]) == ("predict_raw", "1", None)
    fields = {field["name"]: (field["kind"], field["shape"]) for field in document["fields"]}
    assert fields == {"image": ("image", []), "width": ("number", []), "line": ("text", [])}


def test_a_model_without_raw_inputs_says_so(server):
    model = server.versions.get()
    signatures = {name: one for name, one in model.signatures.items() if name != "predict_raw"}
    document = page_fields("parts", replace(model, signatures=signatures))
    assert document["fields"] == [] and "has no signature predict_raw" in document["missing"]
