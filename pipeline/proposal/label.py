"""Finds the column of a table that holds the class."""

from dataclasses import dataclass

from components.stratified_example_gen.number_spelling import plain_number
from core.errors import InputError
from core.printable import listed
from core.suggestions import nearest
from pipeline.proposal.column_profile import ColumnProfile

# Words of the name run together.
_CERTAIN_NAMES = {
    *("label", "labels", "class", "classes", "target", "targets", "outcome", "y", "groundtruth"),
    *("classlabel", "classname", "labelname", "targetclass", "targetlabel"),
}
_LIKELY_WORDS = {
    *("label", "class", "target", "outcome", "diagnosis", "species", "fraud", "fraudulent", "defect"),
    *("churn", "churned", "exited", "survived", "disease", "attack", "anomaly", "outlier"),
}
_CERTAIN, _LIKELY, _LAST, _FIRST, _TWO_VALUES, _FEW_TEXTS, _FEW_INTEGERS, _MISSING = 8, 4, 3, 2, 3, 2, 1, -2
_FEW_TEXT_VALUES, _FEW_INTEGER_VALUES = 50, 20
_LEAST_SCORE, _LEAST_LEAD = 3, 2
_MOST_CLASSES = 1000  # As the pipeline has it.


@dataclass(frozen=True)
class Label:
    """The column of the class, and why it is that."""

    name: str
    why: str


def is_named_or_placed_like_the_class(profile: ColumnProfile, profiles: list[ColumnProfile]) -> bool:
    """Tells whether a column's name, or its place at either end, speaks for it."""
    return _is_named_so(profile) or _is_named_alike(profile) or profile in (profiles[0], profiles[-1])


def find_label(profiles: list[ColumnProfile], candidates: set[str], asked: str | None) -> Label:
    """Finds the column of the class.

    Each column that may be it collects points. The one in the lead is taken if it leads by 2 and is the only one
    with a certain name. A name counts for more than a place, since people put the class last, or else first:

    - its name is label, class, target, outcome, y or such, which is certain: 8; has such a word in it: 4;
    - it is the last column: 3; the first: 2;
    - it has two values: 3; up to 50 texts: 2; up to 20 integers: 1;
    - some cells are missing: -2.

    A column of other numbers, of more values or of one is never it.

    Args:
        profiles: All columns, in the table's order.
        candidates: Columns that are nothing else already, such as an id.
        asked: The column that the user names, or None.

    Raises:
        InputError: No column or several may be it, or the named one is not in the table or has no classes.
    """
    if asked is not None:
        return Label(asked, _require_classes(asked, profiles))
    scores = {}
    for place, profile in enumerate(profiles):
        if profile.name in candidates and _may_be_class(profile):
            scores[profile.name] = _score(profile, place == 0, place == len(profiles) - 1)
    ranked = sorted(scores, key=lambda name: -scores[name])
    namesakes = [profile for profile in profiles if _is_named_so(profile)]
    if namesakes and not any(profile.name in scores for profile in namesakes):
        first = namesakes[0]
        raise InputError(
            f"Column {first.name!r} is called like the class, but holds {_amount(first)}: these are no classes. Name "
            f"another column with --label. Columns: {listed([profile.name for profile in profiles])}."
        )
    if not ranked or scores[ranked[0]] < _LEAST_SCORE:
        raise InputError(
            f"No column looks like the class: it would have two to {_FEW_TEXT_VALUES} values. Name it with --label. "
            f"Columns: {listed([profile.name for profile in profiles])}."
        )
    named = {profile.name for profile in namesakes} & set(ranked)
    close = {name for name in ranked if scores[ranked[0]] - scores[name] < _LEAST_LEAD}
    rivals = [name for name in ranked if name in close | named]
    if len(rivals) > 1:
        raise InputError(
            f"Several columns may be the class: {listed(rivals)}. Name it with --label, as in --label {rivals[0]}."
        )
    best = next(profile for profile in profiles if profile.name == ranked[0])
    return Label(best.name, _why(best, profiles))


def _require_classes(asked: str, profiles: list[ColumnProfile]) -> str:
    by_name = {profile.name: profile for profile in profiles}
    if asked not in by_name:
        hint = nearest(asked, by_name)
        raise InputError(
            f"--label: no column {asked!r}.{f' Did you mean {hint!r}?' if hint else ''} "
            f"Columns: {listed(list(by_name))}."
        )
    profile = by_name[asked]
    if profile.num_values < 2:
        raise InputError(
            f"--label {asked}: the column holds {_amount(profile)}. Classification needs at least two classes."
        )
    is_measure = profile.is_numeric and not _is_whole(profile) and profile.num_values > _FEW_INTEGER_VALUES
    if is_measure or profile.num_values > max(_MOST_CLASSES, profile.num_present // 3):
        raise InputError(
            f"--label {asked}: the column holds {_amount(profile)}: these are no classes. "
            "Name the column of the class."
        )
    return "Named by --label"


def _amount(profile: ColumnProfile) -> str:
    return "a single value" if profile.num_values == 1 else f"{profile.num_values:,} different values"


def _may_be_class(profile: ColumnProfile) -> bool:
    if profile.num_values < 2 or 3 * profile.num_values > 2 * profile.num_present:
        return False
    if profile.is_numeric:
        return _is_whole(profile) and profile.num_values <= _FEW_INTEGER_VALUES
    most = _MOST_CLASSES if _is_named_so(profile) else _FEW_TEXT_VALUES
    return not profile.has_slips and profile.num_values <= most


def _is_whole(profile: ColumnProfile) -> bool:
    """Tells whether all numbers are integers, be they written as 1.0."""
    numbers = (plain_number(value) for value in profile.counts)
    return all(number is None or float(number).is_integer() for number in numbers)


def _is_named_so(profile: ColumnProfile) -> bool:
    return "".join(profile.words) in _CERTAIN_NAMES


def _is_named_alike(profile: ColumnProfile) -> bool:
    return bool(_LIKELY_WORDS & set(profile.words))


def _score(profile: ColumnProfile, is_first: bool, is_last: bool) -> int:
    score = 0
    if _is_named_so(profile):
        score += _CERTAIN
    elif _is_named_alike(profile):
        score += _LIKELY
    score += _LAST if is_last else _FIRST if is_first else 0
    if profile.num_values == 2:
        score += _TWO_VALUES
    else:
        score += _FEW_INTEGERS if profile.is_numeric else _FEW_TEXTS
    return score + (_MISSING if profile.tally.missing else 0)


def _why(profile: ColumnProfile, profiles: list[ColumnProfile]) -> str:
    reasons = []
    if _is_named_so(profile) or _is_named_alike(profile):
        reasons.append("by its name")
    if profile is profiles[-1]:
        reasons.append("the last column")
    elif profile is profiles[0]:
        reasons.append("the first column")
    reasons.append(f"{profile.num_values} different values")
    text = ", ".join(reasons)
    return text[0].upper() + text[1:]
