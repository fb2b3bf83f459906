package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.store.LtxName;
import io.litestream.testkit.fixture.Expected;
import io.litestream.testkit.fixture.Fixture;
import io.litestream.testkit.fixture.RowDigest;
import io.litestream.testkit.ltx.LtxKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Replicas that real Litestream wrote, on the file store: every state there is, and no other. */
@ExtendWith(LeakCheck.class)
class FixturesTest {

  /** The replicas stand still; polls would only slow the tests down. */
  static final String NO_POLLS = "poll_interval=1h";

  @TempDir Path temp;

  static List<Fixture> fixtures() {
    return Fixture.all();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void latest(Fixture fixture) throws IOException, SQLException {
    try (Connection db = Sql.open(fixture.unpack(temp), NO_POLLS)) {
      assertShows(db, fixture.expected().latest());
      assertThat(RowDigest.integrity(db)).isEqualTo("ok");
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void everyInstant(Fixture fixture) throws IOException, SQLException {
    try (Connection db = Sql.open(fixture.unpack(temp), NO_POLLS)) {
      assertEveryInstant(db, fixture.expected());
    }
  }

  /** A replica that ends at the TXID: what Litestream had written by then, as far as it is kept. */
  @ParameterizedTest
  @MethodSource("fixtures")
  void everyTxid(Fixture fixture) throws IOException, SQLException {
    fixture.unpack(temp);
    for (Expected.Shown state : fixture.expected().states()) {
      boolean ends = fixture.list().stream().anyMatch(file -> file.key().maxTxid() == state.txid());
      assertThat(ends || !state.available()).as("a file ends at TXID %x", state.txid()).isTrue();
      if (state.available()) {
        try (Connection db = Sql.open(linked(fixture, state.txid()), NO_POLLS)) {
          assertShows(db, state);
          assertThat(RowDigest.integrity(db)).as("TXID %x", state.txid()).isEqualTo("ok");
        }
      } else if (ends) {
        assertNotServed(linked(fixture, state.txid()), state.txid());
      }
    }
  }

  /** What the list of states names can be travelled to, and nothing else can. */
  @ParameterizedTest
  @MethodSource("fixtures")
  @DisplayName("C-47: travel by TXID reaches exactly the states that litestream_history lists")
  void everyTxidByTravel(Fixture fixture) throws IOException, SQLException {
    try (Connection db = Sql.open(fixture.unpack(temp), NO_POLLS)) {
      List<String> listed = Sql.column(db, "SELECT txid FROM litestream_history");
      assertThat(listed).isSortedAccordingTo(Comparator.reverseOrder()).isNotEmpty();
      for (Expected.Shown state : fixture.expected().states()) {
        String txid = LtxName.hex(state.txid());
        String travel = "PRAGMA litestream_txid='" + txid + "'";
        if (listed.contains(txid)) {
          Sql.run(db, travel);
          assertThat(RowDigest.integrity(db)).as("TXID %s", txid).isEqualTo("ok");
          assertRefusedOnlyByRestore(db, state);
        } else {
          assertThat(state.available()).as("TXID %s", txid).isFalse();
          assertThat(Sql.failure(db, travel)).contains("no state with TXID " + txid, "nearest");
        }
      }
    }
  }

  static void assertEveryInstant(Connection db, Expected expected) throws SQLException {
    for (Expected.Moment moment : expected.times()) {
      long txid = moment.shown().txid();
      if (txid == 0) {
        assertThat(Sql.failure(db, "PRAGMA litestream_time='" + moment.at() + "'"))
            .contains("no state before " + moment.at(), "the first one is of ");
        continue;
      }
      Sql.travel(db, moment.at().toString());
      assertThat(RowDigest.integrity(db)).as("at %s", moment.at()).isEqualTo("ok");
      if (moment.shown().available()) {
        assertShows(db, moment.shown());
      } else {
        assertRefusedOnlyByRestore(db, expected.states().get((int) txid - 1));
      }
    }
    Sql.travel(db, "LATEST");
    assertShows(db, expected.latest());
  }

  /** Restoring by time may refuse what the files' own times lead to; it is right all the same. */
  private static void assertRefusedOnlyByRestore(Connection db, Expected.Shown state)
      throws SQLException {
    if (state.available()) {
      assertShows(db, state);
    } else {
      assertThat(Sql.txid(db)).isEqualTo(state.txid());
    }
  }

  static void assertShows(Connection db, Expected.Shown shown) throws SQLException {
    assertThat(Sql.txid(db)).isEqualTo(shown.txid());
    RowDigest found = RowDigest.of(db);
    assertThat(shown.allows(found.sha256())).as("TXID %x: %s", shown.txid(), found).isTrue();
    assertThat(found.pages()).as("pages at TXID %x", shown.txid()).isEqualTo(shown.pages());
    assertThat(found.pageSize()).isEqualTo(shown.pageSize());
    if (shown.exact() == null) {
      assertThat(found.rows()).isEqualTo(shown.rows());
    }
  }

  private static void assertNotServed(Path replica, long txid) {
    try (Connection db = Sql.open(replica, "open_timeout=1ms", NO_POLLS)) {
      assertThat(Sql.txid(db)).isLessThan(txid);
    } catch (SQLException e) {
      assertThat(e.getMessage()).contains(replica.toString());
    }
  }

  /** The fixture's files up to a TXID, by hard links, which keep their modification times. */
  private Path linked(Fixture fixture, long txid) throws IOException {
    Path cut = temp.resolve("until-" + Long.toHexString(txid));
    for (Expected.File file : fixture.expected().files()) {
      LtxKey key = file.key();
      if (key.maxTxid() <= txid) {
        Path link = cut.resolve(fixture.path(key));
        Files.createDirectories(link.getParent());
        Files.createLink(link, temp.resolve(fixture.path(key)));
      }
    }
    Files.createDirectories(cut.resolve(fixture.expected().prefix()));
    return cut.resolve(fixture.expected().prefix());
  }
}
