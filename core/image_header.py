"""Reads the header of an encoded image without decoding it: its format, pixels and bits.

`models.preprocessing.image_pixels` computes the pixels again within a graph, from the same constants.
"""

import struct

# Of a model that does not say how many pixels an image may declare, and of data.max_image_pixels.
MAX_IMAGE_PIXELS = 50_000_000
# What files begin with.
PNG, JPEG, GIF, BMP = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM"
# Start of frame, of every coding that JPEG knows; C4, C8 and CC between them mean other things.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset(range(0xD0, 0xDA)) | {0x01}
_JPEG_SCAN = 0xDA
GIF_IMAGE, GIF_EXTENSION = 0x2C, 0x21
# A GIF of 12 MB has as many where it is written as usual, in blocks of 255 bytes; within a graph each takes
# microseconds.
MOST_GIF_BLOCKS = 50_000
_BITMAPINFOHEADER = 40  # Bytes; the headers of OS/2 have fewer.
# What a GIF of more declares: more than any limit.
UNMEASURED = 2**62


def is_image(encoded: bytes) -> bool:
    """Tells whether bytes begin as those of an image that TensorFlow decodes."""
    return encoded.startswith((PNG, JPEG, GIF, BMP))


def declared_pixels(encoded: bytes) -> int:
    """Returns how many pixels decoding would make; all frames of a GIF count.

    Args:
        encoded: JPEG, PNG, GIF or BMP.

    Returns:
        Width times height; 0 where the header cannot be read, which decoding then refuses; UNMEASURED of a GIF
        of more blocks than are looked at.
    """
    try:
        if encoded.startswith(PNG):
            width, height = struct.unpack_from(">II", encoded, 16)
        elif encoded.startswith(BMP):
            width, height = struct.unpack_from("<ii", encoded, 18)
        elif encoded.startswith(GIF):
            return _gif_pixels(encoded)
        elif encoded.startswith(JPEG):
            width, height = _jpeg_size(encoded)
        else:
            return 0
    except (struct.error, IndexError):
        return 0
    # The height of a BMP is negative where its rows go from top to bottom.
    return abs(width * height)


def png_bits(encoded: bytes) -> int:
    """Returns how many bits a level of a PNG has: 1, 2, 4, 8 or 16; 0 where the header is cut short."""
    return encoded[24] if len(encoded) > 24 else 0


def bmp_bits(encoded: bytes) -> int:
    """Returns how many bits a pixel of a BMP has; 0 where its header is that of OS/2, which has other fields.

    Raises:
        struct.error: The header is cut short.
    """
    (header_bytes,) = struct.unpack_from("<I", encoded, 14)
    return int(struct.unpack_from("<H", encoded, 28)[0]) if header_bytes >= _BITMAPINFOHEADER else 0


def _jpeg_size(encoded: bytes) -> tuple[int, int]:
    position = 2
    while True:
        # Anything between segments is skipped by decoders, and any number of FF may stand before a marker.
        position = encoded.find(b"\xff", position)
        if position < 0:
            return 0, 0
        while encoded[position] == 0xFF:
            position += 1
        marker = encoded[position]
        position += 1
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", encoded, position + 3)
            return width, height
        if marker == _JPEG_SCAN:
            return 0, 0
        if marker and marker not in _JPEG_BARE:
            (length,) = struct.unpack_from(">H", encoded, position)
            position += length


def _gif_pixels(encoded: bytes) -> int:
    width, height, flags = struct.unpack_from("<HHB", encoded, 6)
    screen, frames, blocks = width * height, 0, 0
    position = 13 + _gif_colours(flags)
    # A frame may be larger than the screen, and the decoder makes room for each.
    while position < len(encoded) and blocks <= MOST_GIF_BLOCKS:
        if encoded[position] == GIF_EXTENSION:
            position += 2
        elif encoded[position] == GIF_IMAGE and position + 10 <= len(encoded):
            width, height, flags = struct.unpack_from("<HHB", encoded, position + 5)
            frames += width * height
            position += 11 + _gif_colours(flags)
        else:
            break
        blocks += 1
        while position < len(encoded) and encoded[position] and blocks <= MOST_GIF_BLOCKS:
            position += encoded[position] + 1
            blocks += 1
        position += 1
    return max(screen, frames) if blocks <= MOST_GIF_BLOCKS else UNMEASURED


def _gif_colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
