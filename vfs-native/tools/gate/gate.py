"""gate.py <directory or jar> [platform]...: refuses natives that must not be released.

The path must hold the native library of exactly the named platforms, each beside its checksum, and each library must
be what its platform's rules below demand. Without a platform it must hold none. Every reason is a line; the exit status
is 1 if there is any.
"""

import hashlib
import pathlib
import re
import sys
import zipfile
from dataclasses import dataclass
from typing import Callable

import elf
import macho
import pe
from binary import Refused

PREFIX = "META-INF/native/"
LIMIT = 250_000
EXPORTS = pathlib.Path(__file__).parents[2] / "exports.txt"

# What the core calls, nearly all of it emitted by the compiler. More is not forbidden by nature, but each one must be
# in every C library there is: glibc 2.17, musl, libSystem, the CRT of Windows.
LIBC = {"bcmp", "bzero", "memcmp", "memcpy", "memmove", "memset", "qsort", "strcmp", "strlen"}


def linux_import(library, symbol, version):
    match = re.fullmatch(r"GLIBC_2\.(\d+)(\.\d+)?", version)
    old_enough = not version or (match and int(match[1]) <= 17)
    return symbol in LIBC and library in ("", "libc.so.6") and old_enough


def macos_import(_library, symbol, _version):
    return symbol in LIBC | {"__bzero", "dyld_stub_binder"}


def windows_import(library, _symbol, _version):
    """By library: the start-up code of the CRT calls more than the core does."""
    return windows_library(library)


def windows_library(name):
    return name.lower() == "kernel32.dll" or name.lower().startswith("api-ms-win-crt-")


@dataclass
class Rules:
    library: str
    magic: bytes
    parse: Callable
    may_need: Callable
    may_import: Callable
    also_exported: frozenset = frozenset()


LINUX = Rules("liblitestream_jdbc.so", b"\x7fELF", elf.parse, {"libc.so.6"}.__contains__, linux_import)
MACOS = Rules(
    "liblitestream_jdbc.dylib",
    b"\xcf\xfa\xed\xfe",
    macho.parse,
    {"/usr/lib/libSystem.B.dylib"}.__contains__,
    macos_import,
    # Names that the linker gives the library itself; on macOS one library's names cannot hide another's.
    frozenset({"__dso_handle", "_mh_dylib_header"}),
)
WINDOWS = Rules("litestream_jdbc.dll", b"MZ", pe.parse, windows_library, windows_import)
SYSTEMS = {"linux": LINUX, "macos": MACOS, "windows": WINDOWS}


def read(path):
    """Every file below META-INF/native/ of the directory or jar, by its name there."""
    path = pathlib.Path(path)
    if path.is_dir():
        root = path / PREFIX
        return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    with zipfile.ZipFile(path) as jar:
        names = [n for n in jar.namelist() if n.startswith(PREFIX) and not n.endswith("/")]
        return {name[len(PREFIX) :]: jar.read(name) for name in names}


def judge_library(platform, data, exports):
    """The reasons against one library."""
    system, machine = platform.split("-", 1)
    rules = SYSTEMS[system]
    if not data:
        return ["is empty"]
    if not data.startswith(rules.magic):
        return [f"is no {system} library: it starts with {data[:4].hex()}"]
    try:
        binary = rules.parse(data)
    except Refused as e:
        return [str(e)]
    reasons = list(binary.defects)
    if len(data) >= LIMIT:
        reasons.append(f"has {len(data)} bytes, {LIMIT} or more")
    if binary.machine != machine:
        reasons.append(f"is for {binary.machine}")
    found = sorted(set(binary.exports) - rules.also_exported)
    if found != sorted(exports):
        reasons.append(
            f"exports other than exports.txt: too much {sorted(set(found) - set(exports))}, "
            f"missing {sorted(set(exports) - set(found))}"
        )
    if not binary.needed:
        reasons.append("needs no library at all")
    reasons += [f"needs {name}" for name in binary.needed if not rules.may_need(name)]
    reasons += [
        f"calls {' '.join(filter(None, imported))}"
        for imported in binary.imports
        if not rules.may_import(*imported)
    ]
    return reasons


def judge(files, platforms, exports):
    """The reasons against a whole set of files."""
    reasons, expected = [], set()
    for platform in platforms:
        name = f"{platform}/{SYSTEMS[platform.split('-', 1)[0]].library}"
        checksum = name + ".sha256"
        expected |= {name, checksum}
        if name not in files:
            reasons.append(f"{name}: is missing")
            continue
        data = files[name]
        reasons += [f"{name}: {reason}" for reason in judge_library(platform, data, exports)]
        line = f"{hashlib.sha256(data).hexdigest()}  {name.split('/')[1]}\n"
        if files.get(checksum) != line.encode():
            reasons.append(f"{checksum}: is missing or not that of the library")
    reasons += [f"{name}: is not expected" for name in sorted(set(files) - expected)]
    return reasons


def main(path, *platforms):
    files = read(path)
    reasons = judge(files, platforms, EXPORTS.read_text().split())
    for reason in reasons:
        print(f"{path}: {PREFIX}{reason}", file=sys.stderr)
    if reasons:
        return 1
    sizes = [f"{name.split('/')[0]} {len(data)}" for name, data in sorted(files.items()) if name[-7:] != ".sha256"]
    print(f"gate passed: {path}: {', '.join(sizes) or 'no natives'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
