import numpy as np
import pytest

from models.network.tabular.token_block import TokenBlock

TOKENS = np.random.default_rng(0).normal(size=(2, 5, 8)).astype(np.float32)


def normalised(x):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


def dense(layer, x):
    kernel, bias = layer.get_weights()
    return x @ kernel + bias


def by_hand(block, tokens):
    """Computes a block of two heads in NumPy."""
    memory = normalised(tokens)
    query, key, value = (
        dense(layer, memory).reshape(*tokens.shape[:2], 2, 4)
        for layer in (block.attention.query, block.attention.key, block.attention.value)
    )
    scores = np.einsum("bqhd,bphd->bhqp", query, key) / np.sqrt(4)
    weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    heads = np.einsum("bhqp,bphd->bqhd", weights, value).reshape(tokens.shape)
    x = tokens + dense(block.attention.answer, heads)
    gated = dense(block.value, normalised(x)) * np.maximum(dense(block.gate, normalised(x)), 0)
    return x + dense(block.answer, gated), weights


def test_a_block_computes_attention_and_a_gated_layer_each_added_to_the_tokens():
    block = TokenBlock(num_heads=2, seed=3)
    outputs = np.asarray(block(TOKENS))
    expected, _ = by_hand(block, TOKENS)
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-5)


def test_the_last_block_computes_the_class_token_alone():
    block, whole = (TokenBlock(2, class_only=only, seed=3, name="same") for only in (True, False))
    np.testing.assert_allclose(block(TOKENS), whole(TOKENS)[:, :1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("class_only", [True, False])
def test_class_attention_is_the_mean_of_the_heads(class_only):
    block = TokenBlock(num_heads=2, class_only=class_only, seed=3)
    block(TOKENS)
    _, weights = by_hand(block, TOKENS)
    np.testing.assert_allclose(block.class_attention(TOKENS), weights[:, :, 0].mean(1), rtol=1e-4)


@pytest.mark.parametrize("wrong", [{"num_heads": 0}, {"dropout": 1.0}])
def test_an_argument_out_of_range_is_refused(wrong):
    with pytest.raises(ValueError, match="=".join(map(str, *wrong.items()))):
        TokenBlock(**wrong)
