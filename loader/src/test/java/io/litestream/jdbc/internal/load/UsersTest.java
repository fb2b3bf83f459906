package io.litestream.jdbc.internal.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.Requires;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Another user of this machine, in the same directory as this one. */
@EnabledOnOs(OS.LINUX)
class UsersTest {

  /** Nobody's, on each Linux; any number does. */
  private static final String OTHER = "65534";

  private static final List<List<String>> WAYS =
      List.of(asOther(List.of()), asOther(List.of("sudo", "-n")));

  private static List<String> way = List.of();

  @TempDir Path temp;
  private Path base = Path.of("");
  private String classPath = "";

  private static List<String> asOther(List<String> root) {
    List<String> command = new ArrayList<>(root);
    command.addAll(List.of("setpriv", "--reuid=" + OTHER, "--regid=" + OTHER, "--clear-groups"));
    return command;
  }

  @BeforeAll
  static void findOutHow() {
    way = WAYS.stream().filter(UsersTest::works).findFirst().orElse(List.of());
    Requires.optional(
        !way.isEmpty(),
        "The tests of two users in one directory",
        "this user cannot start a program as another one",
        "run them as root, with setpriv of util-linux");
  }

  private static boolean works(List<String> asOther) {
    List<String> command = new ArrayList<>(asOther);
    command.addAll(List.of(LoadingJvm.java(), "-version"));
    return LoadingJvm.succeeds(command);
  }

  /** A copy of the classes where the other user can read them, and a directory for all. */
  @BeforeEach
  void share() throws Exception {
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path classes = Files.createDirectory(temp.resolve("classes"));
    for (String entry : LoadingJvm.ownClassPath().split(File.pathSeparator)) {
      if (entry.endsWith(".jar")) {
        run(List.of("cp", entry, classes.toString()));
      } else {
        run(List.of("cp", "-RL", entry + "/.", classes.toString()));
      }
    }
    run(List.of("chmod", "-R", "a+rX", classes.toString()));
    classPath = classes + File.pathSeparator + classes + "/*";
    base = Files.createDirectory(temp.resolve("base"));
    run(List.of("chmod", "1777", base.toString()));
  }

  private static String run(List<String> command) throws Exception {
    return LoadingJvm.run(command);
  }

  private Path find(boolean other, String mode) throws Exception {
    Map<String, String> properties = Map.of("java.io.tmpdir", base.toString());
    List<String> command = new ArrayList<>(other ? way : List.of());
    command.addAll(LoadingJvm.command(classPath, properties, mode));
    String output = run(command);
    assertThat(output).startsWith("found " + base);
    Path file = Path.of(output.strip().substring("found ".length()));
    return Objects.requireNonNull(file.getParent());
  }

  @Test
  void neitherIsInTheOthersWay() throws Exception {
    Path othersDead = find(true, "halt");
    Path ownDead = find(false, "halt");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(othersDead)))
        .isEqualTo("rwx------");
    List<String> age = List.of("touch", "-d", "1 hour ago");
    for (List<String> as : List.of(way, List.<String>of())) {
      List<String> command = new ArrayList<>(as);
      command.addAll(age);
      command.add((as.isEmpty() ? ownDead : othersDead).toString());
      run(command);
    }

    find(false, "exit");
    assertThat(ownDead).doesNotExist();
    assertThat(othersDead).as("of another user, though this one might be root").isDirectory();

    Path dead = find(false, "halt");
    run(List.of("touch", "-d", "1 hour ago", dead.toString()));
    find(true, "exit");
    assertThat(dead).as("of another user").isDirectory();
    assertThat(othersDead).doesNotExist();
  }
}
