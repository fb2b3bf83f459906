package io.litestream.jdbc.internal.replica.sim;

import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.ffi.NativeStats;
import io.litestream.jdbc.internal.replica.sim.SimFailure.Kind;
import io.litestream.testkit.model.ModelConfig;
import io.litestream.testkit.model.ModelPrimary;
import io.litestream.testkit.model.State;
import io.litestream.testkit.model.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/** One run: one primary, a few processes that read its replica, a schedule drawn from the seed. */
final class Simulation {

  /** Transactions of a run: enough for a few resets, few enough that a failure is soon replayed. */
  static final int TRANSACTIONS = 2000;

  /**
   * Polls within which the newest state is seen once faults have stopped: one in 15 lists the
   * levels, and while the store rests that listing, or one of the next few where files had
   * vanished, leads to the end.
   */
  static final int CATCH_UP_POLLS = 25;

  private static final long AMPLE_CACHE = 256L << 20;
  private static final int MOST_PROCESSES = 3;
  private static final int MOST_READERS = 4;

  private final Defect defect;
  private final SplittableRandom random;
  private final Surroundings around;
  private final Oracle oracle;
  private final TimeTrip timeTrips;
  private final TxidTrip txidTrips;
  private final Interludes interludes;
  private final List<SimProcess> processes = new ArrayList<>();
  private final int processCount;
  private boolean cacheless;

  Simulation(long seed, Defect defect, boolean tracing) {
    this.defect = defect;
    SplittableRandom root = new SplittableRandom(seed);
    ModelPrimary primary = new ModelPrimary(root.nextLong(), config(root));
    this.around = new Surroundings(primary, root.split(), tracing);
    this.random = root.split();
    this.oracle = new Oracle(primary.history(), around.counters);
    this.timeTrips = new TimeTrip(around);
    this.txidTrips = new TxidTrip(around);
    this.interludes = new Interludes(around, processes);
    around.interlude(interludes::perhaps);
    this.processCount = 1 + random.nextInt(MOST_PROCESSES);
  }

  private static ModelConfig config(SplittableRandom random) {
    ModelConfig config =
        ModelConfig.usual()
            .withMaxPages(4 + random.nextInt(57))
            .withCompactionLevels(1 + random.nextInt(5))
            .withRetention(200 + random.nextInt(4000), 2000 + random.nextInt(20_000))
            .withClock(1 + random.nextInt(300), random.nextInt(3) == 0 ? 1000 : 1)
            .withSnapshotsAhead(random.nextInt(6) == 0)
            .withWeight(Step.DELETE, 500)
            .withWeight(Step.RETAIN_RAW, 80)
            .withWeight(Step.RETAIN_SNAPSHOTS, 30)
            .withWeight(Step.SNAPSHOT_START, 40)
            .withWeight(Step.SNAPSHOT_WRITE, 40);
    return random.nextInt(60) == 0 ? config.withPageSizes(8192, 512).withMaxPages(60) : config;
  }

  Counters counters() {
    return around.counters;
  }

  /** The last lines of the trace; empty without tracing. */
  List<String> trace() {
    return around.trace();
  }

  /**
   * Runs to the end.
   *
   * @throws SimFailure when a reader was let down
   */
  void run() {
    dropCache();
    try {
      around.steps(20 + random.nextInt(100));
      while (around.counters.transactions < TRANSACTIONS) {
        act();
        interludes.check();
      }
      settle();
      interludes.check();
    } catch (SimFailure e) {
      throw e;
    } catch (RuntimeException | Error e) {
      interludes.check();
      throw new SimFailure(Kind.UNEXPECTED, e.toString(), e);
    } finally {
      processes.forEach(SimProcess::close);
      interludes.close();
    }
    around.counters.runs++;
    around.counters.resets += Math.max(0, around.primary.history().lineage());
    NativeStats left = NativeCore.stats();
    if (left.dbs() + left.files() + left.views() + left.readers() != 0) {
      throw new SimFailure(Kind.LEAK, left.toString());
    }
  }

  private void act() {
    if (processes.size() < processCount) {
      openProcess();
      return;
    }
    if (!around.primary.writable()) {
      around.steps(random.nextInt(6)); // a reset is soon over
    }
    SimProcess process = processes.get(random.nextInt(processes.size()));
    SimReader reader = process.readers.get(random.nextInt(process.readers.size()));
    int what = random.nextInt(1000);
    if (what < 700) {
      transaction(reader);
    } else if (what < 800) {
      process.poll();
    } else if (what < 860) {
      around.steps(1 + random.nextInt(10));
    } else if (what < 900) {
      hold(reader);
    } else if (what < 940) {
      travel(process, reader);
    } else {
      actSeldom(process, reader, what);
    }
  }

