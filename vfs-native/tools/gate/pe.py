"""PE32+: what the loader of Windows will see."""

from binary import Binary, Bytes, Refused

MACHINES = {0x8664: "x86_64", 0xAA64: "aarch64"}
IMAGE_FILE_DLL = 0x2000
DYNAMIC_BASE, NX_COMPAT = 0x40, 0x100
MEM_EXECUTE, MEM_WRITE = 0x20000000, 0x80000000
EXPORT, IMPORT, TLS, DELAY_IMPORT = 0, 1, 9, 13
BY_ORDINAL = 1 << 63


class _Image:
    """Directories and sections."""

    def __init__(self, file):
        self.file = file
        header = file.number("I", 60)
        if file.unpack("4s", header) != (b"PE\0\0",):
            raise Refused("has no PE header")
        self.machine, count, _, _, _, size, self.flags = file.unpack("HHIIIHH", header + 4)
        optional = header + 24
        if file.number("H", optional) != 0x20B:
            raise Refused("is not PE32+ (64 bits)")
        self.dll_flags = file.number("H", optional + 70)
        directories = file.number("I", optional + 108)
        self.directories = [
            file.unpack("II", optional + 112 + 8 * i) for i in range(min(directories, 16))
        ]
        self.sections = [file.unpack("8sIIII12xI", optional + size + 40 * i) for i in range(count)]

    def directory(self, index):
        """File offset of a directory, None if there is none."""
        address, size = self.directories[index] if index < len(self.directories) else (0, 0)
        return self.offset(address) if size else None

    def offset(self, address):
        for _, _, start, length, offset, _ in self.sections:
            if start <= address < start + length:
                return offset + address - start
        raise Refused(f"has no section with the address {address:#x}")


def parse(data):
    file = Bytes(data)
    image = _Image(file)
    binary = Binary(MACHINES.get(image.machine, f"PE machine {image.machine:#x}"))
    if not image.flags & IMAGE_FILE_DLL:
        raise Refused("is no DLL")
    if not image.dll_flags & DYNAMIC_BASE:
        binary.defects.append("a fixed address: no DYNAMIC_BASE")
    if not image.dll_flags & NX_COMPAT:
        binary.defects.append("executable stack: no NX_COMPAT")
    for name, *_, flags in image.sections:
        if flags & MEM_EXECUTE and flags & MEM_WRITE:
            text = name.rstrip(b"\0").decode("ascii", "replace")
            binary.defects.append(f"a section that can be written and executed: {text}")
    if image.directory(DELAY_IMPORT) is not None:
        binary.defects.append("libraries that are loaded later (delay imports)")
    _exports(file, image, binary)
    _imports(file, image, binary)
    return binary


def _exports(file, image, binary):
    at = image.directory(EXPORT)
    if at is None:
        return
    functions, count, _, names = file.unpack("IIII", at + 20)
    if functions != count:
        binary.defects.append(f"{functions - count} exports without a name")
    table = image.offset(names)
    for i in range(count):
        binary.exports.append(file.text(image.offset(file.number("I", table + 4 * i))))


def _imports(file, image, binary):
    at = image.directory(IMPORT)
    while at is not None:
        lookup, _, _, name, addresses = file.unpack("IIIII", at)
        if not name:
            return
        library = file.text(image.offset(name))
        binary.needed.append(library)
        entry = image.offset(lookup or addresses)
        while value := file.number("Q", entry):
            symbol = f"#{value & 0xFFFF}" if value & BY_ORDINAL else file.text(image.offset(value) + 2)
            binary.imports.append((library, symbol, ""))
            entry += 8
        at += 20
