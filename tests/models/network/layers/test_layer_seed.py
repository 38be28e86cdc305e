from models.network.layers.layer_seed import layer_seed


def test_every_model_seed_and_layer_name_gives_a_seed_of_its_own():
    seeds = {layer_seed(seed, f"layer_{i}") for seed in range(20) for i in range(50)}
    assert len(seeds) == 1000


def test_seeds_are_the_same_every_time_and_fit_31_bits():
    assert layer_seed(7, "conv") == layer_seed(7, "conv")
    assert all(0 <= layer_seed(seed, "conv") < 2**31 for seed in range(100))
