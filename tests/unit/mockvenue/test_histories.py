"""The end of a history is found without reading all of it."""

from __future__ import annotations

import random

from alipes.mockvenue.rest.history import newest


def test_the_newest_rows_are_those_of_the_whole_history():
    chance = random.Random(11)
    for _ in range(300):
        ids = sorted(chance.sample(range(1, chance.choice((10, 1_000, 100_000))), chance.randint(0, 9)))
        ids += range(200_000, 200_000 + chance.choice((0, 1, 700)))
        limit, part = chance.randint(1, 500), chance.choice((1, 2, 50))

        def read(from_id, most, ids=ids):
            return [each for each in ids if each >= from_id][:most]

        def is_asked(each, part=part):
            return each % part == 0

        assert newest(read, limit, is_asked) == [each for each in ids if is_asked(each)][-limit:]


def test_of_a_long_history_only_the_end_is_read():
    ids, rows = range(1, 20_001), []

    def read(from_id, most):
        found = list(ids[from_id - 1 if from_id else 0 :][:most])
        rows.extend(found)
        return found

    assert newest(read, 500, bool) == list(range(19_501, 20_001))
    assert len(rows) < 8_000
