"""test_gate.py <directory> [platform]...: plants defects in the libraries of the directory; the gate must see each.

A planted defect is a changed byte of a library that passes, so no compiler is needed.
"""

import struct
import sys
import unittest

import elf
import gate
import macho
import pe
from binary import Bytes

FILES, PLATFORMS = {}, []


def library(platform):
    return f"{platform}/{gate.SYSTEMS[platform.split('-')[0]].library}"


def libraries(system):
    return [(p, FILES[library(p)]) for p in PLATFORMS if p.startswith(system)]


def reasons(platform, data):
    return "; ".join(gate.judge_library(platform, bytes(data), EXPECTED))


def patched(data, offset, replacement):
    return data[:offset] + replacement + data[offset + len(replacement) :]


def dynamic_entry(data, tag):
    """Offset of an entry of an ELF file's dynamic section."""
    file = Bytes(data)
    for kind, _, offset, _, length in elf._segments(file):
        if kind == elf.PT_DYNAMIC:
            for at in range(offset, offset + length, 16):
                if file.number("Q", at) == tag:
                    return at
    raise AssertionError(f"no dynamic entry {tag}")


def segment(data, wanted):
    """Offset of a program header of an ELF file."""
    file = Bytes(data)
    start, (size, count) = file.number("Q", 32), file.unpack("HH", 54)
    return next(at for at in range(start, start + size * count, size) if file.number("I", at) == wanted)


EXPECTED = gate.EXPORTS.read_text().split()
DT_SONAME, DT_RELACOUNT = 14, 0x6FFFFFF9


