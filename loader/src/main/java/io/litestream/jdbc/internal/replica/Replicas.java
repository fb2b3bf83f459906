package io.litestream.jdbc.internal.replica;

import io.litestream.jdbc.LitestreamStats;
import io.litestream.jdbc.LitestreamStats.OpenReplica;
import io.litestream.jdbc.ReplicaState;
import io.litestream.jdbc.internal.config.ReplicaConfig;
import io.litestream.jdbc.internal.config.Target;
import io.litestream.jdbc.internal.ffi.HostException;
import io.litestream.jdbc.internal.ffi.HostUpcalls;
import io.litestream.jdbc.internal.ffi.NativeDb;
import io.litestream.jdbc.internal.ffi.NativeException;
import io.litestream.jdbc.internal.ffi.Opened;
import io.litestream.jdbc.internal.ffi.SqliteCode;
import io.litestream.jdbc.internal.ffi.Travel;
import io.litestream.jdbc.internal.ffi.TravelBy;
import io.litestream.jdbc.internal.store.EarlyListing;
import io.litestream.jdbc.internal.store.Stores;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The replicas that are open in this process. All connections to the same place with the same
 * credentials share one, with its follower, its files and its views.
 */
public final class Replicas {

  /**
   * How long a replica without connections is kept: a pool that reopens one finds it without a
   * request.
   */
  static final Duration LINGER = Duration.ofSeconds(60);

  /** Listings of the states before a replica is taken to change faster than it can be read. */
  private static final int LISTINGS = 3;

  private static final AtomicLong LAST_ID = new AtomicLong();
  private static final Map<Object, Entry> ENTRIES = new HashMap<>();
  private static final PlatformWorld WORLD = new PlatformWorld();

  /** The stores of replicas that are about to be opened. Guarded by ENTRIES. */
  private static final Map<Object, ReplicaStore> EXPECTED = new HashMap<>();

  /** The longest that the end of an application waits for what is under way. */
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private static boolean ending; // guarded by ENTRIES

  private Replicas() {}

  /** One open replica. Guarded by the lock on ENTRIES but for the final fields. */
  private static final class Entry {
    final Object key;
    final Replica replica;
    final Poller poller;
    int connections;
    long unusedSince;
    boolean opened;

    Entry(Object key, Replica replica, Duration pollInterval) {
      this.key = key;
      this.replica = replica;
      this.poller =
          new Poller(
              replica, pollInterval, Poller.IDLE, System::nanoTime, () -> retire(this, LINGER));
    }
  }

  /**
   * What a connection that SQLite opens gets: waits for its first state where nobody has it open
   * yet.
   *
   * @param name the file name in the URI
   * @param parameters the URI's parameters
   * @throws HostException with a text for the user
   */
  public static Opened open(String name, Map<String, String> parameters) throws HostException {
    ReplicaConfig config = configure(name, parameters);
    Entry entry = acquire(config);
    Thread thread = Thread.currentThread();
    BooleanSupplier stopped = () -> Openings.stopped(thread);
    boolean opened = false;
    Openings.begin();
    try {
      awaitFirstView(entry, stopped);
      Opened answer = at(entry.replica, config, stopped);
      opened = true;
      return answer;
    } catch (StoreException e) {
      throw new HostException(SqliteCode.CANTOPEN, ReaderWaits.text(e), e);
    } catch (ReplicaException e) {
      throw new HostException(SqliteCode.CANTOPEN, e.getMessage(), e);
    } catch (World.InterruptedWait e) {
      throw new HostException(SqliteCode.INTERRUPT, "interrupted while opening the replica", e);
    } finally {
      Openings.end();
      if (!opened) {
        release(entry);
        retire(entry, Duration.ZERO);
      }
    }
  }

  private static ReplicaConfig configure(String name, Map<String, String> parameters)
      throws HostException {
    try {
      return ReplicaConfig.parse(name, parameters, System::getenv);
    } catch (IllegalArgumentException e) {
      throw new HostException(SqliteCode.CANTOPEN, String.valueOf(e.getMessage()), e);
    }
  }

  /** What the connection shows from the start. */
  private static Opened at(Replica replica, ReplicaConfig config, BooleanSupplier stopped)
      throws HostException {
    Duration maxStale = config.maxStale().orElse(Duration.ZERO);
    Target target = config.target().orElse(null);
    if (target == null) {
      return new Opened(replica.db(), null, Instant.EPOCH, maxStale, replica.streamed());
    }
    TravelBy by =
        switch (target.kind()) {
          case TIME -> TravelBy.TIME;
          case TXID -> TravelBy.TXID;
        };
    Travel home = replica.travel(stopped::getAsBoolean, by, target.text());
    return new Opened(replica.db(), home.view(), home.target(), maxStale, replica.streamed());
  }

  private static Entry acquire(ReplicaConfig config) throws HostException {
    CacheBudget.set(config.cacheBytes());
    synchronized (ENTRIES) {
      Entry entry = ENTRIES.get(config.url());
      if (entry == null) {
        try {
          entry = create(config);
        } catch (IllegalArgumentException | NativeException e) {
          throw new HostException(SqliteCode.CANTOPEN, String.valueOf(e.getMessage()), e);
        }
        ENTRIES.put(entry.key, entry);
      }
      entry.connections++;
      if (ending) {
        ending = false;
        WORLD.resume();
      }
      return entry;
    }
  }

