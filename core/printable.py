"""Makes others' text safe to show."""


def printable(text: str) -> str:
    """Replaces what could steer a terminal or end a comment: control characters, line breaks, and their like."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def listed(names: list[str], most: int = 12) -> str:
    """Joins names with commas, the first `most` of them and how many are left out."""
    shown = ", ".join(printable(name) for name in names[:most])
    return shown + (f" and {len(names) - most:,} more" if len(names) > most else "")


def shortened(text: str, most: int) -> str:
    """Leaves out the middle of what is longer than `most` characters, and says how much it is."""
    if len(text) <= most:
        return text
    left_out = len(text) - most
    return f"{text[: most - most // 4]} [… {left_out:,} characters …] {text[len(text) - most // 4 :]}"
