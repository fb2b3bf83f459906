package io.litestream.testkit.litestream;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.fixture.RowDigest;
import io.litestream.testkit.ltx.Listed;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.LtxKey.Layout;
import io.litestream.testkit.ltx.ReferenceRestore;
import io.litestream.testkit.server.S3Server;
import io.litestream.testkit.server.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LitestreamTest {

  private static final String WHAT = "The test of running Litestream";

  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource
  void replicatesToADirectoryAndRestores(Litestream.Release release) throws Exception {
    Litestream litestream = Litestream.require(release, WHAT);
    Path replica = dir.resolve("replica");
    String url = "file://" + replica;
    RowDigest live = replicate(litestream, url);
    Path restored = dir.resolve("restored.db");
    Litestream.Restored result = litestream.restore(url, restored);
    assertThat(result.done()).as(result.output()).isTrue();
    assertThat(digest(restored).sha256()).isEqualTo(live.sha256());
    Path reference = dir.resolve("reference.db");
    var database = new ReferenceRestore<>(new Directory(replica)).latest().orElseThrow();
    database.write(reference);
    assertThat(digest(reference).sha256()).isEqualTo(live.sha256());
    Path one = dir.resolve("one.db");
    assertThat(litestream.restoreTxid(url, one, database.txid()).done()).isTrue();
    assertThat(digest(one).sha256()).isEqualTo(live.sha256());
    assertThat(litestream.restoreTxid(url, dir.resolve("none.db"), 999).done()).isFalse();
  }

  @Test
  void replicatesToS3AndRestores() throws Exception {
    S3Server server = TestServers.any();
    Litestream litestream = Litestream.require(Litestream.Release.CURRENT, WHAT).with(server);
    String url = server.replicaUrl(TestServers.newBucket(), "some/app");
    RowDigest live = replicate(litestream, url);
    Path restored = dir.resolve("restored.db");
    Litestream.Restored result = litestream.restore(url, restored);
    assertThat(result.done()).as(result.output()).isTrue();
    assertThat(digest(restored).sha256()).isEqualTo(live.sha256());
  }

  private RowDigest replicate(Litestream litestream, String url) throws Exception {
    Path database = dir.resolve("live.db");
    try (Connection c = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement s = c.createStatement()) {
      s.execute("pragma journal_mode=wal");
      s.execute("create table t(id integer primary key, x blob)");
      try (LitestreamProcess process = litestream.replicate(database, url, Schedule.fast())) {
        for (int i = 0; i < 10; i++) {
          s.execute("insert into t(x) values(randomblob(2000))");
          Thread.sleep(100);
        }
        Thread.sleep(1000);
        assertThat(process.alive()).as(process.log()).isTrue();
        process.stop();
        assertThat(process.alive()).isFalse();
      }
      return RowDigest.of(c);
    }
  }

  private static RowDigest digest(Path file) throws Exception {
    try (Connection c = DriverManager.getConnection("jdbc:sqlite:file:" + file + "?immutable=1")) {
      assertThat(RowDigest.integrity(c)).isEqualTo("ok");
      return RowDigest.of(c);
    }
  }

  private record Found(LtxKey key, long createdMs) implements Listed {}

  private record Directory(Path root) implements ReferenceRestore.Source<Found> {
    @Override
    public List<Found> list() {
      try (Stream<Path> all = Files.walk(root)) {
        return all.flatMap(p -> LtxKey.parse(p.toString()).stream())
            .map(k -> new Found(k, 0))
            .toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public byte[] read(Found file) throws IOException {
      return Files.readAllBytes(root.resolve(file.key().path(Layout.FILE)));
    }
  }
}