  private void actSeldom(SimProcess process, SimReader reader, int what) {
    if (what < 960) {
      cache();
    } else if (what < 972) {
      around.weather();
    } else if (what < 984) {
      process.pause(!process.paused());
    } else if (what < 987) {
      around.steps(100 + random.nextInt(300));
    } else if (what < 994) {
      changeReaders(process, reader);
    } else if (what < 997) {
      process.close();
      processes.remove(process);
    } else if (what < 998) {
      settle();
    }
  }

  private void openProcess() {
    SimStore.Mode[] modes = SimStore.Mode.values();
    SimProcess process = new SimProcess(around, modes[random.nextInt(modes.length)], defect);
    if (!process.open()) {
      process.close();
      around.steps(5);
      return;
    }
    processes.add(process);
    for (int i = random.nextInt(MOST_READERS); i >= 0; i--) {
      process.readers.add(new SimReader(process, around, oracle));
    }
  }

  private void changeReaders(SimProcess process, SimReader reader) {
    if (process.readers.size() < MOST_READERS) {
      process.readers.add(new SimReader(process, around, oracle));
    } else {
      process.readers.remove(reader);
      reader.close();
    }
  }

  /** One whole transaction, or the end of one that was held. */
  private void transaction(SimReader reader) {
    boolean read = readSome(reader);
    if (reader.pinned()) {
      reader.unpin();
    }
    if (read) {
      around.counters.transactions++;
    } else if (reader.travelling()) {
      reader.comeBack(); // that past is gone
    }
  }

  /** Begins a transaction that stays open, or goes on with one. */
  private void hold(SimReader reader) {
    boolean read = readSome(reader);
    if (!read && reader.pinned()) {
      reader.unpin();
    }
  }

  private static boolean readSome(SimReader reader) {
    reader.busy(true);
    boolean read = (reader.pinned() || reader.pin()) && reader.readSome();
    reader.busy(false);
    return read;
  }

  private void travel(SimProcess process, SimReader reader) {
    if (reader.pinned()) {
      return;
    }
    if (reader.travelling() && random.nextInt(3) == 0) {
      reader.comeBack();
    } else {
      reader.busy(true);
      process.following(true);
      if (random.nextInt(3) == 0) {
        txidTrips.take(process, reader);
      } else {
        timeTrips.take(process, reader);
      }
      process.following(false);
      reader.busy(false);
    }
  }

  private void cache() {
    if (cacheless) {
      NativeCore.cacheLimit(AMPLE_CACHE);
    } else {
      dropCache();
    }
    cacheless = !cacheless && random.nextInt(10) == 0;
    if (cacheless) {
      NativeCore.cacheLimit(0);
    }
  }

  private static void dropCache() {
    NativeCore.cacheLimit(0);
    NativeCore.cacheLimit(AMPLE_CACHE);
  }

  /** Faults stop and the primary rests: each process, and a fresh one, must come to the newest. */
  private void settle() {
    ModelPrimary primary = around.primary;
    while (!primary.writable() || primary.store().size() == 0) {
      primary.step();
    }
    while (primary.gap()) {
      primary.repair();
    }
    around.still(
        () -> {
          State newest = Objects.requireNonNull(primary.reachable()).state();
          around.say(() -> "settles at " + newest);
          processes.forEach(p -> catchUp(p, newest));
          SimProcess fresh = new SimProcess(around, SimStore.Mode.S3, defect);
          try {
            if (!fresh.open()) {
              throw new SimFailure(Kind.STALE, "cannot open a replica that has " + newest);
            }
            catchUp(fresh, newest);
          } finally {
            fresh.close();
          }
          return true;
        });
  }

  private void catchUp(SimProcess process, State newest) {
    process.pause(false);
    SimReader reader = new SimReader(process, around, oracle);
    process.readers.add(reader);
    for (int polls = 0; !sees(reader, newest); polls++) {
      if (polls == CATCH_UP_POLLS) {
        throw new SimFailure(
            Kind.STALE,
            "after " + polls + " polls " + reader.info() + " is served instead of " + newest);
      }
      around.primary.advance(SimProcess.POLL_INTERVAL.toMillis());
      process.poll();
      around.counters.mostPollsToCatchUp = Math.max(around.counters.mostPollsToCatchUp, polls + 1L);
    }
    process.readers.remove(reader);
    reader.close();
  }

  private static boolean sees(SimReader reader, State newest) {
    if (!reader.pin()) {
      return false;
    }
    State state = reader.state();
    boolean read = reader.readAll();
    reader.unpin();
    return read
        && state != null
        && state.lineage() == newest.lineage()
        && state.txid() >= newest.txid();
  }
}
