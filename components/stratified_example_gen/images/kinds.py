"""Tells the format of an image by its first bytes, and never by its name."""

import re

from core.image_header import BMP, GIF, JPEG, PNG

HEAD_BYTES = 512

# What both Pillow and TensorFlow's decoder read.
_READ = {
    "JPEG": re.compile(re.escape(JPEG)),
    "PNG": re.compile(re.escape(PNG)),
    "GIF": re.compile(re.escape(GIF) + rb"[79]a"),
    # Behind the two letters, with which text may begin too, the length of one of its headers.
    "BMP": re.compile(re.escape(BMP) + rb".{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", re.DOTALL),
}
# An ISO base media file names its kind behind a length of four bytes, of which the first are zero.
_MEDIA = rb"\x00\x00..ftyp"
_NOT_READ = {
    "WebP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "DICOM": re.compile(rb".{128}DICM", re.DOTALL),
    "TIFF": re.compile(rb"II[*+]\x00|MM\x00[*+]"),
    "AVIF": re.compile(_MEDIA + rb"avi[fs]", re.DOTALL),
    "HEIC": re.compile(_MEDIA + rb"(hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL),
    "JPEG 2000": re.compile(rb"\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"),
    "JPEG XL": re.compile(rb"\x00\x00\x00\x0cJXL \r\n\x87\n|\xff\x0a"),
    "Photoshop": re.compile(rb"8BPS"),
    "icon": re.compile(rb"\x00\x00[\x01\x02]\x00"),
    "portable pixmap": re.compile(rb"P[1-7]\s+[\d#]"),
    "OpenEXR": re.compile(rb"v/1\x01"),
    "Radiance HDR": re.compile(rb"#\?RADIANCE"),
    "FITS": re.compile(rb"SIMPLE  ="),
    "QOI": re.compile(rb"qoif"),
    "DirectDraw": re.compile(rb"DDS "),
}


def readable_kind(head: bytes) -> str | None:
    """Names the format of an image that is read: JPEG, PNG, GIF or BMP; None for anything else.

    Args:
        head: At least the first `HEAD_BYTES` of the file, or all of it.
    """
    return next((kind for kind, start in _READ.items() if start.match(head)), None)


def other_kind(head: bytes) -> str | None:
    """Names the format of an image that is not read, such as WebP or TIFF; None for anything else."""
    head = head[:HEAD_BYTES]
    if _is_svg(head):
        return "SVG"
    return next((kind for kind, start in _NOT_READ.items() if start.match(head)), None)


def is_image(head: bytes) -> bool:
    """Tells whether a file begins as an image does, be it one that is read or not."""
    return readable_kind(head) is not None or other_kind(head) is not None


def kind_of_file(path: str) -> str | None:
    """Names the format of an image file that is read; None for any other, and for what cannot be opened."""
    try:
        with open(path, "rb") as handle:
            return readable_kind(handle.read(HEAD_BYTES))
    except OSError:
        return None


def _is_svg(head: bytes) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return text.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in text
