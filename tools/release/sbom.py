"""sbom.py <bom.json> <vfs-native> <group id>: adds to a CycloneDX SBOM what Maven does not know.

Those are the C sources that the native libraries are made from, each with its SHA-256, and the vendored headers of SQLite.
"""

import hashlib
import json
import pathlib
import re
import sys


def file(path, root):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {
        "type": "file",
        "bom-ref": "file:" + str(path.relative_to(root.parent)),
        "name": str(path.relative_to(root.parent)),
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }


def sqlite(core):
    headers = sorted((core / "sqlite").glob("*.h"))
    text = (core / "sqlite" / "sqlite3.h").read_text()
    version = re.search(r'#define SQLITE_VERSION\s+"([0-9.]+)"', text).group(1)
    return {
        "type": "library",
        "bom-ref": "sqlite-headers@" + version,
        "name": "sqlite",
        "version": version,
        "description": "the headers sqlite3.h and sqlite3ext.h, vendored; SQLite itself comes with sqlite-jdbc",
        "licenses": [{"license": {"name": "Public Domain"}}],
        "components": [file(header, core) for header in headers],
    }


def main(bom, core, group):
    bom, core = pathlib.Path(bom), pathlib.Path(core)
    sbom = json.loads(bom.read_text())
    main = sbom["metadata"]["component"]
    old, new = main["bom-ref"], main["bom-ref"].replace(main["group"], group, 1)
    main.update({"group": group, "bom-ref": new, "purl": main["purl"].replace(main["group"], group, 1)})
    for dependency in sbom["dependencies"]:
        if dependency["ref"] == old:
            dependency["ref"] = new
    sources = [path for folder in ("src", "include") for path in sorted((core / folder).glob("*.[ch]"))]
    main["components"] = [file(path, core) for path in sources]
    sbom["components"].append(sqlite(core))
    bom.write_text(json.dumps(sbom, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
