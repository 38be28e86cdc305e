"""Class names as keys of settings, spelled as the readers spell them."""

from typing import Any

from core.canonical_text import clean_text


def by_clean_class(value: Any) -> Any:
    """Spells the keys of a mapping, and of mappings in it, as readers spell classes; leaves all else as it is.

    An editor and a file system may encode one accent in two ways, and neither is seen.

    Raises:
        ValueError: Two keys look alike.
    """
    if not isinstance(value, dict):
        return value
    clean = {
        clean_text(key) if isinstance(key, str) else key: by_clean_class(one) for key, one in value.items()
    }
    if len(clean) < len(value):
        raise ValueError(f"Two classes look alike. Received: {', '.join(ascii(key) for key in value)}")
    return clean
