package io.litestream.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.fixture.Fixture;
import io.litestream.testkit.server.S3ProxyServer;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;

/** The packaged jar in projects as users have them. */
class ConsumersTest {

  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final Path REPOSITORY = TARGET.resolve("it-repo");
  private static final String ACCESS = "--enable-native-access=";
  private static final String DENY = "--illegal-native-access=deny";
  private static final String IGNORE = "-XX:+IgnoreUnrecognizedVMOptions";

  private static final String JVM_OPTIONS = "JAVA_TOOL_OPTIONS";

  /** A build's JVMs end before HotSpot's optimizing compiler would pay. */
  private static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1";

  @TempDir static Path temp;

  private static String url = "";
  private static long rows;
  private static String s3Url = "";
  private static long s3Rows;
  private static @Nullable S3ProxyServer server;

  @BeforeAll
  static void prepare() throws Exception {
    LocalRepository.make(
        REPOSITORY,
        Path.of(property("it.local-repository")),
        Path.of(property("it.project")),
        property("it.version"));
    Fixture fixture = Fixture.named("ledger-blocks-file");
    url = "jdbc:litestream:" + fixture.unpack(temp).toUri().toString().replaceFirst("/$", "");
    rows = rows(fixture);
    serve(S3ProxyServer.start());
  }

  private static void serve(S3ProxyServer started) throws Exception {
    server = started;
    Fixture fixture = Fixture.named("ledger-blocks-s3");
    s3Rows = rows(fixture);
    started.createBucket("consumers");
    try (S3Client s3 = started.client()) {
      s3Url =
          "jdbc:litestream:s3://consumers/"
              + fixture.upload(s3, "consumers", "")
              + "?region=us-east-1&force_path_style=true&endpoint="
              + started.endpoint();
    }
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static long rows(Fixture fixture) {
    return Objects.requireNonNull(fixture.expected().latest().rows().get("ledger"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"7.0.2", "7.1.0"})
  void pools(String hikari) throws Exception {
    maven("pools", "test", "-Dconsumer.hikaricp.version=" + hikari);
  }

  @Test
  void objectRelationalMappers() throws Exception {
    maven("orm", "test");
  }

  @Test
  void codeSharedWithThePrimary() throws Exception {
    maven("shared", "test");
  }

  @Test
  void springBoot() throws Exception {
    maven("spring", "package");
    Path jar = consumer("spring").resolve("target/consumer-spring-1.jar");
    String[] options = {ACCESS + "ALL-UNNAMED", IGNORE, DENY, "-jar"};
    Map<String, String> environment = Map.of("SPRING_DATASOURCE_URL", url);
    assertThat(java("boot-jar", environment, options, jar.toString()).output())
        .contains("rows " + rows);
    Path exploded = temp.resolve("exploded");
    Command extract =
        java(
            "boot-extract",
            Map.of(),
            new String[] {"-Djarmode=tools", "-jar"},
            jar.toString(),
            "extract",
            "--destination",
            exploded.toString());
    assertThat(extract.exit()).as(extract.output()).isZero();
    Path main = exploded.resolve(jar.getFileName());
    assertThat(java("boot-exploded", environment, options, main.toString()).output())
        .contains("rows " + rows);
  }

  @Test
  void plain() throws Exception {
    maven("plain", "package");
    Path target = consumer("plain").resolve("target");
    String path = String.join(File.pathSeparator, target + "/classes", target + "/lib/*");
    String read = "rows " + rows + ", sum 20000";

    String[] granted = {ACCESS + "ALL-UNNAMED", IGNORE, DENY, "-cp", path, "consumer.Main"};
    assertThat(java("class-path", Map.of(), granted, url).output()).contains(read);

    String[] denied = {IGNORE, DENY, "-cp", path, "consumer.Main"};
    assertThat(java("denied", Map.of(), denied, url).output())
        .contains("--enable-native-access=ALL-UNNAMED");

    String[] module = {
      ACCESS + "io.litestream.jdbc,org.xerial.sqlitejdbc",
      IGNORE,
      DENY,
      "-p",
      target + "/classes" + File.pathSeparator + target + "/lib",
      "-m",
      "consumer/consumer.Main"
    };
    assertThat(java("module-path", Map.of(), module, url).output()).contains(read);

    readOnlyRoot(granted);
    image(target, read);
    relocated(target, read);

    S3ProxyServer s3 = Objects.requireNonNull(server);
    Map<String, String> keys =
        Map.of("AWS_ACCESS_KEY_ID", s3.accessKey(), "AWS_SECRET_ACCESS_KEY", s3.secretKey());
    assertThat(java("s3", keys, granted, s3Url).output()).contains("rows " + s3Rows);
    String[] sdk = {"--add-modules", "software.amazon.awssdk.services.s3,jdk.net,java.naming"};
    assertThat(java("module-path-s3", keys, with(module, sdk), s3Url).output())
        .contains("rows " + s3Rows);
  }

  /** A runtime image of the application: what it reads from directories needs no AWS SDK. */
  private static void image(Path target, String read) throws Exception {
    Path lib = target.resolve("lib");
    String modules =
        String.join(
            File.pathSeparator,
            target.resolve("consumer-plain-1.jar").toString(),
            lib.resolve("litestream-jdbc-" + property("it.version") + ".jar").toString(),
            only(lib, "sqlite-jdbc-").toString());
    Path image = temp.resolve("image");
    String jlink = Path.of(System.getProperty("java.home"), "bin", "jlink").toString();
    Command linked =
        Command.run(
            log("jlink"),
            Map.of(),
            List.of(jlink, "-p", modules, "--add-modules", "consumer", "--output", "" + image));
    assertThat(linked.exit()).as(linked.output()).isZero();
    String java = image.resolve("bin").resolve("java").toString();
    String access = ACCESS + "io.litestream.jdbc,org.xerial.sqlitejdbc";
    List<String> run = List.of(java, access, IGNORE, DENY, "-m", "consumer/consumer.Main", url);
    assertThat(Command.run(log("image"), Map.of(), run).output()).contains(read);
    List<String> s3 = List.of(java, access, IGNORE, DENY, "-m", "consumer/consumer.Main", s3Url);
    assertThat(Command.run(log("image-s3"), Map.of(), s3).output())
        .contains("replicas in S3 need the AWS SDK", "--add-modules");
  }

  /** One jar with everything, in which the packages of this project have other names. */
  private static void relocated(Path target, String read) throws Exception {
    String jar = target.resolve("consumer-plain-1-shaded.jar").toString();
    String[] options = {ACCESS + "ALL-UNNAMED", IGNORE, DENY, "-cp", jar, "consumer.Main"};
    assertThat(java("shaded", Map.of(), options, url).output()).contains(read);
    options[options.length - 1] = "consumer.shaded.litestream.Doctor";
    Command doctor = java("shaded-doctor", Map.of(), options, url);
    assertThat(doctor.exit()).as(doctor.output()).isZero();
  }

  private static Path only(Path directory, String prefix) throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .findFirst()
          .orElseThrow();
    }
  }

