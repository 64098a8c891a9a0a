"""What fast code must equal, written the naive way."""

from cleaner.words.characters import fold_for_comparison
from cleaner.words.hashing import _CHUNK, _LONGEST, _MIXER, _hash_long


def hash_word(word: str) -> int:
    """Return the hash that `words` gives to a word, computed naively, one word at a time.

    The word is normalised, but taken whole: what `words` would split has a hash that never occurs.
    """
    raw = fold_for_comparison(word)
    if len(raw) > _LONGEST:
        return _hash_long(raw)
    mask = (1 << 64) - 1
    value = 0
    for at in range(0, len(raw), _CHUNK):
        chunk = int.from_bytes(raw[at : at + _CHUNK], "little")
        for shift, factor in _MIXER:
            value = (value ^ value >> shift) * factor & mask
        value = value ^ value >> 33 ^ chunk
    for shift, factor in _MIXER:
        value = (value ^ value >> shift) * factor & mask
    return value ^ value >> 33
