package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.ReplicaState;
import io.litestream.jdbc.internal.ffi.FileInfo;
import io.litestream.jdbc.internal.ffi.NativeException;
import io.litestream.jdbc.internal.ffi.NativeView;
import io.litestream.jdbc.internal.ffi.ViewInfo;
import io.litestream.jdbc.internal.replica.FileTable.Known;
import io.litestream.jdbc.internal.replica.Listings.Round;
import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the published view of one replica at the newest state: the life of a change.
 *
 * <p>A poll asks for exactly the next L0 file by its name; that one request finds the news and
 * brings it. From time to time, and whenever something looks odd, it lists the levels: to get over
 * gaps, to move pages from L0 files to the compacted files that outlive them, and to notice a
 * reset.
 *
 * <p>Not thread-safe: {@link Replica} lets one thread at a time in.
 */
final class Follower {

  /** A burst longer than this is cheaper to take from compacted files. */
  private static final int MAX_RAW_PER_POLL = 64;

  /** Listings again before a hole, or a file that vanished, is believed to be lasting. */
  private static final int RELISTS = 3;

  /** Where readers stand. */
  private record Position(NativeView view, ViewInfo info, @Nullable FileInfo raw) {
    long txid() {
      return info.txid();
    }
  }

  private final Core core;
  private @Nullable Position current;
  private final Listings listings;
  private boolean probing = true;
  private final Doubt doubt = new Doubt();

  /**
   * The first state number of the current lineage, as far as there is evidence. Read by other
   * threads.
   */
  private volatile long epochStart = Long.MAX_VALUE;

  Follower(Core core) {
    this.core = core;
    this.listings = new Listings(core.world());
  }

  /**
   * The lowest state number of the lineage that is followed now: views with a lower one may be of
   * another lineage. Any thread may ask.
   */
  long epoch() {
    return epochStart;
  }

  /**
   * One look at the store: publishes the first view, or what is new.
   *
   * @throws ReplicaException when there is no first view to be had; later only DAMAGED or VANISHED,
   *     after which the published view still stands
   */
  void poll() throws StoreException, ReplicaException {
    Position position = current;
    if (position == null) {
      open();
    } else {
      boolean odd = !followRaw();
      Round due = listings.due();
      if (odd || due != null) {
        listRound(odd || due == null ? Round.ALL : due);
      }
    }
    core.table().reap(core.db(), core.store());
  }

  /** What is published, null before the first state. For whoever may poll. */
  News.@Nullable Known newest() {
    Position position = current;
    if (position == null) {
      return null;
    }
    LtxObject newest = core.table().object(position.view().files()[0]);
    int level = newest == null ? 0 : newest.name().level();
    return new News.Known(
        position.txid(), new ReplicaState(hex(position), position.info().timestamp(), level));
  }

  /** Demands a listing in the next poll. Any thread may ask. */
  void listSoon() {
    listings.demand();
  }

  /** Replaces the published view by another of the same state, if that is still the one. */
  boolean repoint(NativeView same) throws ReplicaException {
    Position position = current;
    if (position == null || position.info().state() != same.info().state()) {
      return false;
    }
    publish(same.share(), position.raw());
    return true;
  }

  void close() {
    if (current != null) {
      current.view().close();
      current = null;
    }
  }

  // ------------------------------------------------------------------------------------------------- the first view

  private void open() throws StoreException, ReplicaException {
    ReplicaException last = null;
    for (int attempt = 1; attempt <= RELISTS; attempt++) {
      core.table().forget(); // what another attempt opened may be of a lineage that has ended
      Catalog catalog = attempt == 1 ? core.listRecent() : core.listAll();
      try (FileTable.Lease lease = core.table().lease()) {
        Plan plan = firstPlan(catalog);
        if (plan.isEmpty()) {
          throw ReplicaException.nothingToOpen(core.store(), catalog);
        }
        if (plan.gap() != null && attempt < RELISTS) {
          continue;
        }
        startEpoch(catalog, plan, core.assembler().build(plan, core::openedTogether));
        return;
      } catch (ReplicaException e) {
        if (e.kind() != ReplicaException.Kind.VANISHED
            && e.kind() != ReplicaException.Kind.LINEAGE) {
          throw e;
        }
        last = e;
      }
    }
    if (last == null) {
      throw new IllegalStateException("no attempt was made");
    }
    throw last;
  }

  /**
   * The plan from nothing. The files of the likely one are opened meanwhile, so that headers which
   * it asks for need no request of their own.
   */
  private Plan firstPlan(Catalog catalog) throws StoreException, ReplicaException {
    Plan likely = new Planner().plan(catalog, Planner.LATEST);
    core.assembler().open(likely.files(), core::openedTogether);
    Plan plan = core.planner().plan(catalog, Planner.LATEST);
    if (!plan.files().equals(likely.files()) && !core.store().listsTags()) {
      core.table().forget(); // nobody would ask whether these and the others belong together
    }
    return plan;
  }

  private void startEpoch(Catalog catalog, Plan plan, NativeView view) throws ReplicaException {
    epochStart = view.info().state();
    doubt.clear();
    keepListed(catalog, view.info().txid());
    publish(view, rawInfo(plan));
    listings.done(catalog, position().txid(), true);
    reportGap(plan.gap());
  }

