"""Count of the pixels that an encoded image declares, computed within a graph and without decoding it.

`core.image_header` computes the same outside of one.
"""

import tensorflow as tf

from core.image_header import MOST_GIF_BLOCKS, UNMEASURED

_PNG, _JPEG, _GIF, _BMP = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM"
_GIF_IMAGE, _GIF_EXTENSION = 0x2C, 0x21
_HEAD = 32
# No format has a longer side; a product of two is still an int64.
_LONGEST = 2**31


def within_limit(encoded: tf.Tensor, max_pixels: int) -> tf.Tensor:
    """Returns an encoded image as it is where it may be decoded.

    Args:
        encoded: JPEG, PNG, GIF or BMP, string `()`, or an empty string, which stands for no image.
        max_pixels: Most pixels that it may declare.

    Raises:
        tf.errors.InvalidArgumentError: It declares more, or is of a format whose pixels are not known before it is
            decoded.
    """
    is_known = tf.reduce_any(
        [tf.equal(encoded, ""), *(_starts(encoded, one) for one in (_PNG, _JPEG, _GIF, _BMP))]
    )
    known = tf.debugging.Assert(is_known, ["Unknown image file format. One of JPEG, PNG, GIF, BMP required."])
    pixels = declared_pixels(encoded)
    message = (
        f"An image declares more than {max_pixels} pixels, the most that the model was made for: scale it down, or "
        "train with a higher data.max_image_pixels. Pixels declared:"
    )
    small = tf.debugging.Assert(pixels <= max_pixels, [message, pixels])
    # Assertions return nothing where they hold at once.
    with tf.control_dependencies([one for one in (known, small) if one is not None]):
        return tf.identity(encoded)


# One graph for whoever asks.
@tf.function(input_signature=[tf.TensorSpec([], tf.string, name="encoded")], autograph=False)
def declared_pixels(encoded: tf.Tensor) -> tf.Tensor:
    """Returns how many pixels decoding would make, int64 `()`; all frames of a GIF count.

    Args:
        encoded: String `()`.

    Returns:
        Width times height; 0 where it is no image, or its header is one that decoding refuses.
    """
    return tf.cond(
        _starts(encoded, _JPEG),
        lambda: _jpeg_pixels(encoded),
        lambda: tf.cond(
            _starts(encoded, _GIF), lambda: _gif_pixels(encoded), lambda: _fixed_header_pixels(encoded)
        ),
    )


def _starts(encoded: tf.Tensor, magic: bytes) -> tf.Tensor:
    return tf.equal(tf.strings.substr(encoded, 0, len(magic)), magic)


def _jpeg_pixels(encoded: tf.Tensor) -> tf.Tensor:
    # By the decoder's own reader of heads.
    return tf.reduce_prod(tf.cast(tf.io.extract_jpeg_shape(encoded)[:2], tf.int64))


def _fixed_header_pixels(encoded: tf.Tensor) -> tf.Tensor:
    head = _bytes(tf.strings.substr(encoded, 0, _HEAD), _HEAD)[:_HEAD]
    png = [_number(head[start : start + 4], reverse=True) for start in (16, 20)]
    # The height of a BMP is negative where its rows go from top to bottom.
    bmp = [tf.abs(_signed(_number(head[start : start + 4]))) for start in (18, 22)]
    sides = tf.where(_starts(encoded, _PNG), tf.stack(png), tf.stack(bmp))
    is_image = tf.logical_or(_starts(encoded, _PNG), _starts(encoded, _BMP))
    return tf.where(is_image, tf.reduce_prod(tf.minimum(sides, _LONGEST)), tf.constant(0, tf.int64))


def _gif_pixels(encoded: tf.Tensor) -> tf.Tensor:
    length = tf.strings.length(encoded)
    # Zeros behind, which end whatever is cut short.
    content = tf.io.decode_raw(tf.strings.join([encoded, b"\0" * 16]), tf.uint8)

    def byte(position: tf.Tensor) -> tf.Tensor:
        return tf.cast(tf.gather(content, position), tf.int32)

    def area(position: tf.Tensor) -> tf.Tensor:
        sides = tf.cast(tf.gather(content, position + tf.range(4)), tf.int64)
        return (sides[0] + 256 * sides[1]) * (sides[2] + 256 * sides[3])

    def colours(flags: tf.Tensor) -> tf.Tensor:
        table = 3 * tf.bitwise.left_shift(2, tf.bitwise.bitwise_and(flags, 7))
        return tf.where(flags >= 0x80, table, 0)

    def after_blocks(position: tf.Tensor, blocks: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        position, blocks = tf.while_loop(
            lambda at, so_far: tf.logical_and(
                tf.logical_and(at < length, so_far <= MOST_GIF_BLOCKS), byte(tf.minimum(at, length)) > 0
            ),
            lambda at, so_far: (at + byte(at) + 1, so_far + 1),
            [position, blocks],
        )
        return position + 1, blocks

    def is_image(position: tf.Tensor) -> tf.Tensor:
        return tf.logical_and(tf.equal(byte(position), _GIF_IMAGE), position + 10 <= length)

    def is_block(position: tf.Tensor, blocks: tf.Tensor, _: tf.Tensor) -> tf.Tensor:
        at = tf.minimum(position, length)
        begins = tf.logical_or(tf.equal(byte(at), _GIF_EXTENSION), is_image(at))
        return tf.logical_and(tf.logical_and(position < length, blocks <= MOST_GIF_BLOCKS), begins)

    def next_block(position, blocks, frames):
        image = is_image(position)
        data = tf.where(image, position + 11 + colours(byte(position + 9)), position + 2)
        frames += tf.where(image, area(position + 5), tf.constant(0, tf.int64))
        return *after_blocks(data, blocks + 1), frames

    start = 13 + colours(byte(tf.constant(10)))
    _, blocks, frames = tf.while_loop(is_block, next_block, [start, 0, tf.constant(0, tf.int64)])
    measured = tf.maximum(area(tf.constant(6)), frames)
    return tf.where(blocks > MOST_GIF_BLOCKS, tf.constant(UNMEASURED, tf.int64), measured)


def _bytes(encoded: tf.Tensor, at_least: int) -> tf.Tensor:
    return tf.io.decode_raw(tf.strings.join([encoded, b"\0" * at_least]), tf.uint8)


def _number(four: tf.Tensor, reverse: bool = False) -> tf.Tensor:
    weights = tf.constant([1, 2**8, 2**16, 2**24], tf.int64)
    return tf.reduce_sum(tf.cast(four, tf.int64) * (weights[::-1] if reverse else weights))


def _signed(number: tf.Tensor) -> tf.Tensor:
    return tf.where(number >= 2**31, number - 2**32, number)