  private static Entry create(ReplicaConfig config) throws NativeException {
    ReplicaStore expected = EXPECTED.remove(config.url());
    ReplicaStore store = expected != null ? expected : store(config);
    long id = LAST_ID.incrementAndGet();
    ReplicaSettings settings =
        new ReplicaSettings(
            config.pollInterval(),
            config.openTimeout(),
            config.requestTimeout(),
            config.hydration());
    NativeDb db = NativeDb.open(id, store.describe());
    Replica replica = new Replica(db, store, WORLD, settings, new Planner());
    Entry entry = new Entry(config.url(), replica, config.pollInterval());
    replica.listen(entry.poller::wake, () -> release(entry));
    HostUpcalls.register(id, new RecordedHost(replica));
    return entry;
  }

  private static ReplicaStore store(ReplicaConfig config) {
    return Stores.open(config.url(), config.hedging() ? WORLD::later : null);
  }

  /**
   * Begins to list a replica that this thread is about to open, unless that has been done.
   *
   * @return to be run after the open, well or not
   */
  public static Runnable expect(ReplicaConfig config) {
    synchronized (ENTRIES) {
      if (ENTRIES.containsKey(config.url()) || EXPECTED.containsKey(config.url())) {
        return () -> {};
      }
      try {
        ReplicaStore early = new EarlyListing(store(config), WORLD::later, config.requestTimeout());
        EXPECTED.put(config.url(), early);
        return () -> forget(config.url(), early);
      } catch (IllegalArgumentException e) {
        return () -> {}; // the open says so
      }
    }
  }

  private static void forget(Object key, ReplicaStore expected) {
    synchronized (ENTRIES) {
      if (!EXPECTED.remove(key, expected)) {
        return; // a replica has it
      }
    }
    WORLD.later(expected::close); // a hanging request may hold it up
  }

  /**
   * The newest states that the replica at a URL offers, ascending.
   *
   * @throws IllegalArgumentException when the URL is none
   */
  public static List<ReplicaState> states(String url, int limit)
      throws StoreException, ReplicaException {
    ReplicaConfig config = ReplicaConfig.parse("", Map.of("replica_url", url), System::getenv);
    try (ReplicaStore store = Stores.open(config.url(), null)) {
      History history =
          new History(
              store,
              WORLD,
              new Headers(store, new FileTable(), config.requestTimeout()),
              config.requestTimeout());
      for (int attempt = 1; ; attempt++) {
        try {
          return history.newest(limit);
        } catch (ReplicaException e) {
          if (e.kind() != ReplicaException.Kind.VANISHED || attempt == LISTINGS) {
            throw e;
          }
        }
      }
    }
  }

  private static void awaitFirstView(Entry entry, BooleanSupplier stopped)
      throws StoreException, ReplicaException, World.InterruptedWait {
    synchronized (ENTRIES) {
      if (entry.opened) {
        return; // a further connection costs no request
      }
    }
    Replica replica = entry.replica;
    WORLD.await(
        replica.place(),
        () -> {
          replica.open();
          return Boolean.TRUE;
        },
        replica.openTimeout().plus(Replica.GRACE),
        stopped);
    synchronized (ENTRIES) {
      if (!entry.opened) {
        entry.opened = true;
        entry.poller.start();
      }
    }
  }

  /** What all replicas have done so far, and where those stand that are open. */
  public static LitestreamStats stats() {
    List<OpenReplica> open = new ArrayList<>();
    synchronized (ENTRIES) {
      for (Entry entry : ENTRIES.values()) {
        open.add(entry.replica.status(entry.connections));
      }
    }
    return Statistics.of(open, LAST_ID.get() > 0);
  }

  /** The replica with that id, null when it is closed. */
  public static @Nullable Replica byId(long dbId) {
    synchronized (ENTRIES) {
      for (Entry entry : ENTRIES.values()) {
        if (entry.replica.db().id() == dbId) {
          return entry.replica;
        }
      }
      return null;
    }
  }

  /** Threads for what users are told, which no wait of theirs may hold up. */
  public static Executor threads() {
    return WORLD::later;
  }

  private static void release(Entry entry) {
    boolean last;
    synchronized (ENTRIES) {
      entry.connections--;
      entry.unusedSince = System.nanoTime();
      last = ending;
    }
    if (last) {
      retire(entry, Duration.ZERO);
    }
  }

  /** Closes a replica that has had no connection for so long. Returns whether it is closed. */
  private static boolean retire(Entry entry, Duration unused) {
    synchronized (ENTRIES) {
      boolean inUse =
          entry.connections > 0 || System.nanoTime() - entry.unusedSince < unused.toNanos();
      if (inUse || !ENTRIES.remove(entry.key, entry)) {
        return false;
      }
    }
    HostUpcalls.unregister(entry.replica.db().id());
    entry.poller.end();
    WORLD.later(entry.replica::close); // a hanging request may hold it up
    return true;
  }

  /**
   * Closes all replicas without connections now, without lingering. For tests and for leak checks.
   */
  public static void retireUnused() {
    for (Entry entry : all()) {
      retire(entry, Duration.ZERO);
    }
  }

  /**
   * The application ends, and its class loader with it: closes what has no connection, and from now
   * on what loses its last one. Waits, within limits, until no thread needs a class any more.
   * Opening a replica again is possible.
   */
  public static void end() {
    List<Entry> all = all();
    synchronized (ENTRIES) {
      ending = true;
    }
    for (Entry entry : all) {
      if (retire(entry, Duration.ZERO)) {
        entry.poller.join(FAREWELL);
      }
    }
    WORLD.rest(FAREWELL);
  }

  private static List<Entry> all() {
    synchronized (ENTRIES) {
      return List.copyOf(ENTRIES.values());
    }
  }
}
