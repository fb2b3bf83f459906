package io.litestream.jdbc.conformance;

import io.litestream.jdbc.conformance.ErrorScene.Scenario;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.server.Fault;
import io.litestream.testkit.server.Request;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Driver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Predicate;

/** What can go wrong while a connection is opened. */
final class OpenErrors {

  private OpenErrors() {}

  static Map<String, Scenario> all() {
    Map<String, Scenario> all = new LinkedHashMap<>();
    all.put("no-library", OpenErrors::withoutLibrary);
    all.put("unknown-parameter", scene -> file(scene, "poll_intervall=1s"));
    all.put("bad-value", scene -> file(scene, "poll_interval=soon"));
    all.put("no-place", scene -> scene.open("jdbc:litestream:"));
    all.put("unknown-name", scene -> scene.open("jdbc:litestream:?replica=absent"));
    all.put(
        "no-replica",
        scene ->
            scene.open(
                ErrorScene.url(
                    Files.createDirectory(scene.temp().resolve("empty")), "open_timeout=1ms")));
    all.put(
        "no-snapshot",
        scene -> {
          scene.small().lose(new LtxKey(0, 1, 1));
          file(scene, "open_timeout=1ms");
        });
    all.put("damaged-at-open", OpenErrors::damaged);
    all.put("no-such-time-at-open", scene -> file(scene, "time=2001-01-01T00:00:00Z"));
    all.put("no-such-txid-at-open", scene -> file(scene, "txid=99"));
    all.put("no-bucket", scene -> scene.openS3(scene.place("absent-bucket")));
    all.put(
        "wrong-region",
        scene -> answered(scene, request -> true, 400, "AuthorizationHeaderMalformed"));
    all.put("busy-at-open", scene -> down(scene, new Fault.Status(503, "SlowDown")));
    all.put(
        "no-answer-at-open",
        scene -> {
          scene.faults(request -> true, new Fault.Delay(Duration.ofSeconds(2)));
          scene.openS3(scene.s3("open_timeout=1ms", "request_timeout=200ms"));
        });
    all.put("no-connection-at-open", scene -> down(scene, new Fault.Reset()));
    all.putAll(credentials());
    return all;
  }

  private static Map<String, Scenario> credentials() {
    Map<String, Scenario> all = new LinkedHashMap<>();
    all.put("no-credentials", scene -> scene.open(scene.s3("profile=absent-profile")));
    all.put(
        "no-permission-to-list",
        scene -> answered(scene, r -> r.kind() == Request.Kind.LIST, 403, "AccessDenied"));
    all.put("wrong-key", scene -> answered(scene, r -> true, 403, "InvalidAccessKeyId"));
    all.put("wrong-secret", scene -> answered(scene, r -> true, 403, "SignatureDoesNotMatch"));
    all.put("expired", scene -> answered(scene, r -> true, 400, "ExpiredToken"));
    all.put("wrong-clock", scene -> answered(scene, r -> true, 403, "RequestTimeTooSkewed"));
    return all;
  }

  private static void file(ErrorScene scene, String parameter) throws Exception {
    scene.open(ErrorScene.url(scene.small().replica(), parameter));
  }

  private static void answered(ErrorScene scene, Predicate<Request> which, int status, String code)
      throws Exception {
    scene.faults(which, new Fault.Status(status, code));
    scene.openS3(scene.s3());
  }

  /** Tries long enough for some attempts, also on a busy machine. */
  private static void down(ErrorScene scene, Fault fault) throws Exception {
    scene.faults(request -> true, fault);
    scene.openS3(scene.s3("open_timeout=2s", "request_timeout=1s"));
  }

  private static void damaged(ErrorScene scene) throws Exception {
    Path file = scene.small().path(new LtxKey(0, 2, 2));
    byte[] bytes = Files.readAllBytes(file);
    bytes[50] ^= 1; // in the header, under its checksum
    Files.write(file, bytes);
    file(scene, "open_timeout=1ms");
  }

  /** In a class loader of its own: this one has a library already. */
  private static void withoutLibrary(ErrorScene scene) throws Exception {
    String property = "litestream.native.path";
    System.setProperty(property, "/no/such.so");
    try (URLClassLoader application =
        new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
      Driver driver =
          (Driver)
              application
                  .loadClass("io.litestream.jdbc.LitestreamDriver")
                  .getDeclaredConstructor()
                  .newInstance();
      driver.connect(ErrorScene.url(scene.small().replica()), new Properties());
    } finally {
      System.clearProperty(property);
    }
  }

  private static URL[] classPath() throws IOException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return urls.toArray(URL[]::new);
  }
}
