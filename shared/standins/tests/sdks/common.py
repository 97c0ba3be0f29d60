"""What they have in common: where the stand-ins are, a picture to send along, and how to look at one."""

import os
import struct
import unittest
import zlib

BASE_URL = os.environ["STANDINS_URL"]
PROMPT = "A hunter stands before the gate"
KOREAN = "사냥꾼이 문 앞에 선다"


def png(width=64, height=64):
    """A grey PNG."""

    def chunk(kind, data):
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + b"\x80" * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def png_size(data):
    assert data.startswith(b"\x89PNG\r\n\x1a\n"), data[:16]
    return struct.unpack(">II", data[16:24])


class Case(unittest.TestCase):
    def fails(self, error_class, call, **fields):
        """The call raises exactly this class, with these fields."""
        with self.assertRaises(error_class) as caught:
            call()
        error = caught.exception
        self.assertIs(type(error), error_class)
        for name, value in fields.items():
            self.assertEqual(getattr(error, name), value, name)
        return error