  /**
   * Keeps a complete listing for travels up to a position, unless level 0, which is listed first,
   * lacks files that came meanwhile and that compacted ones led over.
   */
  private void keepListed(Catalog catalog, long txid) {
    List<LtxObject> raw = catalog.level(0);
    if (!raw.isEmpty() && raw.getLast().name().maxTxid() >= txid) {
      core.listed().set(catalog);
    } else {
      core.listed().forget();
    }
  }

  private @Nullable FileInfo rawInfo(Plan plan) {
    LtxObject last = plan.files().getLast();
    Known known = last.name().level() == 0 ? core.table().find(last) : null;
    return known == null ? null : known.info();
  }

  // ------------------------------------------------------------------------- following by L0 name

  /**
   * Applies the next L0 files, if there are any. False when a listing should look at what is there.
   */
  private boolean followRaw() throws StoreException, ReplicaException {
    for (int i = 0; probing && i < MAX_RAW_PER_POLL; i++) {
      LtxName next = LtxName.raw(position().txid() + 1);
      Fetched head;
      try {
        head = core.probe(next, FileOpener.WHOLE_MAX);
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.DENIED) {
          throw e;
        }
        probing = false; // a store that hides absence behind 403: listings tell what is there
        return false;
      }
      if (head == null) {
        return true;
      }
      if (!applyRaw(head)) {
        return false;
      }
    }
    return probing;
  }

  private boolean applyRaw(Fetched head) throws StoreException, ReplicaException {
    try (FileTable.Lease lease = core.table().lease()) {
      Known raw = core.opener().openProbed(head);
      Position from = position();
      if (belongs(raw, from)) {
        core.table().keep(List.of(raw));
        core.listed().add(raw.object());
        publish(core.db().apply(from.view(), raw.file()), raw.info());
      } else if (raw.info().full()) {
        core.forget();
        core.table().keep(List.of(raw));
        NativeView view = core.db().apply(from.view(), raw.file());
        epochStart = view.info().state();
        publish(view, raw.info());
      } else {
        core.table().discard(List.of(raw));
        replanAfterReset();
        return true;
      }
      core.notices().clear();
      return true;
    } catch (NativeException e) {
      core.notices().report(e.getMessage());
      return false;
    } catch (ReplicaException e) {
      if (e.kind() == ReplicaException.Kind.DAMAGED) {
        core.notices().report(e.getMessage());
      }
      return false;
    }
  }

  /** Whether a file that was fetched by its name alone is of the lineage that is followed. */
  private boolean belongs(Known raw, Position from) throws StoreException {
    boolean asked = false;
    try {
      boolean belongs = chained(from.raw(), raw.info()) || core.evidence().alive(from.view());
      asked = true;
      return belongs;
    } finally {
      if (!asked) {
        core.table().discard(List.of(raw));
      }
    }
  }

  /**
   * Whether {@code next} continues the primary's WAL where {@code last} ended: the same salts, the
   * next offset.
   */
  private static boolean chained(@Nullable FileInfo last, FileInfo next) {
    return last != null
        && last.walOffset() > 0
        && next.walSalt1() == last.walSalt1()
        && next.walSalt2() == last.walSalt2()
        && next.walOffset() == last.walOffset() + last.walSize();
  }

  // ------------------------------------------------------------------------- following by listing

  private void listRound(Round round) throws StoreException, ReplicaException {
    Catalog seen = list(round);
    Catalog news = seen.after(listings.starts());
    try {
      if (news.isEmpty() && used(position()).stream().anyMatch(seen::shows)) {
        listings.done(news, position().txid(), false);
        core.notices().clear();
        return;
      }
      core.listed().add(news);
      boolean moved = advance(news);
      if (!moved && news.maxTxid() > position().txid()) {
        catchUp();
        return;
      }
      rebase(news);
      listings.done(news, position().txid(), false);
      if (moved || news.maxTxid() <= position().txid()) {
        core.notices().clear();
      }
    } catch (ReplicaException e) {
      switch (e.kind()) {
        case LINEAGE -> replanAfterReset();
        case VANISHED -> listSoon();
        default -> throw e;
      }
    }
  }

  private Catalog list(Round round) throws StoreException, ReplicaException {
    return switch (round) {
      case ALL -> core.list(listings.starts());
      case RAW -> core.list(0, listings.startOfRaw());
      case COMPACTED -> core.listFrom(1, listings.starts()[1]);
    };
  }

  /**
   * Applies what leads on from here, and the compacted files that replace L0 files. Demands
   * evidence of the lineage even when there is nothing to apply, so that a reset is noticed.
   *
   * @return whether the TXID moved
   */
  private boolean advance(Catalog catalog) throws StoreException, ReplicaException {
    Position from = position();
    List<LtxObject> objects = new ArrayList<>(Repointing.files(catalog, from.txid(), used(from)));
    objects.addAll(core.extender().extend(catalog, from.txid()).files());
    NativeView view = from.view().share();
    FileInfo raw = from.raw();
    try (FileTable.Lease lease = core.table().lease()) {
      for (Known file : core.assembler().open(objects, o -> core.evidence().alive(from.view()))) {
        if (file.info().maxTxid() > view.info().txid()) {
          raw = file.info().level() == 0 ? file.info() : null;
          if (raw == null) {
            core.listed().forget(); // level 0 may have the TXIDs between, too
          }
        }
        NativeView next = core.db().apply(view, file.file());
        view.close();
        view = next;
      }
      if (!objects.isEmpty()) {
        publish(view.share(), raw);
      }
      return view.info().txid() > from.txid();
    } catch (NativeException e) {
      throw new ReplicaException(ReplicaException.Kind.DAMAGED, e.getMessage(), e);
    } finally {
      view.close();
    }
  }

  /** The files that the position rests on. */
  private List<LtxObject> used(Position position) {
    return LongStream.of(position.view().files())
        .mapToObj(core.table()::object)
        .filter(Objects::nonNull)
        .toList();
  }

  /**
   * Nothing leads on from here, but there are newer files: a gap, or levels that we never looked
   * at.
   */
  private void catchUp() throws StoreException, ReplicaException {
    for (int attempt = 1; attempt <= RELISTS; attempt++) {
      Catalog catalog = core.listAll();
      core.listed().set(catalog);
      if (advance(catalog)) {
        listings.done(catalog, position().txid(), true);
        core.notices().clear();
        return;
      }
      Position from = position(); // which advance may have re-pointed
      Plan plan = core.planner().plan(catalog, Planner.LATEST);
      if (plan.txid() > from.txid()) {
        NativeView view = core.assembler().build(plan, o -> core.evidence().alive(from.view()));
        keepListed(catalog, view.info().txid());
        publish(view, rawInfo(plan));
        listings.done(catalog, position().txid(), true);
        reportGap(plan.gap());
        return;
      }
      if (attempt == RELISTS) {
        listings.done(catalog, position().txid(), true);
        reportGap(core.extender().extend(catalog, from.txid()).gap());
      }
    }
  }

  /**
   * Moves the same state onto a new snapshot: retention deletes the one that it rests on soon
   * after.
   */
  private void rebase(Catalog news) throws StoreException, ReplicaException {
    List<LtxObject> snapshots = news.level(LtxName.SNAPSHOT_LEVEL);
    Position from = position();
    if (snapshots.isEmpty() || snapshots.getLast().name().maxTxid() > from.txid()) {
      return;
    }
    Catalog catalog = core.listAll();
    core.listed().set(catalog);
    Plan plan = core.planner().planExactly(catalog, from.txid());
    if (plan.isEmpty() || !snapshots.getLast().equals(plan.snapshot())) {
      return;
    }
    NativeView view = core.assembler().build(plan, o -> core.evidence().alive(from.view()));
    try {
      view.sameAs(from.view());
      publish(view.share(), from.raw());
    } catch (NativeException e) {
      core.notices().report(e.getMessage());
    } finally {
      view.close();
    }
  }

  // --------------------------------------------------------------------------------------------------------- a reset

  /**
   * No file that the view rests on is left. Plans from what there is, and takes nothing known for
   * granted.
   */
  private void replanAfterReset() throws StoreException, ReplicaException {
    core.forget();
    Position from = position();
    for (int attempt = 1; attempt <= RELISTS; attempt++) {
      Catalog catalog = core.listAll();
      Plan plan = core.planner().plan(catalog, Planner.LATEST);
      if (plan.isEmpty()) {
        listSoon();
        core.notices()
            .report("no restorable files are left; TXID " + hex(from) + " is still served");
        return;
      }
      try {
        NativeView view = core.assembler().build(plan, core::openedTogether);
        if (doubt.about(from.info(), view.info(), catalog, core.world().now())) {
          view.close();
          listSoon();
          return;
        }
        startEpoch(catalog, plan, view);
        return;
      } catch (ReplicaException e) {
        if (e.kind() != ReplicaException.Kind.VANISHED
            && e.kind() != ReplicaException.Kind.LINEAGE) {
          throw e;
        }
      }
    }
    listSoon();
  }

  // ------------------------------------------------------------------------------------------------------- publishing

  private Position position() {
    Position position = current;
    if (position == null) {
      throw new IllegalStateException("no view is published yet");
    }
    return position;
  }

  /** Makes the view, which becomes the follower's, what the next reader gets. */
  private void publish(NativeView view, @Nullable FileInfo raw) throws ReplicaException {
    Position old = current;
    if (old != null) {
      core.hotPages().bring(old.view(), view);
    }
    core.publish(view);
    current = new Position(view, view.info(), raw);
    if (old != null) {
      old.view().close();
    }
    core.retain(view);
  }

  private void reportGap(@Nullable LtxObject beyond) {
    if (beyond == null) {
      core.notices().clear();
    } else {
      core.notices()
          .report(
              "the files after TXID "
                  + hex(position())
                  + " are missing; the next there is "
                  + core.store().describe(beyond.name())
                  + ". The state before the gap is served until they come");
    }
  }

  private static String hex(Position position) {
    return LtxName.hex(position.txid());
  }
}
