package io.litestream.testkit.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.ltx.LtxFile;
import io.litestream.testkit.ltx.LtxReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FormulaSnapshotTest {

  private static final long HUNDRED_GB = 100_000_000_000L;

  @Test
  void aSmallOneIsWhatLitestreamAndSqliteWouldTake(@TempDir Path temp) throws Exception {
    FormulaDatabase database = FormulaDatabase.ofSize(64 << 20);
    FormulaSnapshot snapshot = FormulaSnapshot.checked(database);
    byte[] bytes = snapshot.read(0, (int) snapshot.size());
    LtxFile file = LtxReader.decode(bytes);
    assertThat(file.pages()).hasSize(database.pages());
    assertThat(file.header().commit()).isEqualTo(database.commit()).isBetween(15_000, 16_384);
    Path restored = temp.resolve("t.db");
    try (OutputStream out = Files.newOutputStream(restored)) {
      for (byte[] page : file.pages().values()) {
        out.write(page);
      }
    }
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + restored)) {
      assertThat(one(db, "PRAGMA integrity_check")).isEqualTo("ok");
      assertThat(one(db, "SELECT count(*) FROM t")).isEqualTo("" + database.rows());
      assertThat(one(db, "SELECT v FROM t WHERE id=4711")).isEqualTo(SampleTable.v(4711, 0));
      assertThat(one(db, "SELECT id FROM t WHERE k=" + database.k(4711))).isEqualTo("4711");
    }
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      int from = random.nextInt(bytes.length);
      int length = random.nextInt(Math.min(20_000, bytes.length - from + 1));
      assertThat(snapshot.read(from, length))
          .isEqualTo(Arrays.copyOfRange(bytes, from, from + length));
    }
  }

  /** Its parts fit together beyond the lock page and beyond 4 GB. */
  @Test
  void aLargeOneHasItsPagesWhereItsIndexSays() {
    FormulaDatabase database = FormulaDatabase.ofSize(HUNDRED_GB);
    FormulaSnapshot snapshot = FormulaSnapshot.unchecked(database);
    assertThat(database.commit() * 4096L).isBetween(HUNDRED_GB * 99 / 100, HUNDRED_GB);
    long size = snapshot.size();
    long indexLength = ByteBuffer.wrap(snapshot.read(size - 24, 8)).getLong();
    long index = size - 24 - indexLength;
    assertThat(snapshot.read(index - 6, 9)).startsWith(0, 0, 0, 0, 0, 0, 1, 100);
    int last = FormulaDatabase.pgno(database.pages() - 1);
    byte[] end = snapshot.read(size - 24 - 64, 64);
    assertThat(end[63]).isZero();
    ByteBuffer frame = ByteBuffer.wrap(snapshot.read(index - 6 - 4124, 10));
    assertThat(frame.getInt()).isEqualTo(last).isEqualTo(database.commit());
    assertThat(frame.getShort()).isEqualTo((short) 1);
    assertThat(frame.getInt()).isEqualTo(4114);
    ByteBuffer beyondLockPage = ByteBuffer.wrap(snapshot.read(100 + 262_144L * 4124, 4));
    assertThat(beyondLockPage.getInt()).isEqualTo(262_146);
  }

  private static String one(Connection db, String sql) throws SQLException {
    try (Statement statement = db.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
