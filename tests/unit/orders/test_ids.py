"""Client ids: accepted everywhere, never reused, ours recognisable."""

import re

import pytest

from alipes.orders.ids import ClientIds, base36, counter_of


def ids(account="main", installation="here", epoch=1, start=0) -> ClientIds:
    return ClientIds(account=account, installation=installation, epoch=epoch, start=start)


def test_an_id_is_18_lower_case_letters_and_digits() -> None:
    assert re.fullmatch(r"a[0-9a-z]{4}0001000000000", ids().take())


def test_ids_count_up_across_every_carry() -> None:
    source = ids()
    taken = [source.take() for _ in range(5_000)]
    assert [counter_of(each) for each in taken] == list(range(5_000))
    assert taken == sorted(set(taken))


@pytest.mark.parametrize("start", [1, 1_295, 1_296, 1_297, 10**9])
def test_a_new_process_goes_on_where_the_journal_ends(start: int) -> None:
    source = ids(start=start)
    assert [counter_of(source.take()) for _ in range(3)] == [start, start + 1, start + 2]


def test_ours_are_told_from_foreign_ones() -> None:
    source = ids()
    assert source.is_ours(source.take())
    for other in (ids(account="other"), ids(installation="there")):
        assert not source.is_ours(other.take())
    for text in ("", "autoclose-1", "x" * 18):
        assert not source.is_ours(text)


def test_another_epoch_is_ours_but_not_of_this_store() -> None:
    lost = ids(epoch=2).take()
    assert ids().is_ours(lost)
    assert not ids().is_of_this_epoch(lost)
    assert ids(epoch=2).is_of_this_epoch(lost)


@pytest.mark.parametrize("epoch", [-1, 36**4])
def test_an_epoch_out_of_range_is_refused(epoch: int) -> None:
    with pytest.raises(ValueError, match=f"{epoch} does not fit 4 digits"):
        ids(epoch=epoch)


def test_the_last_id_is_the_last() -> None:
    source = ids(start=36**9 - 1)
    assert source.take().endswith("z" * 9)
    with pytest.raises(ValueError, match="does not fit"):
        source.take()


def test_base36_pads() -> None:
    assert base36(35, 3) == "00z"


def test_the_counter_of_a_foreign_id_is_refused() -> None:
    with pytest.raises(ValueError, match="'b'"):
        counter_of("b")
