"""What a shared library says of itself, whatever its format."""

import struct
from dataclasses import dataclass, field


class Refused(Exception):
    """The library must not be released; the text says why."""


@dataclass
class Binary:
    """Parsed facts; `defects` are those that no rule needs to know more about."""

    machine: str
    needed: list = field(default_factory=list)
    exports: list = field(default_factory=list)
    # (library or "", symbol, version or "")
    imports: list = field(default_factory=list)
    defects: list = field(default_factory=list)


class Bytes:
    """Bounds-checked reading: a damaged library is refused, not a stack trace."""

    def __init__(self, data):
        self.data = data

    def __len__(self):
        return len(self.data)

    def unpack(self, layout, offset):
        """The little-endian fields at the offset, as struct.unpack names them."""
        size = struct.calcsize("<" + layout)
        if offset < 0 or offset + size > len(self.data):
            raise Refused(f"is cut off: {size} bytes at {offset} are outside its {len(self.data)}")
        return struct.unpack_from("<" + layout, self.data, offset)

    def number(self, layout, offset):
        return self.unpack(layout, offset)[0]

    def text(self, offset):
        """The NUL-terminated text at the offset."""
        end = self.data.find(b"\0", offset) if 0 <= offset < len(self.data) else -1
        if end < 0:
            raise Refused(f"is cut off: no text ends after {offset}")
        return self.data[offset:end].decode("utf-8", "replace")
