"""Messages bent out of shape, from a seed: what a broken link or a changed venue could send."""

import json
import random
from collections.abc import Callable

Mutate = Callable[[bytes, random.Random], bytes]


def truncated(raw: bytes, rng: random.Random) -> bytes:
    return raw[: rng.randrange(len(raw))]


def flipped_bit(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << rng.randrange(8)]) + raw[at + 1 :]


def changed_byte(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw))
    alphabet = b'0123456789.-+eE"\\,:[]{} \n\x00\xffabUu'
    return raw[:at] + bytes([rng.choice(alphabet)]) + raw[at + 1 :]


def inserted_byte(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + bytes([rng.choice(b'0123456789.-eE",[]{} \t"')]) + raw[at:]


def removed_range(raw: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(raw))
    return raw[:start] + raw[start + rng.randint(1, 12) :]


def repeated_range(raw: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(raw))
    end = start + rng.randint(1, 24)
    return raw[:end] + raw[start:end] + raw[end:]


def swapped_bytes(raw: bytes, rng: random.Random) -> bytes:
    out = bytearray(raw)
    one, other = rng.randrange(len(out)), rng.randrange(len(out))
    out[one], out[other] = out[other], out[one]
    return bytes(out)


def reordered_keys(raw: bytes, rng: random.Random) -> bytes:
    def shuffle(value: object) -> object:
        if isinstance(value, dict):
            items = [(key, shuffle(inner)) for key, inner in value.items()]
            rng.shuffle(items)
            return dict(items)
        return value

    indent = rng.choice([None, None, 1])
    separators = rng.choice([(",", ":"), (", ", ": ")])
    return json.dumps(shuffle(json.loads(raw)), separators=separators, indent=indent).encode()


def added_member(raw: bytes, rng: random.Random) -> bytes:
    """A member that is new, or known and so perhaps repeated, at a place where one may stand."""
    places = [at for at, byte in enumerate(raw) if byte in b"{," and raw[at + 1 : at + 2] == b'"']
    at = rng.choice(places) + 1
    key = rng.choice(
        ["st", "ps", "nq", "f", "x\\u0062", "b", "a", "u", "pu", "s", "T", "E", "e", "m", "X", "id"]
    )
    values = [
        "1",
        '"MARKET"',
        "null",
        "true",
        "[]",
        '{"a":[1,{"b":2}]}',
        '"\\u00e9"',
        "1.5e3",
        '"1"',
        "01",
        "-0",
    ]
    return raw[:at] + f'"{key}":{rng.choice(values)},'.encode() + raw[at:]


def changed_number(raw: bytes, rng: random.Random) -> bytes:
    """One number spelled another way, or made huge, tiny, negative or malformed."""
    digits = [
        at for at in range(1, len(raw)) if raw[at : at + 1].isdigit() and not raw[at - 1 : at].isdigit()
    ]
    start = rng.choice(digits)
    end = start
    while raw[end : end + 1] and raw[end] in b"0123456789.":
        end += 1
    text = raw[start:end].decode()
    spelled = rng.choice([*respelled(text), *malformed(text), *extreme(rng), ""])
    return raw[:start] + spelled.encode() + raw[end:]


def respelled(text: str) -> list[str]:
    zeros = [f"{text}0", f"{text}000000000000", f"0{text}", f"00{text}", text.rstrip("0")]
    return [f"{text}e0", f"{text}E+1", f"{text}e-1", f"{text}.5", f"{text}5", f"{text}00000001", *zeros]


def malformed(text: str) -> list[str]:
    return [f"-{text}", f"+{text}", f"{text}.", f".{text}", text.replace(".", ""), "NaN", "Infinity"]


def extreme(rng: random.Random) -> list[str]:
    huge = ["9223372036854775807", "9223372036854775808", "18446744073709551616", "9" * rng.randint(15, 40)]
    tiny = ["0", "0.0", "0.0000005", "1e-7", "1e-31", "0." + "0" * rng.randint(1, 34) + "1"]
    return [*huge, *tiny, "1e18", "1e61", "12345678901234567.8", "123456789012345678"]


def unquoted_number(raw: bytes, rng: random.Random) -> bytes:
    quoted = [at for at in range(len(raw) - 1) if raw[at : at + 1] == b'"' and raw[at + 1 : at + 2].isdigit()]
    if not quoted:
        return raw
    start = rng.choice(quoted)
    end = raw.find(b'"', start + 1)
    return raw[:start] + raw[start + 1 : end] + raw[end + 1 :]


def escaped_character(raw: bytes, rng: random.Random) -> bytes:
    """One character of a string written as an escape, which means the same."""
    places = [at for at, byte in enumerate(raw) if chr(byte).isalnum()]
    at = rng.choice(places)
    return raw[:at] + f"\\u{raw[at]:04x}".encode() + raw[at + 1 :]


def wrapped(raw: bytes, rng: random.Random) -> bytes:
    names = [
        "btcusdt@depth",
        "btcusdt@depth@0ms",
        "btcusdt@depth5",
        "btcusdt@depth20@100ms",
        "x",
        "\\u0062@trade",
        "",
    ]
    spaces = rng.choice(["", "", " "])
    return f'{{"stream":{spaces}"{rng.choice(names)}","data":'.encode() + raw + b"}"


def spaced(raw: bytes, rng: random.Random) -> bytes:
    at = rng.choice([at for at, byte in enumerate(raw) if byte in b"{}[]:,"]) + 1
    return raw[:at] + rng.choice([b" ", b"\n", b"\t\r ", b"\x0b"]) + raw[at:]


MUTATIONS: list[Mutate] = [
    truncated,
    flipped_bit,
    changed_byte,
    inserted_byte,
    removed_range,
    repeated_range,
    swapped_bytes,
    reordered_keys,
    added_member,
    changed_number,
    changed_number,
    unquoted_number,
    escaped_character,
    wrapped,
    spaced,
]


def mutated(raw: bytes, rng: random.Random) -> bytes:
    """One mutation, now and then two."""
    first = rng.choice(MUTATIONS)(raw, rng)
    if first and rng.random() < 0.2:
        try:
            return rng.choice(MUTATIONS)(first, rng)
        except (ValueError, IndexError):
            return first
    return first
