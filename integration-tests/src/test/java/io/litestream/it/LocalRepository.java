package io.litestream.it;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/**
 * A throw-away local repository with this build's artifacts. All other groups are links into the
 * user's local repository, so that nothing is downloaded twice and none of our artifacts gets
 * there.
 */
final class LocalRepository {

  private static final Path GROUP = Path.of("io", "litestream");

  private LocalRepository() {}

  /**
   * Makes it anew, except for what was downloaded into it.
   *
   * @param root where
   * @param users the user's own
   * @param project the root directory of this project, packaged
   */
  static void make(Path root, Path users, Path project, String version) throws IOException {
    Files.createDirectories(root.resolve(GROUP));
    link(root, users, GROUP.getName(0));
    link(root.resolve(GROUP.getName(0)), users.resolve(GROUP.getName(0)), GROUP.getName(1));
    Path group = root.resolve(GROUP);
    install(group, "litestream-jdbc-parent", version, project, false);
    install(group, "litestream-jdbc", version, project.resolve("loader"), true);
  }

  private static void link(Path to, Path from, Path except) throws IOException {
    if (!Files.isDirectory(from)) {
      return;
    }
    try (Stream<Path> children = Files.list(from)) {
      for (Path child : children.toList()) {
        Path link = to.resolve(child.getFileName());
        if (Files.isDirectory(child) && !child.endsWith(except) && !Files.exists(link)) {
          Files.createSymbolicLink(link, child.toAbsolutePath());
        }
      }
    } catch (FileSystemException | UnsupportedOperationException e) {
      System.err.println("The consumers download what they need: there are no links here: " + e);
    }
  }

  private static void install(Path group, String artifact, String version, Path module, boolean jar)
      throws IOException {
    Path directory = group.resolve(artifact).resolve(version);
    Files.createDirectories(directory);
    String name = artifact + "-" + version;
    copy(module.resolve("pom.xml"), directory.resolve(name + ".pom"));
    if (jar) {
      copy(module.resolve("target").resolve(name + ".jar"), directory.resolve(name + ".jar"));
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
  }
}
