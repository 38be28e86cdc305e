from components.minority_augmenter.provenance import provenance_lines


def test_no_cell_is_taken_for_a_formula():
    lines = provenance_lines([(b"=made/1", "-rare", "made", "smote", [b"=a", b"b"])])
    assert lines == b'\'=made/1,\'-rare,made,smote,"[""=a"", ""b""]"\n'
