"""bundle.py <loader/target> <group id> <version> <directory> [key]: the files of a release, as a repository takes them.

Lays out <directory>/<group>/litestream-jdbc/<version>/ with the published POM, all jars and the SBOM, signs each with gpg
(its default key without [key]; GNUPGHOME says where the keys are), writes the checksums, and packs all of it into
<directory>/litestream-jdbc-<version>-bundle.zip. Refuses an incomplete release.
"""

import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

ARTIFACT = "litestream-jdbc"
PLATFORMS = ["linux-x86_64", "linux-aarch64", "macos-x86_64", "macos-aarch64", "windows-x86_64"]
JARS = ["", "-sources", "-javadoc", "-without-natives"] + ["-natives-" + p for p in PLATFORMS]
CHECKSUMS = ["md5", "sha1", "sha256", "sha512"]

# What a public repository asks of a POM.
POM_NEEDS = ["name", "description", "url", "licenses", "developers", "scm"]

# The dates in a zip are the same for the same release.
DATE = (1980, 1, 1, 0, 0, 0)


def published_pom(text, group):
    """The POM with the group id that the release has; the first one is the project's own."""
    text, count = re.subn(r"<groupId>[^<]*</groupId>", "<groupId>" + group + "</groupId>", text, count=1)
    if count != 1 or "<parent>" in text or "${" in text:
        sys.exit("the published POM does not stand alone: it has a parent, or a property that is not resolved")
    missing = [need for need in POM_NEEDS if "<" + need + ">" not in text]
    if missing:
        print("note: a public repository refuses a POM without " + ", ".join(missing) + " (docs/RELEASING.md)")
    return text


def collect(target, group, version, place):
    name = ARTIFACT + "-" + version
    place.mkdir(parents=True)
    (place / (name + ".pom")).write_text(published_pom((target / "published-pom.xml").read_text(), group))
    shutil.copy(target / "bom.json", place / (name + "-cyclonedx.json"))
    for jar in JARS:
        source = target / (name + jar + ".jar")
        if not source.is_file() or not zipfile.is_zipfile(source):
            sys.exit(str(source) + " is missing or no jar: build with -Prelease")
        shutil.copy(source, place)


def sign(file, key):
    command = ["gpg", "--batch", "--yes", "--armor", "--detach-sign"]
    subprocess.run(command + (["--local-user", key] if key else []) + [str(file)], check=True)


def add_checksums(file):
    data = file.read_bytes()
    for checksum in CHECKSUMS:
        file.with_name(file.name + "." + checksum).write_text(hashlib.new(checksum, data).hexdigest())


def main(target, group, version, directory, key=""):
    directory = pathlib.Path(directory)
    shutil.rmtree(directory, ignore_errors=True)
    place = directory / group.replace(".", "/") / ARTIFACT / version
    collect(pathlib.Path(target), group, version, place)
    files = sorted(place.iterdir())
    for file in files:
        sign(file, key)
        add_checksums(file)
    with zipfile.ZipFile(directory / (ARTIFACT + "-" + version + "-bundle.zip"), "w") as bundle:
        for file in sorted(place.iterdir()):
            entry = zipfile.ZipInfo(str(file.relative_to(directory)), DATE)
            bundle.writestr(entry, file.read_bytes())
    print(f"{len(files)} files signed in {place}")


if __name__ == "__main__":
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    main(*sys.argv[1:])
