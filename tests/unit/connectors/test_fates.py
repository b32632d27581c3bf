"""The table of fates on its own: first row that fits, and nothing falls through."""

import pytest

from alipes.connectors.fates import TABLE, Action, Fate, decide
from alipes.model import RequestKind
from alipes.net.evidence import Evidence, evidence_of, venue_error
from alipes.net.secrets import Credentials, Scrubber
from alipes.net.wire import Wire

SUBMIT, AMEND, CANCEL = RequestKind


def test_names_are_unique_and_the_last_row_fits_everything():
    names = [row.name for row in TABLE]
    assert len(set(names)) == len(names)
    assert TABLE[-1].name == "unclear"
    for kind in RequestKind:
        assert decide(Evidence(("SomethingNew",)), kind).fate is Fate.UNKNOWN


@pytest.mark.parametrize("kind", list(RequestKind))
def test_what_never_left_is_not_sent_whatever_was_raised(kind):
    for raised in ("InsufficientFunds", "RequestTimeout", "OrderNotFound", "CancelledError", "KeyError"):
        assert decide(Evidence((raised,), is_sent=False), kind).fate is Fate.NOT_SENT


@pytest.mark.parametrize("kind", list(RequestKind))
def test_a_refused_connection_after_the_request_left_is_unknown(kind):
    evidence = Evidence(
        ("ExchangeNotAvailable", "NetworkError", "OperationFailed"),
        ("ClientConnectorError", "ClientOSError", "ClientConnectionError", "ClientError"),
        is_sent=True,
    )
    assert decide(evidence, kind).fate is Fate.UNKNOWN


@pytest.mark.parametrize(
    ("text", "kind", "row"),
    [
        ("Duplicate order sent.", SUBMIT, "already_there"),
        ("OrderLinkedID is duplicate", SUBMIT, "already_there"),
        ("Client order ID already exists.", SUBMIT, "already_there"),
        ("Duplicate order sent.", AMEND, "invalid_order"),
        ("Position already exists.", SUBMIT, "invalid_order"),
    ],
)
def test_words_that_say_the_order_is_there(text, kind, row):
    evidence = Evidence(("InvalidOrder", "ExchangeError", "BaseError"), status=400, code="1", message=text)
    assert decide(evidence, kind).name == row


def test_an_order_not_found_means_something_only_to_a_cancel_or_amend():
    evidence = Evidence(("OrderNotFound", "InvalidOrder", "ExchangeError"), status=400, code="-2011")
    assert decide(evidence, SUBMIT).fate is Fate.UNKNOWN
    assert decide(evidence, AMEND).fate is Fate.REJECTED
    assert decide(evidence, CANCEL).fate is Fate.REJECTED


def test_a_refusal_inside_a_server_error_is_no_refusal():
    evidence = Evidence(("InsufficientFunds", "ExchangeError"), status=500, code="-2019")
    assert decide(evidence, SUBMIT).name == "server_error"


def test_every_unknown_order_is_looked_for_and_no_other():
    for row in TABLE:
        assert (row.fate is Fate.UNKNOWN) is (row.action in {Action.QUERY, Action.FETCH})


# The facts


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        ('{"code":-2010,"msg":"no"}', "-2010", "no"),
        ('{"retCode":10006,"retMsg":"Too many visits!"}', "10006", "Too many visits!"),
        ('{"code":"1","data":[{"sCode":"51008","sMsg":"Insufficient"}],"msg":""}', "51008", "Insufficient"),
        ('{"error":["EOrder:Insufficient funds"],"result":{}}', None, "EOrder:Insufficient funds"),
        ('[{"code":-2011,"msg":"Unknown order sent."}]', "-2011", "Unknown order sent."),
        ("<html>", None, ""),
        ("", None, ""),
        ('"text"', None, ""),
    ],
)
def test_the_venues_code_and_words_are_found(body, code, text):
    assert venue_error(body) == (code, text)


def test_the_facts_of_an_answer_before_the_request_are_forgotten_when_it_leaves():
    wire = Wire(is_order=True)
    wire.answered(200, '{"code": 5}')
    wire.leaves()
    assert (wire.status, wire.body, wire.is_sent) == (None, "", True)


def test_facts_carry_no_exception_and_no_secret():
    wire = Wire(is_order=True)
    wire.leaves()
    error = RuntimeError("GET https://x/order?signature=abcdef&x=1 with key-canary")
    evidence = evidence_of(error, wire, Scrubber(Credentials("key-canary", "secret-canary")))
    assert str(evidence) == "RuntimeError: GET https://x/order?signature=***&x=1 with ***"
    assert evidence.raised == ("RuntimeError", "Exception", "BaseException")
