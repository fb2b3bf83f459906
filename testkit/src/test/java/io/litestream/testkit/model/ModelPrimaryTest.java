package io.litestream.testkit.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.ltx.LtxFile;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.LtxReader;
import io.litestream.testkit.ltx.PageEncoding;
import io.litestream.testkit.ltx.ReferenceRestore;
import io.litestream.testkit.ltx.ReferenceRestore.Database;
import io.litestream.testkit.ltx.RestorePlan;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelPrimaryTest {

  private static final ModelConfig CALM = ModelConfig.usual().withPageSizes(512);

  @Test
  void whatTheStoreLeadsToIsAlwaysAState() throws Exception {
    Set<Step> taken = EnumSet.noneOf(Step.class);
    for (int seed = 0; seed < 30; seed++) {
      ModelPrimary primary =
          new ModelPrimary(seed, ModelConfig.usual().withSnapshotsAhead(seed % 2 == 1));
      for (int i = 0; i < 400; i++) {
        taken.add(primary.step());
        if (i % 9 == 0) {
          checkReachable(primary, seed);
        }
      }
    }
    assertThat(taken).containsExactlyInAnyOrder(Step.values());
  }

  private static void checkReachable(ModelPrimary primary, int seed) throws Exception {
    List<StoredObject> plan = RestorePlan.reachable(primary.store().list());
    ModelPrimary.Reachable reachable = primary.reachable();
    if (plan.isEmpty()) {
      assertThat(reachable).isNull();
      return;
    }
    State state = requireNonNull(reachable).state();
    // A reset in its course can leave files that do not join; restoring them fails, and so may
    // this.
    if (primary.writable() && reachable.exact()) {
      Database database = restore(primary).overlay(plan).orElseThrow();
      assertThat(database.txid()).isEqualTo(state.txid());
      assertThat(database.image()).as("seed %d, %s", seed, state).isEqualTo(state.image());
    }
  }

  @Test
  void everyObjectHoldsTheStateThatItsNameSays() {
    for (int seed = 100; seed < 110; seed++) {
      ModelPrimary primary = new ModelPrimary(seed, ModelConfig.usual());
      for (int i = 0; i < 300; i++) {
        primary.step();
      }
      for (StoredObject o : primary.store().list()) {
        LtxFile file = LtxReader.decode(o.bytes());
        State state = requireNonNull(primary.state(o.state().lineage(), o.key().maxTxid()));
        assertThat(file.header().minTxid()).isEqualTo(o.key().minTxid());
        assertThat(file.header().maxTxid()).isEqualTo(o.key().maxTxid());
        assertThat(file.header().commit()).isEqualTo(state.commit());
        assertThat(file.header().timestampMs())
            .isEqualTo(o.createdMs())
            .isLessThanOrEqualTo(o.modifiedMs());
        assertThat(o.tag()).isEqualTo(Long.toHexString(file.checksum()));
        file.pages()
            .forEach(
                (p, bytes) -> {
                  assertThat(state.holds(p, bytes, 0)).isTrue();
                  assertThat(requireNonNull(primary.history().writerOf(p, bytes, 0)).txid())
                      .isLessThanOrEqualTo(state.txid());
                });
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameBytes() {
    ModelPrimary one = new ModelPrimary(7, ModelConfig.usual());
    ModelPrimary other = new ModelPrimary(7, ModelConfig.usual());
    for (int i = 0; i < 500; i++) {
      assertThat(one.step()).isEqualTo(other.step());
    }
    List<StoredObject> objects = one.store().list();
    assertThat(objects).hasSameSizeAs(other.store().list());
    for (StoredObject o : objects) {
      assertThat(requireNonNull(other.store().get(o.key())).bytes()).isEqualTo(o.bytes());
    }
  }

  @Test
  void sqliteReadsEveryState(@TempDir Path dir) throws Exception {
    ModelPrimary primary = new ModelPrimary(3, ModelConfig.usual().withPageSizes(512, 65536));
    for (int i = 0; i < 60; i++) {
      primary.step();
    }
    State state = requireNonNull(primary.newest());
    Path file = dir.resolve("state.db");
    new Database(state.txid(), 0, state.pageSize(), state.image()).write(file);
    try (var c = DriverManager.getConnection("jdbc:sqlite:file:" + file + "?immutable=1");
        var rows = c.createStatement().executeQuery("select count(*) from sqlite_schema")) {
      assertThat(rows.getInt(1)).isZero();
      assertThat(c.createStatement().executeQuery("pragma page_count").getInt(1))
          .isEqualTo(state.commit());
      assertThat(c.createStatement().executeQuery("pragma schema_version").getInt(1))
          .isEqualTo(state.schemaCookie());
    }
  }

  @Test
  void shrinkAndRegrowthInOneCompaction() throws Exception {
    ModelPrimary primary = began(30);
    primary.startCompaction(1);
    primary.writeCompaction(1);
    primary.shrink(20);
    primary.grow(25);
    primary.startCompaction(1);
    primary.writeCompaction(1);
    StoredObject merged = requireNonNull(primary.store().get(new LtxKey(1, 2, 3)));
    assertThat(LtxReader.decode(merged.bytes()).header().commit()).isEqualTo(35);
    assertThat(restore(primary).latest().orElseThrow().image())
        .isEqualTo(requireNonNull(primary.newest()).image());
  }

  @Test
  void compactionDoesNotTakeWhatCameAfterItsStart() {
    ModelPrimary primary = began(3);
    assertThat(primary.startCompaction(1)).isTrue();
    primary.sync(1);
    assertThat(primary.writeCompaction(1)).isTrue();
    assertThat(primary.store().get(new LtxKey(1, 1, 1))).isNotNull();
    assertThat(primary.startCompaction(2)).isTrue();
    assertThat(primary.writeCompaction(2)).isTrue();
    assertThat(primary.startCompaction(2)).isFalse();
  }

  @Test
  void gapIsHealedByTheUploadThatWasHeldBack() {
    ModelPrimary primary = began(3);
    primary.holdBack();
    primary.sync(1);
    assertThat(primary.gap()).isTrue();
    assertThat(requireNonNull(primary.reachable()).state().txid()).isEqualTo(1);
    primary.startCompaction(1);
    assertThat(primary.writeCompaction(1)).as("level 1 waits for the missing file").isFalse();
    assertThat(primary.repair()).isTrue();
    assertThat(requireNonNull(primary.reachable()).state()).isSameAs(primary.newest());
  }

  @Test
  void fullCopyHasAllPagesNewSaltsAndTheFirstOffset() {
    ModelPrimary primary = began(9);
    State state = requireNonNull(primary.fullCopy());
    LtxFile first = raw(primary, 1);
    LtxFile copy = raw(primary, 2);
    assertThat(copy.pages()).hasSize(9);
    assertThat(copy.header().walOffset()).isEqualTo(32);
    assertThat(copy.header().walSalt2()).isNotEqualTo(first.header().walSalt2());
    primary.sync(1);
    assertThat(raw(primary, 3).header().walOffset())
        .isEqualTo(copy.header().walOffset() + copy.header().walSize());
    assertThat(state.commit()).isEqualTo(9);
  }

  @Test
  void snapshotsSayByTheirSaltsWhetherTheyAreExact() {
    ModelPrimary primary = began(5);
    primary.startSnapshot();
    primary.sync(2);
    primary.writeSnapshot(false);
    assertThat(walEnd(primary, new LtxKey(9, 1, 1)))
        .isEqualTo(walEnd(primary, new LtxKey(0, 1, 1)));
    primary.startSnapshot();
    primary.grow(2);
    primary.writeSnapshot(true);
    StoredObject ahead = requireNonNull(primary.store().get(new LtxKey(9, 1, 2)));
    assertThat(ahead.aheadOfName()).isTrue();
    assertThat(ahead.encoding()).isEqualTo(PageEncoding.STORED_FRAME);
    assertThat(LtxReader.decode(ahead.bytes()).header().commit()).isEqualTo(7);
    assertThat(walEnd(primary, ahead.key())).isNotEqualTo(walEnd(primary, new LtxKey(0, 2, 2)));
  }

  @Test
  void restoredPrimaryGoesOnWithTheNextTxidAndTheSameCookie() {
    ModelPrimary primary = began(5);
    primary.ddl();
    primary.grow(4);
    State state = requireNonNull(primary.restoreOlder(1, true));
    assertThat(state.txid()).isEqualTo(4);
    assertThat(state.commit()).isEqualTo(5);
    assertThat(state.schemaCookie()).isEqualTo(requireNonNull(primary.state(0, 3)).schemaCookie());
    assertThat(raw(primary, 4).pages()).hasSize(5);
  }

  @Test
  void resetDeletesOneByOneAndBeginsAgain() {
    ModelPrimary primary = began(5);
    primary.sync(1);
    int cookie = requireNonNull(primary.newest()).schemaCookie();
    assertThat(primary.beginReset()).isTrue();
    assertThat(primary.sync(1)).isNull();
    assertThat(primary.delete()).isTrue();
    assertThat(primary.store().size()).isEqualTo(1);
    assertThat(primary.delete()).isTrue();
    assertThat(primary.delete()).isFalse();
    State state = primary.beginLineage(1024, 3, true);
    assertThat(state.lineage()).isEqualTo(1);
    assertThat(state.txid()).isEqualTo(1);
    assertThat(state.schemaCookie()).isEqualTo(cookie);
    assertThat(state.page(1)).isNotEqualTo(requireNonNull(primary.state(0, 1)).page(1));
  }

  @Test
  void retentionKeepsWhatLitestreamKeeps() {
    ModelPrimary primary = began(5);
    for (int i = 0; i < 4; i++) {
      primary.sync(1);
      primary.startSnapshot();
      primary.writeSnapshot(false);
      primary.startCompaction(1);
      primary.writeCompaction(1);
    }
    assertThat(primary.retainRaw()).as("too young").isFalse();
    primary.advance(60_000);
    primary.sync(1);
    assertThat(primary.retainRaw()).isTrue();
    assertThat(primary.retainSnapshots()).isTrue();
    int before = primary.store().size();
    assertThat(primary.delete()).isTrue();
    assertThat(primary.store().size()).isEqualTo(before - 1);
    while (primary.delete()) {}
    assertThat(keys(primary, 0)).containsExactly(new LtxKey(0, 6, 6));
    assertThat(keys(primary, 9)).containsExactly(new LtxKey(9, 1, 5));
    assertThat(keys(primary, 1)).containsExactly(new LtxKey(1, 4, 4), new LtxKey(1, 5, 5));
  }

  @Test
  void replacedObjectHasOtherBytesAndTheSamePages() {
    ModelPrimary primary = began(5);
    StoredObject before = requireNonNull(primary.store().get(new LtxKey(0, 1, 1)));
    primary.replace(before.key());
    StoredObject after = requireNonNull(primary.store().get(before.key()));
    assertThat(after.tag()).isNotEqualTo(before.tag());
    LtxReader.decode(after.bytes())
        .pages()
        .forEach((p, bytes) -> assertThat(before.state().holds(p, bytes, 0)).isTrue());
  }

  @Test
  void listingTimesAreRoundedUp() {
    ModelPrimary primary = new ModelPrimary(1, CALM.withClock(10, 1000));
    primary.advance(1);
    primary.beginLineage(512, 3, false);
    StoredObject o = primary.store().list(0, null).getFirst();
    assertThat(o.createdMs()).isEqualTo(ModelPrimary.START_MS + 1);
    assertThat(o.modifiedMs()).isEqualTo(ModelPrimary.START_MS + 1000);
    primary.sync(1);
    assertThat(primary.store().list(0, o.key())).hasSize(1);
  }

  @Test
  void pageOneIsTheSameToAVfsThatRewritesItsCounters() {
    State state = requireNonNull(began(4).newest());
    byte[] page = state.page(1);
    page[18] = page[19] = 1;
    page[27]++;
    page[43]++;
    page[95]++;
    assertThat(state.holds(1, page, 0)).isFalse();
    assertThat(state.shows(1, page, 0)).isTrue();
    page[200]++;
    assertThat(state.shows(1, page, 0)).isFalse();
  }

  private static ModelPrimary began(int commit) {
    ModelPrimary primary = new ModelPrimary(1, CALM);
    primary.beginLineage(512, commit, false);
    return primary;
  }

  private static LtxFile raw(ModelPrimary primary, long txid) {
    return LtxReader.decode(requireNonNull(primary.store().get(new LtxKey(0, txid, txid))).bytes());
  }

  private static long walEnd(ModelPrimary primary, LtxKey key) {
    var header = LtxReader.decode(requireNonNull(primary.store().get(key)).bytes()).header();
    return header.walOffset() + header.walSize();
  }

  private static List<LtxKey> keys(ModelPrimary primary, int level) {
    return primary.store().list(level, null).stream().map(StoredObject::key).toList();
  }

  private static ReferenceRestore<StoredObject> restore(ModelPrimary primary) {
    return new ReferenceRestore<>(
        new ReferenceRestore.Source<>() {
          @Override
          public List<StoredObject> list() {
            return primary.store().list();
          }

          @Override
          public byte[] read(StoredObject object) {
            return object.bytes();
          }
        });
  }
}
