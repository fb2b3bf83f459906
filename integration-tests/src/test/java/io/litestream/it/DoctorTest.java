package io.litestream.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.fixture.Fixture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in the packaged jar. */
class DoctorTest {

  private static final String DIRECTORY = "-Dlitestream.native.dir=";

  @TempDir Path temp;

  private Command java(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    return Command.run(temp.resolve("log"), Map.of(), command);
  }

  /** With all jars of an application. */
  private Command withAll(String option, String... replica) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED", option));
    arguments.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.litestream.jdbc.Doctor"));
    arguments.addAll(List.of(replica));
    return java(arguments);
  }

  @Test
  void theJarAloneLooksAtThePlatform() throws Exception {
    String jar =
        Objects.requireNonNull(System.getProperty("it.project"))
            + "/loader/target/litestream-jdbc-"
            + System.getProperty("it.version")
            + ".jar";
    Command doctor = java(List.of("-jar", jar, "doctor"));
    assertThat(doctor.output())
        .contains("litestream-jdbc " + System.getProperty("it.version"))
        .containsPattern("ok +platform +[a-z]+-[a-z0-9_]+ \\(os.name=")
        .containsPattern("ok +library +jar:file:.*litestream-jdbc-.*/META-INF/native/")
        .containsPattern("ok +SHA-256 +[0-9a-f]{64}, as it should be")
        .containsPattern("ok +directory +java.io.tmpdir=.*: takes the library")
        .containsPattern("note +native access +not granted .*--enable-native-access=ALL-UNNAMED")
        .containsPattern("ok +opened ")
        .containsPattern("note +SQLite +not looked at, for sqlite-jdbc is missing");
    assertThat(doctor.exit()).isZero();
  }

  @Test
  void aReplicaIsReached() throws Exception {
    Path replica = Fixture.named("ledger-blocks-file").unpack(temp);
    Command doctor = withAll(DIRECTORY + temp, replica.toString());
    assertThat(doctor.output())
        .containsPattern("ok +native access +granted to ALL-UNNAMED")
        .containsPattern("ok +SQLite +3\\.")
        .containsPattern("ok +VFS +loaded")
        .containsPattern("ok +replica +TXID [0-9a-f]{16} of ");
    assertThat(doctor.exit()).isZero();
    assertThat(withAll(DIRECTORY + temp, "jdbc:litestream:" + replica).exit()).isZero();
  }

  @Test
  void noSecretIsShown() throws Exception {
    String url =
        "s3://bucket/app?endpoint=localhost:1&access_key_id=AKIA-key&secret_access_key=the-secret"
            + "&open_timeout=1ms";
    Command doctor = withAll(DIRECTORY + temp, url);
    assertThat(doctor.output())
        .containsPattern("failed +replica +s3://bucket/app")
        .doesNotContain("the-secret");
    assertThat(doctor.exit()).isOne();
  }

  @Test
  void whatIsWrongIsNamed() throws Exception {
    Path file = Files.createFile(temp.resolve("file"));
    Command doctor = withAll("-Djava.io.tmpdir=" + file);
    assertThat(doctor.output())
        .containsPattern("note +directory +java.io.tmpdir=.*file is no directory")
        .containsPattern("failed +chosen +none: set -Dlitestream.native.dir")
        .doesNotContain("SQLite");
    assertThat(doctor.exit()).isOne();
  }

  @Test
  void wrongArgumentsAreToldHow() throws Exception {
    Command doctor = withAll(DIRECTORY + temp, "--replica", "x");
    assertThat(doctor.output()).startsWith("usage: java -jar litestream-jdbc.jar doctor [replica]");
    assertThat(doctor.exit()).isEqualTo(2);
  }
}
