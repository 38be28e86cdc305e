"""A camera's note of how it was held, read and undone in the graph, so that serving does it too."""

import tensorflow as tf

_HEAD_BYTES = 65_536  # The note stands in a JPEG's first segments.
_MARKER = tuple(b"Exif\x00\x00")
_LITTLE_ENDIAN = ord("I")
_ORIENTATION_TAG = 0x0112
_ENTRY_BYTES = 12


def exif_orientation(encoded: tf.Tensor) -> tf.Tensor:
    """Reads the orientation out of an encoded image.

    Args:
        encoded: The image file, string `()`. Only JPEG is looked into.

    Returns:
        int32 `()` in [1, 8]; 1, upright, where there is no readable note.

    Reference:
        CIPA DC-008 (Exif 2.32), section 4.6.4, tag 274.
    """
    is_jpeg = tf.equal(tf.strings.substr(encoded, 0, 2), b"\xff\xd8")
    head = tf.strings.substr(encoded, 0, _HEAD_BYTES)

    def look() -> tf.Tensor:
        data = tf.cast(tf.io.decode_raw(head, tf.uint8), tf.int32)
        found = tf.reshape(tf.where(_starts_of_marker(data)), [-1])
        return tf.cond(
            tf.size(found) > 0,
            lambda: _read_orientation(data[found[0] + len(_MARKER) :]),
            lambda: tf.constant(1),
        )

    return tf.cond(is_jpeg, look, lambda: tf.constant(1))


def _starts_of_marker(data: tf.Tensor) -> tf.Tensor:
    length = tf.maximum(tf.size(data) - len(_MARKER) + 1, 0)
    matches = tf.ones([length], tf.bool)
    for offset, byte in enumerate(_MARKER):
        matches &= tf.equal(data[offset : offset + length], byte)
    return matches


def _read_orientation(tiff: tf.Tensor) -> tf.Tensor:
    """Finds the tag in the first directory of a TIFF header, int32 bytes `(length,)`."""
    # Beyond the end there are zeros, so that a note cut short reads as none.
    tiff = tf.pad(tiff, [[0, 16]])
    little = tf.equal(tiff[0], _LITTLE_ENDIAN)

    def number(data: tf.Tensor, width: int) -> tf.Tensor:
        ordered = tf.where(little, data, tf.reverse(data, axis=[-1]))
        return tf.reduce_sum(ordered * [1 << 8 * place for place in range(width)], axis=-1)

    directory = tf.clip_by_value(number(tiff[4:8], 4), 0, tf.size(tiff) - 2)
    held = (tf.size(tiff) - directory - 2) // _ENTRY_BYTES
    count = tf.minimum(number(tiff[directory : directory + 2], 2), held)
    entries = tf.reshape(tiff[directory + 2 : directory + 2 + count * _ENTRY_BYTES], [-1, _ENTRY_BYTES])
    tags, values = number(entries[:, 0:2], 2), number(entries[:, 8:10], 2)
    orientation = tf.boolean_mask(values, tf.equal(tags, _ORIENTATION_TAG))
    first = tf.concat([orientation, [1]], axis=0)[0]
    return tf.where((first >= 1) & (first <= 8), first, 1)


def upright(image: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """Turns an image the way it was seen.

    Args:
        image: `(height, width, channels)`.
        orientation: int32 `()` in [1, 8], as `exif_orientation` returns it.

    Returns:
        The image; height and width are exchanged from orientation 5 on.
    """

    def transposed(one: tf.Tensor) -> tf.Tensor:
        return tf.transpose(one, [1, 0, 2])

    return tf.switch_case(
        orientation - 1,
        [
            lambda: image,
            lambda: tf.reverse(image, [1]),
            lambda: tf.reverse(image, [0, 1]),
            lambda: tf.reverse(image, [0]),
            lambda: transposed(image),
            lambda: tf.reverse(transposed(image), [1]),
            lambda: tf.reverse(transposed(image), [0, 1]),
            lambda: tf.reverse(transposed(image), [0]),
        ],
    )
