"""Mach-O, 64 bits, one processor: what dyld will see."""

from binary import Binary, Bytes, Refused

MACHINES = {0x01000007: "x86_64", 0x0100000C: "aarch64"}
MAGIC, MH_DYLIB = 0xFEEDFACF, 6
MH_ALLOW_STACK_EXECUTION = 0x20000
LC_SYMTAB, LC_LOAD_DYLIB, LC_ID_DYLIB, LC_SEGMENT_64, LC_CODE_SIGNATURE = 0x2, 0xC, 0xD, 0x19, 0x1D
LC_VERSION_MIN_MACOSX, LC_BUILD_VERSION = 0x24, 0x32
LC_DYLD_INFO_ONLY, LC_DYLD_EXPORTS_TRIE, LC_RPATH = 0x80000022, 0x80000033, 0x8000001C
# Dylibs by other commands: weak, re-exported, lazy, upward.
OTHER_DYLIBS = (0x80000018, 0x8000001F, 0x20, 0x80000023)
VM_PROT_WRITE, VM_PROT_EXECUTE = 2, 4
N_EXT, N_TYPE, N_STAB = 0x01, 0x0E, 0xE0
PLATFORM_MACOS = 1


def parse(data):
    file = Bytes(data)
    magic, cpu, _, kind, count, _, flags = file.unpack("IIIIIII", 0)
    if magic != MAGIC:
        raise Refused("is no 64-bit Mach-O file of one processor")
    if kind != MH_DYLIB:
        raise Refused(f"is no shared library: Mach-O type {kind}")
    binary = Binary(MACHINES.get(cpu, f"Mach-O processor {cpu:#x}"))
    if flags & MH_ALLOW_STACK_EXECUTION:
        binary.defects.append("executable stack")
    commands = _commands(file, count)
    for command, at in commands:
        _command(file, command, at, binary)
    _check_minimum(file, commands, binary)
    if binary.machine == "aarch64" and LC_CODE_SIGNATURE not in [c for c, _ in commands]:
        binary.defects.append("no signature, without which Apple silicon runs nothing")
    return binary


def _commands(file, count):
    commands, at = [], 32
    for _ in range(count):
        command, size = file.unpack("II", at)
        if size < 8:
            raise Refused(f"has a load command of {size} bytes at {at}")
        commands.append((command, at))
        at += size
    return commands


def _command(file, command, at, binary):
    if command == LC_LOAD_DYLIB or command in OTHER_DYLIBS:
        binary.needed.append(file.text(at + file.number("I", at + 8)))
    elif command == LC_ID_DYLIB:
        name = file.text(at + file.number("I", at + 8))
        if not name.startswith("@rpath/"):
            binary.defects.append(f"the path of a build as its name: {name}")
    elif command == LC_RPATH:
        binary.defects.append("a search path of its own (RPATH)")
    elif command == LC_SEGMENT_64:
        maximum, initial = file.unpack("II", at + 56)
        both = VM_PROT_WRITE | VM_PROT_EXECUTE
        if initial & both == both:
            binary.defects.append("a segment that can be written and executed")
        name = file.data[at + 8 : at + 24].rstrip(b"\0")
        if name == b"__TEXT" and initial & VM_PROT_WRITE:
            binary.defects.append("text relocations")
    elif command == LC_SYMTAB:
        _undefined(file, at, binary)
    elif command == LC_DYLD_EXPORTS_TRIE:
        offset, size = file.unpack("II", at + 8)
        _exports(file, offset, size, binary)
    elif command == LC_DYLD_INFO_ONLY:
        offset, size = file.unpack("II", at + 40)
        _exports(file, offset, size, binary)


def _undefined(file, at, binary):
    symbols, count, strings, _ = file.unpack("IIII", at + 8)
    for i in range(count):
        name, kind, _, _, _ = file.unpack("IBBHQ", symbols + i * 16)
        if kind & N_STAB:
            binary.defects.append("debug symbols")
        elif kind & N_EXT and kind & N_TYPE == 0:
            binary.imports.append(("", _name(file.text(strings + name)), ""))


def _exports(file, offset, size, binary):
    """The export trie: a node is what ends there, then its edges (text, offset of the node)."""
    waiting, seen = [(offset, "")] if size else [], set()
    while waiting:
        at, prefix = waiting.pop()
        if at in seen or not offset <= at < offset + size:
            raise Refused(f"has an export trie that leads to {at}")
        seen.add(at)
        length, at = _uleb(file, at)
        if length:
            binary.exports.append(_name(prefix))
        at += length
        edges = file.number("B", at)
        at += 1
        for _ in range(edges):
            text = file.text(at)
            child, at = _uleb(file, at + len(text.encode()) + 1)
            waiting.append((offset + child, prefix + text))


def _uleb(file, at):
    value = shift = 0
    while True:
        byte = file.number("B", at)
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def _name(symbol):
    """C names have an underscore in front."""
    return symbol[1:] if symbol.startswith("_") else symbol


def _check_minimum(file, commands, binary):
    for command, at in commands:
        if command == LC_BUILD_VERSION:
            platform, version = file.unpack("II", at + 8)
        elif command == LC_VERSION_MIN_MACOSX:
            platform, version = PLATFORM_MACOS, file.number("I", at + 8)
        else:
            continue
        if platform != PLATFORM_MACOS or version > 11 << 16:
            minimum = f"{version >> 16}.{version >> 8 & 0xFF}"
            binary.defects.append(f"platform {platform}, minimum {minimum}; must be macOS 11.0")
        return
    binary.defects.append("no minimum version of macOS")