  /** A temporary directory in which nobody can write, not even root: it is a file. */
  private static void readOnlyRoot(String[] options) throws Exception {
    String file = "-Djava.io.tmpdir=" + Files.createFile(temp.resolve("no-directory"));
    assertThat(java("read-only", Map.of(), with(options, file), url).output())
        .contains("-Dlitestream.native.dir");
    Path mount = Files.createDirectory(temp.resolve("native"));
    String[] named = {file, "-Dlitestream.native.dir=" + mount, "-Dorg.sqlite.tmpdir=" + mount};
    assertThat(java("read-only-named", Map.of(), with(options, named), url).output())
        .contains("rows " + rows);
  }

  private static String[] with(String[] options, String... more) {
    return Stream.concat(Arrays.stream(more), Arrays.stream(options)).toArray(String[]::new);
  }

  /** Builds a consumer with a Maven of its own; fails with its output. */
  private static void maven(String consumer, String phase, String... more) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(property("it.mvn") + (File.separatorChar == '\\' ? ".cmd" : ""));
    command.addAll(List.of("-B", "-ntp", "-f", consumer(consumer).resolve("pom.xml").toString()));
    if (property("it.offline").equals("offline: true")) {
      command.add("-o");
    }
    Path settings = Path.of(property("it.settings").substring("file: ".length()));
    if (Files.exists(settings)) {
      command.addAll(List.of("-s", settings.toString()));
    }
    command.addAll(
        List.of(
            "-Dmaven.repo.local=" + REPOSITORY,
            "-Dlitestream.version=" + property("it.version"),
            "-Dconsumer.junit.version=" + property("it.junit"),
            "-Dconsumer.assertj.version=" + property("it.assertj"),
            "-Dconsumer.jvm=" + property("it.jvm"),
            "-Dreplica.jdbc=" + url,
            "-Dreplica.rows=" + rows));
    S3ProxyServer s3 = Objects.requireNonNull(server);
    command.addAll(
        List.of(
            "-Dreplica.s3.jdbc=" + s3Url,
            "-Dreplica.s3.rows=" + s3Rows,
            "-Dreplica.s3.key=" + s3.accessKey(),
            "-Dreplica.s3.secret=" + s3.secretKey()));
    command.addAll(List.of(more));
    command.addAll(List.of("clean", phase));
    String given = System.getenv().getOrDefault(JVM_OPTIONS, "");
    Map<String, String> environment =
        Map.of("SPRING_DATASOURCE_URL", url, JVM_OPTIONS, given + " " + SHORT_LIVED);
    Command maven = Command.run(log("mvn-" + consumer), environment, command);
    assertThat(maven.exit()).as(maven.output()).isZero();
  }

  /** Runs a program on the JDK of this test. */
  private static Command java(
      String name, Map<String, String> environment, String[] options, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of(arguments));
    return Command.run(log(name), environment, command);
  }

  private static Path consumer(String name) {
    return TARGET.resolveSibling("consumers").resolve(name);
  }

  private static Path log(String name) throws Exception {
    return Files.createDirectories(TARGET.resolve("it-logs")).resolve(name + ".log");
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty(name), name);
  }
}
