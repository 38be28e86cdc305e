from models.tuning.leaderboard import Row, as_csv


def test_no_cell_of_the_table_is_taken_for_a_formula():
    row = Row(
        1, "failed", -0.5, None, None, {"loss.name": "=x", "training.rate": -1.5}, "-inf: the loss is @home"
    )
    assert as_csv([row]).splitlines() == [
        "trial,status,score,epochs,seconds,loss.name,training.rate,message",
        "1,failed,-0.5,,,'=x,-1.5,'-inf: the loss is @home",
    ]
