"""Attention over image features: layer and source of each kind."""

from models.catalogue.row import Row

# The builder takes `seed` and `name` and makes a layer from a feature map to one of the same shape.
ATTENTION: tuple[Row, ...] = (
    Row(
        "squeeze_excitation",
        "models.network.attention.squeeze_excitation:SqueezeExcitation",
        'Hu et al., "Squeeze-and-Excitation Networks", 2018, https://arxiv.org/abs/1709.01507',
        searched=True,
    ),
    Row(
        "cbam",
        "models.network.attention.cbam:CBAM",
        'Woo et al., "CBAM: Convolutional Block Attention Module", 2018, https://arxiv.org/abs/1807.06521',
        searched=True,
    ),
    Row(
        "self_attention",
        "models.network.attention.self_attention:SelfAttention2D",
        'Bello et al., "Attention Augmented Convolutional Networks", 2019, https://arxiv.org/abs/1904.09925',
    ),
)
