"""What names a webhook, and what a signature proves."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diana_engine.errors import DianaError
from diana_engine.runtime.bus.signing import TOLERANCE, signature, verified
from diana_engine.runtime.bus.webhooks import Webhook, webhooks_of

SECRET = "0123456789abcdef"
CRM = {"DIANA_EVENTS_CRM_URL": "https://crm.example.org/in", "DIANA_EVENTS_CRM_SECRET": SECRET}


def test_variables_name_webhooks() -> None:
    assert webhooks_of({"HOME": "/", "DIANA_EVENTS": "x"}) == ()
    more = {
        **CRM,
        "DIANA_EVENTS_MY_BI_URL": "http://127.0.0.1:9000/",
        "DIANA_EVENTS_MY_BI_SECRET": SECRET,
        "DIANA_EVENTS_MY_BI_ONLY": "level_up, points_awarded",
    }
    crm, other = webhooks_of(more)
    assert crm == Webhook("crm", "https://crm.example.org/in", SECRET)
    assert (other.name, other.wants) == ("my_bi", {"level_up", "points_awarded"})
    assert SECRET not in repr(crm)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"DIANA_EVENTS_CRM_URL": ""}, "lacks its address. Set DIANA_EVENTS_CRM_URL"),
        ({"DIANA_EVENTS_CRM_SECRET": " "}, "lacks its secret. Set DIANA_EVENTS_CRM_SECRET"),
        ({"DIANA_EVENTS_CRM_SECRET": "hunter2"}, "DIANA_EVENTS_CRM_SECRET is too short"),
        ({"DIANA_EVENTS_CRM_URL": "http://crm.example.org/"}, "on this machine only"),
        ({"DIANA_EVENTS_CRM_URL": "crm.example.org"}, "begins with `https://`"),
        ({"DIANA_EVENTS_CRM_URL": "https://[::"}, "begins with `https://`"),
        ({"DIANA_EVENTS_CRM_URL": "file:///etc/passwd"}, "begins with `https://`"),
    ],
)
def test_what_cannot_be_a_webhook_is_told_without_its_values(
    change: dict[str, str], why: str
) -> None:
    with pytest.raises(DianaError) as told:
        webhooks_of({**CRM, **change})
    assert why in str(told.value)
    assert "hunter2" not in str(told.value)


def test_a_signature_is_an_hmac_over_the_time_and_the_body() -> None:
    mac = hmac.new(SECRET.encode(), b"1700000000." + b'{"id":1}', hashlib.sha256).hexdigest()
    assert signature(SECRET, 1_700_000_000, b'{"id":1}') == f"t=1700000000,v1={mac}"


@given(st.binary(max_size=50), st.integers(0, 10**10), st.integers(-TOLERANCE, TOLERANCE))
def test_a_receiver_believes_what_was_signed_in_time(body: bytes, at: int, drift: int) -> None:
    assert verified(SECRET, signature(SECRET, at, body), body, at + drift)


@given(st.binary(max_size=50), st.binary(max_size=50), st.integers(0, 10**10))
def test_a_receiver_believes_no_other_body_secret_or_time(
    body: bytes, other: bytes, at: int
) -> None:
    header = signature(SECRET, at, body)
    assert body == other or not verified(SECRET, header, other, at)
    assert not verified(SECRET + "x", header, body, at)
    assert not verified(SECRET, header, body, at + TOLERANCE + 1)
    assert not verified(SECRET, header, body, at - TOLERANCE - 1)
    assert not verified(SECRET, header.replace(f"t={at}", f"t={at + 1}"), body, at)


@pytest.mark.parametrize(
    "header", ["", "v1=00", "t=1,v1=", "t=x,v1=" + "0" * 64, "t=1,v1=" + "é" * 64]
)
def test_what_is_no_signature_is_not_believed(header: str) -> None:
    assert not verified(SECRET, header, b"", 1)
