package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.fixture.Expected;
import io.litestream.testkit.fixture.Fixture;
import io.litestream.testkit.ltx.LtxFile;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.LtxReader;
import io.litestream.testkit.ltx.RestorePlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files give the right rows or an error, and harm no other connection. */
@ExtendWith(LeakCheck.class)
class DamageTest {

  private static final int COPIES = 150;

  /** What stands before a block: page number, flags, size. */
  private static final int SIZED_HEADER = 10;

  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(strings = {"page-512-file", "restart-file"})
  @DisplayName("C-14: flipped bits, cuts and garbage in small files give no wrong row")
  void damagedCopies(String name) throws Exception {
    long seed = Long.getLong("litestream.test.seed", System.nanoTime());
    System.out.println("DamageTest " + name + ": -Dlitestream.test.seed=" + seed);
    Random random = new Random(seed);
    Fixture fixture = Fixture.named(name);
    List<Fixture.File> plan = RestorePlan.latest(fixture.list());
    Path whole = fixture.unpack(temp.resolve("whole"));
    int failed = 0;
    try (Connection healthy = Sql.open(whole, FixturesTest.NO_POLLS)) {
      for (int i = 0; i < COPIES; i++) {
        LtxKey victim = plan.get(random.nextInt(plan.size())).key();
        Path copy = linked(fixture, whole, "copy-" + i);
        Path file = copy.resolve(fixture.path(victim));
        byte[] damaged = damage(Files.readAllBytes(file), random);
        Files.delete(file);
        Files.write(file, damaged);
        failed += assertRightOrError(fixture, copy) ? 0 : 1;
        assertThat(Sql.one(healthy, "SELECT sum(balance) FROM account")).isEqualTo("20000");
      }
      FixturesTest.assertShows(healthy, fixture.expected().latest());
    }
    assertThat(failed).as("copies whose damage was seen").isGreaterThan(COPIES / 2);
  }

  private Path linked(Fixture fixture, Path whole, String name) throws IOException {
    Path copy = temp.resolve(name);
    for (Expected.File file : fixture.expected().files()) {
      Path link = copy.resolve(fixture.path(file.key()));
      Files.createDirectories(link.getParent());
      Files.createLink(link, whole.resolve(fixture.path(file.key())));
    }
    return copy;
  }

  private static byte[] damage(byte[] bytes, Random random) {
    byte[] damaged = bytes.clone();
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(4)) {
      case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 2 -> {
        byte[] garbage = new byte[1 + random.nextInt(bytes.length - at)];
        random.nextBytes(garbage);
        System.arraycopy(garbage, 0, damaged, at, garbage.length);
      }
      default -> {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(64));
        random.ints(longer.length - bytes.length).forEach(n -> longer[bytes.length] ^= (byte) n);
        return longer;
      }
    }
    return damaged;
  }

  /** Whether it could be read. */
  private static boolean assertRightOrError(Fixture fixture, Path copy) {
    try (Connection db = Sql.open(copy, FixturesTest.NO_POLLS, "open_timeout=1ms")) {
      Expected.Shown latest = fixture.expected().latest();
      long txid = Sql.txid(db);
      assertThat(txid).isLessThanOrEqualTo(latest.txid());
      FixturesTest.assertShows(db, fixture.expected().states().get((int) txid - 1));
      return true;
    } catch (SQLException e) {
      assertThat(e.getMessage()).isNotBlank();
      return false;
    }
  }

  /** A snapshot too large to be read wholly at open, so that its pages are read one by one. */
  private static LtxKey largeSnapshot(SqlitePrimary primary) throws IOException, SQLException {
    primary.run("CREATE TABLE t(k INTEGER PRIMARY KEY, v)");
    primary.run("INSERT INTO t SELECT n, hex(randomblob(900)) FROM (" + Sql.numbers(1, 700) + ")");
    LtxKey key = primary.snapshot();
    primary.retain(0, primary.txid());
    assertThat(Files.size(primary.path(key))).isGreaterThan(512 << 10);
    return key;
  }

  @Test
  @DisplayName("C-24: a page that decodes short is an error, and no more than that")
  void shortPage() throws Exception {
    try (SqlitePrimary primary = new SqlitePrimary(temp, 4096)) {
      Path file = primary.path(largeSnapshot(primary));
      byte[] bytes = Files.readAllBytes(file);
      LtxFile.Frame frame = LtxReader.decode(bytes).frames().get(100);
      putShortBlock(bytes, frame);
      Files.write(file, bytes);
      assertReadFails(primary, "page 101");
    }
  }

  /** Replaces a frame's payload by a block of literals, as long, that stands for fewer bytes. */
  private static void putShortBlock(byte[] bytes, LtxFile.Frame frame) {
    int start = frame.offset() + SIZED_HEADER;
    int length = frame.length() - SIZED_HEADER;
    int extended = (length - 2 - 15) / 256 + 1;
    int literals = length - 1 - extended;
    ByteBuffer block = ByteBuffer.wrap(bytes, start, length);
    block.put((byte) 0xf0);
    int rest = literals - 15;
    for (int i = 0; i < extended; i++) {
      block.put((byte) Math.min(rest, 255));
      rest -= Math.min(rest, 255);
    }
    assertThat(rest).isZero();
    assertThat(literals).isLessThan(4096);
  }

  @Test
  @DisplayName("C-14: a frame of another page is not taken for the one that was asked for")
  void frameOfAnotherPage() throws Exception {
    try (SqlitePrimary primary = new SqlitePrimary(temp, 4096)) {
      Path file = primary.path(largeSnapshot(primary));
      byte[] bytes = Files.readAllBytes(file);
      LtxFile.Frame frame = LtxReader.decode(bytes).frames().get(100);
      ByteBuffer.wrap(bytes).putInt(frame.offset(), 77);
      Files.write(file, bytes);
      assertReadFails(primary, "101");
    }
  }

  private void assertReadFails(SqlitePrimary primary, String named) throws Exception {
    try (Connection db = Sql.open(primary.replica())) {
      assertThat(Sql.one(db, "SELECT count(*) FROM t WHERE k <= 3")).isEqualTo("3");
      assertThat(Sql.failure(db, "SELECT sum(length(v)) FROM t")).contains("malformed");
      assertThat(Sql.one(db, "SELECT litestream_last_error()")).contains(named, ".ltx");
      assertThat(Sql.one(db, "SELECT count(*) FROM t WHERE k <= 3")).isEqualTo("3");
      primary.snapshot();
      try (Connection other = Sql.plain(temp.resolve("other.db"))) {
        Sql.run(other, "CREATE TABLE x(y)");
      }
    }
  }
}
