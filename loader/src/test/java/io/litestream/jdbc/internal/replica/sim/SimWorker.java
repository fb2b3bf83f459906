package io.litestream.jdbc.internal.replica.sim;

import io.litestream.jdbc.Litestream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Runs simulations, one after another, in a process of its own: the C core's cache is the
 * process's, and what is in it decides what is fetched, so two runs side by side would not repeat.
 *
 * <p>Prints what happened; ends with 0 when no run failed, else with 1.
 */
public final class SimWorker {

  /** The first line of what is said of a failure, for the test that started the process. */
  static final String FAILED = "SIMULATION FAILED ";

  private static final int TRACE_SHOWN = 80;

  /** One page and its index: every other file is read in ranges, of two pages to begin with. */
  private static final int SMALL_FILE = 750;

  private static final int SMALL_RANGE = 1_100;

  /** Of a page index: entries of about twenty pages. */
  private static final int SMALL_PIECE = 120;

  private static final Logger LOG = Logger.getLogger("io.litestream.jdbc");

  private SimWorker() {}

  /**
   * @param args the planted defect, the seed that the runs' seeds are drawn from, "one" to use it
   *     as the seed of one run itself or "many", at most how many transactions, at most how many
   *     seconds, "ranges" to read files in ranges or "files"
   */
  public static void main(String[] args) throws Exception {
    Defect defect = Defect.valueOf(args[0]);
    long base = Long.parseLong(args[1]);
    boolean one = args[2].equals("one");
    long transactions = Long.parseLong(args[3]);
    long seconds = Long.parseLong(args[4]);
    LOG.setLevel(Level.OFF);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      Litestream.load(connection);
      if (defect.nativeSwitch() != 0) {
        set("ls_mutate", defect.nativeSwitch());
      }
      if (args[5].equals("ranges")) {
        set("ls_mutate_sizes", SMALL_FILE, SMALL_RANGE);
        set("ls_mutate_index", SMALL_PIECE);
      }
      System.exit(runs(defect, base, one, transactions, seconds) ? 0 : 1);
    }
  }

  @SuppressWarnings("restricted")
  private static void set(String function, Integer... values) throws Exception {
    SymbolLookup library = SymbolLookup.libraryLookup(Litestream.loadablePath(), Arena.global());
    MemoryLayout[] types = new MemoryLayout[values.length];
    Arrays.fill(types, ValueLayout.JAVA_INT);
    try {
      Linker.nativeLinker()
          .downcallHandle(library.find(function).orElseThrow(), FunctionDescriptor.ofVoid(types))
          .invokeWithArguments((Object[]) values);
    } catch (Throwable t) {
      throw new IllegalStateException("cannot call " + function, t);
    }
  }

  private static boolean runs(
      Defect defect, long base, boolean one, long transactions, long seconds) {
    SplittableRandom seeds = new SplittableRandom(base);
    Counters total = new Counters();
    long start = System.nanoTime();
    do {
      long seed = one ? base : seeds.nextLong();
      Simulation run = new Simulation(seed, defect, false);
      try {
        run.run();
        total.add(run.counters());
      } catch (SimFailure e) {
        total.add(run.counters());
        tell(seed, defect, e, total);
        return false;
      }
    } while (!one
        && total.transactions < transactions
        && System.nanoTime() - start < seconds * 1_000_000_000L);
    double took = (System.nanoTime() - start) / 1e9;
    System.out.printf("%s; %.1f s, %.0f transactions/s%n", total, took, total.transactions / took);
    return true;
  }

  /** The failure, and what led to it, by another run of the same seed. */
  private static void tell(long seed, Defect defect, SimFailure failure, Counters total) {
    System.out.println(FAILED + failure.kind() + " after " + total.transactions);
    Simulation again = new Simulation(seed, defect, true);
    SimFailure repeated = null;
    try {
      again.run();
    } catch (SimFailure e) {
      repeated = e;
    }
    List<String> trace = again.trace();
    trace
        .subList(Math.max(0, trace.size() - TRACE_SHOWN), trace.size())
        .forEach(System.out::println);
    failure.printStackTrace(System.out);
    if (repeated == null || repeated.kind() != failure.kind()) {
      System.out.println("Not the same when run again: " + repeated);
    }
    System.out.println(total);
    System.out.println(
        "Replay: mvn -pl loader -am test -Dtest=SimulatorTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dlitestream.sim.seed="
            + seed);
  }
}
