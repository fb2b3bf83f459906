"""jars.py <path of the main jar, without .jar>: the gate for the main jar and those with a classifier beside it."""

import sys

import gate

PLATFORMS = ["linux-aarch64", "linux-x86_64", "macos-aarch64", "macos-x86_64", "windows-x86_64"]


def main(jar):
    failed = gate.main(f"{jar}.jar", *PLATFORMS) | gate.main(f"{jar}-without-natives.jar")
    for platform in PLATFORMS:
        failed |= gate.main(f"{jar}-natives-{platform}.jar", platform)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
