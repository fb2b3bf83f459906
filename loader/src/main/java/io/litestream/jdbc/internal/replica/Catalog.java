package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.store.ListPage;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of each level, as one round of listings found them.
 *
 * <p>A listing round is not atomic: a compaction or a deletion may happen between two levels. The
 * levels are started in ascending order, so that what moves up meanwhile is seen twice rather than
 * never; and whoever plans with a catalog copes with files that are gone.
 *
 * @param levels ten lists, index = level, each ascending by name
 * @param floors ten TXIDs, index = level: files that begin at it or below may be left out; 0 where
 *     the level is whole
 */
record Catalog(List<List<LtxObject>> levels, List<Long> floors) {

  private static final List<Long> WHOLE = Collections.nCopies(LtxName.LEVELS, 0L);

  /** One of whole levels. */
  Catalog(List<List<LtxObject>> levels) {
    this(levels, WHOLE);
  }

  /** Lists everything. */
  static Catalog listAll(ReplicaStore store, World world, Duration timeout)
      throws StoreException, ReplicaException {
    return list(store, world, timeout, new LtxName[LtxName.LEVELS]);
  }

  /** Lists each level after {@code after[level]} (null: from its start). */
  static Catalog list(ReplicaStore store, World world, Duration timeout, @Nullable LtxName[] after)
      throws StoreException, ReplicaException {
    List<World.StoreCall<List<LtxObject>>> calls = new ArrayList<>();
    for (int level = 0; level < LtxName.LEVELS; level++) {
      int l = level;
      LtxName start = after[level];
      calls.add(() -> store.list(l, start, timeout));
    }
    return new Catalog(world.all(calls));
  }

  /**
   * Lists what leads to the newest state: of a level that takes more than one request only the
   * files that reach beyond those of the levels above it, which compaction made of them.
   */
  static Catalog listRecent(ReplicaStore store, World world, Duration timeout)
      throws StoreException, ReplicaException {
    List<World.StoreCall<ListPage>> first = new ArrayList<>();
    for (int level = 0; level < LtxName.LEVELS; level++) {
      int l = level;
      first.add(() -> store.listPage(l, null, timeout));
    }
    List<ListPage> pages = world.all(first);
    if (pages.stream().allMatch(ListPage::last)) {
      return new Catalog(pages.stream().map(ListPage::files).toList());
    }
    List<World.StoreCall<List<LtxObject>>> rest = new ArrayList<>();
    List<Long> floors = new ArrayList<>();
    for (int level = 0; level < LtxName.LEVELS; level++) {
      List<LtxObject> begin = pages.get(level).files();
      LtxName after = pages.get(level).last() ? null : farthest(pages, level);
      boolean leap =
          after != null && !begin.isEmpty() && begin.getLast().name().compareTo(after) < 0;
      LtxName from = leap ? after : begin.isEmpty() ? null : begin.getLast().name();
      int l = level;
      rest.add(
          pages.get(level).last()
              ? () -> begin
              : () -> joined(leap ? List.of() : begin, store.list(l, from, timeout)));
      floors.add(leap ? Objects.requireNonNull(after).minTxid() : 0L);
    }
    return new Catalog(world.all(rest), floors);
  }

  /**
   * Where a level that is too long goes on from the file above it that reaches farthest; null where
   * there is none. Snapshots do not count: one that is ahead of its name is planned without.
   */
  private static @Nullable LtxName farthest(List<ListPage> pages, int level) {
    LtxName farthest = null;
    for (int above = level + 1; above < LtxName.SNAPSHOT_LEVEL; above++) {
      ListPage page = pages.get(above);
      if (page.last() && !page.files().isEmpty()) {
        LtxName last = page.files().getLast().name();
        farthest = farthest == null || last.maxTxid() > farthest.maxTxid() ? last : farthest;
      }
    }
    return farthest == null ? null : new LtxName(level, farthest.minTxid(), farthest.minTxid());
  }

  private static List<LtxObject> joined(List<LtxObject> begin, List<LtxObject> rest) {
    return Stream.concat(begin.stream(), rest.stream()).toList();
  }

  /** Lists the levels from {@code level} on, in one request where the store can. */
  static Catalog listFrom(ReplicaStore store, int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    List<List<LtxObject>> levels = new ArrayList<>(Collections.nCopies(level, List.of()));
    levels.addAll(store.listFrom(level, after, timeout));
    return new Catalog(levels);
  }

  /** The files of one level, and none of the others. */
  static Catalog ofLevel(int level, List<LtxObject> files) {
    List<List<LtxObject>> levels =
        new ArrayList<>(Collections.nCopies(LtxName.LEVELS, List.<LtxObject>of()));
    levels.set(level, files);
    return new Catalog(levels);
  }

  List<LtxObject> level(int level) {
    return levels.get(level);
  }

  /** Below which TXID files of a level may be left out. */
  long floor(int level) {
    return floors.get(level);
  }

  boolean isEmpty() {
    return levels.stream().allMatch(List::isEmpty);
  }

  /** The highest TXID that any file reaches, 0 when there is none. */
  long maxTxid() {
    return levels.stream().flatMap(List::stream).mapToLong(o -> o.name().maxTxid()).max().orElse(0);
  }

  /** Whether it lists an object with this name, size and tag. */
  boolean shows(LtxObject object) {
    return object.tag() != null
        && level(object.name().level()).stream()
            .anyMatch(
                o ->
                    o.name().equals(object.name())
                        && o.size() == object.size()
                        && object.tag().equals(o.tag()));
  }

  /** This catalog without the files that fail the test. */
  Catalog filter(Predicate<LtxObject> keep) {
    return with(levels.stream().map(files -> files.stream().filter(keep).toList()).toList());
  }

  /** Other files, of levels that are as whole as these. */
  Catalog with(List<List<LtxObject>> files) {
    return new Catalog(files, floors);
  }

  /** Without the files up to {@code after[level]} (null: with all) of each level. */
  Catalog after(@Nullable LtxName[] after) {
    return filter(
        o -> {
          LtxName start = after[o.name().level()];
          return start == null || o.name().compareTo(start) > 0;
        });
  }

  /** These files and others, which win where both have the name. */
  Catalog plus(Catalog others) {
    List<List<LtxObject>> all = new ArrayList<>();
    for (int level = 0; level < LtxName.LEVELS; level++) {
      all.add(merged(level(level), others.level(level)));
    }
    return with(all);
  }

  private static List<LtxObject> merged(List<LtxObject> files, List<LtxObject> others) {
    if (others.isEmpty()) {
      return files;
    }
    TreeMap<LtxName, LtxObject> byName = new TreeMap<>();
    files.forEach(o -> byName.put(o.name(), o));
    others.forEach(o -> byName.put(o.name(), o));
    return List.copyOf(byName.values());
  }
}
