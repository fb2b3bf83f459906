package io.litestream.jdbc.internal.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JVMs that come and go, of which some are killed: 20 of them, or {@code -Dlitestream.starts}. */
class StartsTest {

  private static final int STARTS = Integer.getInteger("litestream.starts", 20);

  /** Of so many, one is killed. */
  private static final int KILLED = 5;

  @TempDir Path base;

  @Test
  void startsLeaveNothingBehind() throws Exception {
    for (int i = 1; i <= STARTS; i++) {
      boolean killed = i % KILLED == 0;
      int before = left().size();
      assertThat(start(killed ? "halt" : "exit")).startsWith("found " + base.toRealPath());
      assertThat(left()).as("after start %d", i).hasSize(before + (killed ? 1 : 0));
    }
    Instant longAgo = Instant.now().minus(Sweep.MAKING).minusSeconds(1);
    for (Path directory : left()) {
      Files.setLastModifiedTime(directory, FileTime.from(longAgo));
    }
    start("exit");
    assertThat(left()).isEmpty();
  }

  private String start(String mode) throws Exception {
    Map<String, String> properties = Map.of("litestream.native.dir", base.toString());
    return LoadingJvm.run(LoadingJvm.command(LoadingJvm.ownClassPath(), properties, mode));
  }

  private List<Path> left() throws Exception {
    try (Stream<Path> files = Files.list(base)) {
      return files.toList();
    }
  }
}