class EveryPlatform(unittest.TestCase):
    def each(self):
        return libraries("")

    def test_what_was_built_passes(self):
        self.assertEqual([], gate.judge(FILES, PLATFORMS, EXPECTED))

    def test_an_empty_file_is_refused(self):
        for platform, _ in self.each():
            self.assertEqual("is empty", reasons(platform, b""))

    def test_a_missing_file_is_refused(self):
        for platform, _ in self.each():
            files = {name: data for name, data in FILES.items() if name != library(platform)}
            self.assertIn(f"{library(platform)}: is missing", gate.judge(files, PLATFORMS, EXPECTED))

    def test_a_checksum_of_other_bytes_is_refused(self):
        for platform, _ in self.each():
            name = library(platform) + ".sha256"
            files = {**FILES, name: FILES[name].replace(b"  ", b"0  ")}
            self.assertIn("not that of the library", " ".join(gate.judge(files, PLATFORMS, EXPECTED)))

    def test_a_file_nobody_expects_is_refused(self):
        files = {**FILES, "linux-x86_64/core.pdb": b"x"}
        self.assertEqual(["linux-x86_64/core.pdb: is not expected"], gate.judge(files, PLATFORMS, EXPECTED))
        self.assertNotEqual([], gate.judge(FILES, [], EXPECTED))

    def test_a_library_cut_off_anywhere_is_refused(self):
        for platform, data in self.each():
            for length in [*range(1, 600, 7), *range(600, len(data) // 2, 997)]:
                self.assertNotEqual("", reasons(platform, data[:length]), f"{length} bytes")

    def test_a_damaged_header_never_breaks_the_gate(self):
        for platform, data in self.each():
            for at in range(0, 1024):
                reasons(platform, patched(data, at, b"\xff"))

    def test_another_machine_is_refused(self):
        for platform, data in self.each():
            if platform.startswith("linux"):
                other = patched(data, 18, struct.pack("<H", 40))
            elif platform.startswith("macos"):
                other = patched(data, 4, struct.pack("<I", 7))
            else:
                other = patched(data, Bytes(data).number("I", 60) + 4, struct.pack("<H", 0x14C))
            self.assertIn("is for ", reasons(platform, other))

    def test_the_other_processor_of_the_same_system_is_refused(self):
        for platform, data in self.each():
            system, machine = platform.split("-")
            other = "aarch64" if machine == "x86_64" else "x86_64"
            self.assertIn(f"is for {machine}", reasons(f"{system}-{other}", data))

    def test_another_system_is_refused(self):
        for platform, data in self.each():
            for system in set(gate.SYSTEMS) - {platform.split("-")[0]}:
                self.assertIn(f"is no {system} library", reasons(f"{system}-x86_64", data))

    def test_an_export_too_much_or_too_few_is_refused(self):
        for platform, data in self.each():
            for expected in (EXPECTED[1:], [*EXPECTED, "ls_more"]):
                found = gate.judge_library(platform, data, expected)
                self.assertIn("exports other than exports.txt", " ".join(found))

    def test_a_renamed_export_is_refused(self):
        for platform, data in self.each():
            found = reasons(platform, data.replace(b"litestreamjdbc_init", b"litestreamjdbc_inis"))
            self.assertIn("litestreamjdbc_inis", found)
            self.assertIn("missing ['sqlite3_litestreamjdbc_init']", found)

    def test_another_needed_library_is_refused(self):
        for platform, data in self.each():
            name = {"l": b"libc.so.6", "m": b"/usr/lib/libSystem.B", "w": b"KERNEL32.dll"}[platform[0]]
            other = name[:-1] + b"X"
            self.assertIn("needs ", reasons(platform, data.replace(name, other)))

    def test_a_large_library_is_refused(self):
        for platform, data in self.each():
            self.assertIn("250000 or more", reasons(platform, data.ljust(250_000, b"\0")))


class Linux(unittest.TestCase):
    def each(self):
        return libraries("linux")

    def test_one_more_needed_library_is_refused(self):
        for platform, data in self.each():
            soname = Bytes(data).number("Q", dynamic_entry(data, DT_SONAME) + 8)
            entry = struct.pack("<QQ", elf.DT_NEEDED, soname)
            found = reasons(platform, patched(data, dynamic_entry(data, DT_RELACOUNT), entry))
            self.assertEqual("needs liblitestream_jdbc.so", found)

    def test_text_relocations_are_refused(self):
        for platform, data in self.each():
            at = dynamic_entry(data, DT_RELACOUNT)
            self.assertEqual(
                "text relocations", reasons(platform, patched(data, at, struct.pack("<Q", elf.DT_TEXTREL)))
            )

    def test_an_executable_stack_is_refused(self):
        for platform, data in self.each():
            at = segment(data, elf.PT_GNU_STACK)
            self.assertEqual("executable stack", reasons(platform, patched(data, at + 4, b"\x07")))
            self.assertIn("no PT_GNU_STACK", reasons(platform, patched(data, at, b"\0\0\0\0")))

    def test_thread_local_storage_is_refused(self):
        for platform, data in self.each():
            at = segment(data, elf.PT_GNU_STACK)
            self.assertIn(
                "thread-local storage", reasons(platform, patched(data, at, struct.pack("<I", elf.PT_TLS)))
            )

    def test_a_newer_glibc_is_refused(self):
        for platform, data in self.each():
            version = b"GLIBC_2.17" if platform.endswith("aarch64") else b"GLIBC_2.14"
            self.assertIn(b"\0" + version, data)
            self.assertIn("GLIBC_2.34", reasons(platform, data.replace(version, b"GLIBC_2.34")))

    def test_a_fortified_call_is_refused(self):
        for platform, data in self.each():
            self.assertIn("calls libc.so.6 me_chk", reasons(platform, data.replace(b"\0memcpy\0", b"\0me_chk\0")))


class Macos(unittest.TestCase):
    def each(self):
        return libraries("macos")

    def command(self, data, wanted):
        file = Bytes(data)
        return next(at for c, at in macho._commands(file, file.number("I", 16)) if c == wanted)

    def test_a_newer_system_is_refused(self):
        for platform, data in self.each():
            at = self.command(data, macho.LC_BUILD_VERSION) + 12
            self.assertIn("minimum 15.0", reasons(platform, patched(data, at, struct.pack("<I", 15 << 16))))

    def test_an_unsigned_library_is_refused_where_that_matters(self):
        for platform, data in self.each():
            if platform == "macos-aarch64":
                at = self.command(data, macho.LC_CODE_SIGNATURE)
                self.assertIn("no signature", reasons(platform, patched(data, at, struct.pack("<I", 0x2B))))

    def test_the_path_of_a_build_is_refused(self):
        for platform, data in self.each():
            self.assertIn("path of a build", reasons(platform, data.replace(b"@rpath/", b"/build/")))

    def test_text_that_can_be_written_is_refused(self):
        for platform, data in self.each():
            at = self.command(data, macho.LC_SEGMENT_64)
            self.assertIn("text relocations", reasons(platform, patched(data, at + 60, b"\x07")))


class Windows(unittest.TestCase):
    def each(self):
        return libraries("windows")

    def test_missing_protection_is_refused(self):
        for platform, data in self.each():
            at = Bytes(data).number("I", 60) + 24 + 70
            found = reasons(platform, patched(data, at, b"\0\0"))
            self.assertIn("executable stack", found)
            self.assertIn("fixed address", found)

    def test_an_import_from_another_library_is_refused(self):
        for platform, data in self.each():
            other = data.replace(b"api-ms-win-crt-heap", b"vcruntime140-crt-he")
            self.assertIn("needs vcruntime140-crt-he", reasons(platform, other))

    def test_a_section_that_can_be_written_and_executed_is_refused(self):
        for platform, data in self.each():
            header = Bytes(data).number("I", 60)
            flags = header + 24 + Bytes(data).number("H", header + 20) + 36
            both = struct.pack("<I", pe.MEM_EXECUTE | pe.MEM_WRITE)
            self.assertIn("written and executed", reasons(platform, patched(data, flags, both)))


if __name__ == "__main__":
    FILES = gate.read(sys.argv[1])
    PLATFORMS = sys.argv[2:]
    unittest.main(argv=sys.argv[:1], verbosity=0)
