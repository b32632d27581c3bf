"""Signatures, keys and the receive window, with the venue's own codes."""

from __future__ import annotations

import hmac
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from alipes.mockvenue.auth import ApiKey, KeyRing, check_time, read_pairs, sorted_payload
from alipes.mockvenue.call import Call, Parameters
from alipes.mockvenue.errors import ApiError

KEY = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"
SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"  # noqa: S105 - of the example
# The worked example of the venue's "SIGNED Endpoint Security" page.
QUERY = (
    "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC"
    "&recvWindow=5000&timestamp=1591702613943"
)
SIGNATURE = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"
NOW = 1591702613943 * 1_000_000


def _ring() -> KeyRing:
    ring = KeyRing()
    ring.add(ApiKey(KEY, SECRET, 1))
    return ring


def _call(query: str, body: str = "", key: str | None = KEY) -> Call:
    params, signature, payload = read_pairs(query, body)
    return Call(
        transport="rest",
        method="POST",
        path="/fapi/v1/order",
        params=params,
        address="",
        signature=signature,
        payload=payload,
        key=key,
    )


def _code(call: Call, now: int = NOW) -> int:
    with pytest.raises(ApiError) as refused:
        _ring().check(call, (now,))
    return refused.value.code


def test_the_documented_example_is_accepted_in_query_and_in_body():
    assert _ring().check(_call(f"{QUERY}&signature={SIGNATURE}"), (NOW,)).account == 1
    assert _ring().check(_call("", f"{QUERY}&signature={SIGNATURE}"), (NOW,)).account == 1


def test_query_and_body_are_signed_joined_without_a_separator():
    query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
    body = "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943"
    mixed = hmac.digest(SECRET.encode(), (query + body).encode(), "sha256").hex()
    call = _call(query, f"{body}&signature={mixed}")
    assert call.payload == query + body
    assert _ring().check(call, (NOW,)).account == 1


def test_any_change_of_the_text_is_refused_with_1022():
    changed = QUERY.replace("quantity=1", "quantity=2")
    assert _code(_call(f"{changed}&signature={SIGNATURE}")) == -1022


def test_missing_parts_are_named():
    for text, name in ((QUERY, "signature"), (f"symbol=BTCUSDT&signature={SIGNATURE}", "timestamp")):
        with pytest.raises(ApiError) as refused:
            _ring().check(_call(text), (NOW,))
        assert refused.value.body() == {
            "code": -1102,
            "msg": f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.",
        }


@pytest.mark.parametrize(
    ("key", "code", "status"), [(None, -2014, 401), ("no such-key", -2014, 401), ("a" * 64, -2015, 401)]
)
def test_keys_that_are_none_or_unknown(key, code, status):
    with pytest.raises(ApiError) as refused:
        _ring().check(_call(f"{QUERY}&signature={SIGNATURE}", key=key), (NOW,))
    assert (refused.value.code, refused.value.status) == (code, status)


@pytest.mark.parametrize(
    ("age_ms", "is_taken"), [(0, True), (5000, True), (5001, False), (-999, True), (-1000, False)]
)
def test_the_receive_window_is_5000_ms_back_and_less_than_1000_ahead(age_ms, is_taken):
    params = Parameters({"timestamp": "1591702613943"})
    now = NOW + age_ms * 1_000_000
    if is_taken:
        check_time(params, (now,))
    else:
        with pytest.raises(ApiError, match="-1021"):
            check_time(params, (now,))


def test_a_window_of_the_request_counts_and_has_a_limit():
    params = Parameters({"timestamp": "1591702613943", "recvWindow": "10"})
    with pytest.raises(ApiError, match="-1021"):
        check_time(params, (NOW + 11_000_000,))
    params["recvWindow"] = "60001"
    with pytest.raises(ApiError, match="-1131"):
        check_time(params, (NOW,))


def test_a_timestamp_that_fits_either_clock_is_taken():
    check_time(Parameters({"timestamp": "1591702613943"}), (0, NOW))


def test_a_name_that_occurs_twice_is_refused():
    with pytest.raises(ApiError, match="-1101"):
        read_pairs("symbol=A&symbol=B", "")


def test_the_query_wins_over_the_body():
    assert read_pairs("symbol=A", "symbol=B")[0] == {"symbol": "A"}


def test_ed25519_keys_sign_with_base64():
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    key = ApiKey(KEY, "", 1, pem)
    signature = b64encode(private.sign(QUERY.encode())).decode()
    assert key.is_signed(QUERY, signature)
    assert not key.is_signed(QUERY + "0", signature)
    assert not key.is_signed(QUERY, "not base64!")


def test_websocket_payloads_are_sorted_by_name():
    assert sorted_payload(Parameters({"timestamp": "3", "apiKey": "k", "symbol": "S"})) == (
        "apiKey=k&symbol=S&timestamp=3"
    )
