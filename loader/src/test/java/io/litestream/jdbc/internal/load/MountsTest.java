package io.litestream.jdbc.internal.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * File systems that do not take the library, each in a JVM with mounts of its own, which end with
 * it.
 */
@EnabledOnOs(OS.LINUX)
class MountsTest {

  private static final List<List<String>> WAYS =
      List.of(
          List.of("unshare", "--mount"),
          List.of("unshare", "--map-root-user", "--mount"),
          List.of("sudo", "-n", "unshare", "--mount"));

  private static List<String> way = List.of();

  @TempDir Path temp;
  private Path mount = Path.of("");

  @BeforeAll
  static void findOutHow() {
    way = WAYS.stream().filter(MountsTest::mounts).findFirst().orElse(List.of());
    Requires.optional(
        !way.isEmpty(),
        "The tests of noexec, read-only and full file systems",
        "nothing can be mounted here",
        "run them as root, or where unshare --map-root-user is allowed");
  }

  private static boolean mounts(List<String> unshare) {
    List<String> command = new ArrayList<>(unshare);
    command.addAll(List.of("mount", "-t", "tmpfs", "tmpfs", "/mnt"));
    return LoadingJvm.succeeds(command);
  }

  @BeforeEach
  void makeTheMountPoint() throws IOException {
    mount = Files.createDirectory(temp.resolve("mount"));
  }

  /** What the program prints, and below it what is left in the mount afterwards. */
  private String run(String mounts, Map<String, String> properties) throws Exception {
    List<String> command = new ArrayList<>(way);
    String script = "set -e; cd /; " + mounts + "; \"$@\"; echo left:; ls -A " + mount;
    command.addAll(List.of("sh", "-c", script, "sh"));
    command.addAll(LoadingJvm.command(LoadingJvm.ownClassPath(), properties, "exit"));
    return LoadingJvm.run(command);
  }

  private String tmpfs(String options) {
    return "mount -t tmpfs -o " + options + " tmpfs " + mount;
  }

  @Test
  void noexecIsNamed() throws Exception {
    assertThat(run(tmpfs("noexec,size=4m"), Map.of("java.io.tmpdir", mount.toString())))
        .contains(
            "java.io.tmpdir=" + mount + ": files in it cannot be executed (is it mounted noexec?)",
            "set -Dlitestream.native.dir to a directory")
        .endsWith("left:\n");
  }

  @Test
  void noexecIsPassedOver() throws Exception {
    Path other = Files.createDirectory(temp.resolve("other"));
    Map<String, String> properties =
        Map.of("org.sqlite.tmpdir", mount.toString(), "java.io.tmpdir", other.toString());
    assertThat(run(tmpfs("noexec,size=4m"), properties))
        .startsWith("found " + other)
        .endsWith("left:\n");
  }

  @Test
  void aReadOnlyRootNeedsAVolume() throws Exception {
    Path volume = Files.createDirectory(temp.resolve("volume"));
    String readOnly =
        String.join(
            "; ",
            "mount --bind " + temp + " " + temp,
            "mount -t tmpfs -o size=4m tmpfs " + volume,
            "mount -o remount,bind,ro " + temp,
            "mount -o remount,bind,ro /");
    assertThat(run(readOnly, Map.of("java.io.tmpdir", mount.toString())))
        .contains(
            "java.io.tmpdir=" + mount + ": Read-only file system",
            "set -Dlitestream.native.dir to a directory");
    Map<String, String> properties =
        Map.of("java.io.tmpdir", mount.toString(), "litestream.native.dir", volume.toString());
    assertThat(run(readOnly, properties)).startsWith("found " + volume);
  }

  @Test
  void aFullDiskIsNamed() throws Exception {
    assertThat(run(tmpfs("size=32k"), Map.of("java.io.tmpdir", mount.toString())))
        .contains("java.io.tmpdir=" + mount + ": No space left on device", "litestream.native.dir")
        .endsWith("left:\n");
  }
}
