"""ELF, 64 bits, little-endian: what the dynamic linker will see, read from the segments."""

from binary import Binary, Bytes, Refused

MACHINES = {62: "x86_64", 183: "aarch64"}
ET_DYN = 3
PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_TLS, PT_GNU_STACK = 1, 2, 3, 7, 0x6474E551
PF_X, PF_W = 1, 2
DT_NEEDED, DT_HASH, DT_STRTAB, DT_SYMTAB = 1, 4, 5, 6
DT_RPATH, DT_TEXTREL, DT_FLAGS, DT_RUNPATH = 15, 22, 30, 29
DT_VERSYM, DT_VERNEED, DT_VERNEEDNUM = 0x6FFFFFF0, 0x6FFFFFFE, 0x6FFFFFFF
DF_TEXTREL = 4
UNIQUE, ONLY_LOCAL = 10, 0


def parse(data):
    file = Bytes(data)
    kind, machine = file.unpack("HH", 16)
    if file.unpack("BB", 4) != (2, 1):
        raise Refused("is not 64 bits, little-endian")
    if kind != ET_DYN:
        raise Refused(f"is no shared library: ELF type {kind}")
    binary = Binary(MACHINES.get(machine, f"ELF machine {machine}"))
    segments = _segments(file)
    _check_segments(segments, binary)
    dynamic = _dynamic(file, segments)
    _check_dynamic(dynamic, binary)

    def place(tag):
        return _offset(segments, _one(dynamic, tag))

    strings = place(DT_STRTAB)
    binary.needed = [file.text(strings + v) for t, v in dynamic if t == DT_NEEDED]
    _symbols(file, place, strings, _versions(file, dynamic, place, strings), binary)
    return binary


def _segments(file):
    start = file.number("Q", 32)
    size, count = file.unpack("HH", 54)
    segments = []
    for i in range(count):
        kind, flags, offset, address, _, length = file.unpack("IIQQQQ", start + i * size)
        segments.append((kind, flags, offset, address, length))
    return segments


def _check_segments(segments, binary):
    stack = [flags for kind, flags, *_ in segments if kind == PT_GNU_STACK]
    if not stack:
        binary.defects.append("no PT_GNU_STACK: the kernel makes the stack executable")
    if any(flags & PF_X for flags in stack):
        binary.defects.append("executable stack")
    if any(k == PT_LOAD and f & PF_X and f & PF_W for k, f, *_ in segments):
        binary.defects.append("a segment that can be written and executed")
    if any(kind == PT_TLS for kind, *_ in segments):
        binary.defects.append("thread-local storage, which needs the dynamic linker")
    if any(kind == PT_INTERP for kind, *_ in segments):
        binary.defects.append("an interpreter: it is a program")


def _dynamic(file, segments):
    entries = []
    for kind, _, offset, _, length in segments:
        if kind != PT_DYNAMIC:
            continue
        for at in range(offset, offset + length, 16):
            tag, value = file.unpack("QQ", at)
            if tag == 0:
                break
            entries.append((tag, value))
    if not entries:
        raise Refused("has no dynamic section")
    return entries


def _check_dynamic(dynamic, binary):
    for tag, value in dynamic:
        if tag == DT_TEXTREL or (tag == DT_FLAGS and value & DF_TEXTREL):
            binary.defects.append("text relocations")
        if tag in (DT_RPATH, DT_RUNPATH):
            binary.defects.append("a search path of its own (RPATH)")


def _one(dynamic, tag):
    for found, value in dynamic:
        if found == tag:
            return value
    raise Refused(f"has no dynamic entry {tag:#x}")


def _offset(segments, address):
    for kind, _, offset, start, length in segments:
        if kind == PT_LOAD and start <= address < start + length:
            return offset + address - start
    raise Refused(f"has no segment with the address {address:#x}")


def _versions(file, dynamic, place, strings):
    """Index of a version -> (library, version)."""
    versions = {}
    if not any(tag == DT_VERNEED for tag, _ in dynamic):
        return versions
    at = place(DT_VERNEED)
    for _ in range(_one(dynamic, DT_VERNEEDNUM)):
        _, count, library, first, following = file.unpack("HHIII", at)
        aux = at + first
        for _ in range(count):
            _, _, index, name, step = file.unpack("IHHII", aux)
            versions[index] = (file.text(strings + library), file.text(strings + name))
            aux += step
        at += following
    return versions


def _symbols(file, place, strings, versions, binary):
    table = place(DT_SYMTAB)
    count = file.number("I", place(DT_HASH) + 4)
    versym = place(DT_VERSYM) if versions else None
    for i in range(1, count):
        name, info, _, section = file.unpack("IBBH", table + i * 24)
        if info >> 4 == ONLY_LOCAL:
            continue
        if info >> 4 == UNIQUE:
            binary.defects.append("a symbol that is unique in the process")
        text = file.text(strings + name)
        if section:
            binary.exports.append(text)
            continue
        index = file.number("H", versym + 2 * i) & 0x7FFF if versym is not None else 0
        library, version = versions.get(index, ("", ""))
        binary.imports.append((library, text, version))
