package io.litestream.jdbc.internal.load;

import java.nio.file.Path;

/** Another JVM that holds a private directory until its input ends or it is killed. */
final class DirectoryHolder {

  private DirectoryHolder() {}

  public static void main(String[] args) throws Exception {
    System.out.println(PrivateDirectory.create(Path.of(args[0])).path());
    while (System.in.read() >= 0) {
      // wait for the end
    }
  }
}
