"""Checks whether text that was read with `surrogateescape` was UTF-8 all along."""


def is_utf8(text: str) -> bool:
    """Tells whether text can be encoded: a byte that was not UTF-8 has become a lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
