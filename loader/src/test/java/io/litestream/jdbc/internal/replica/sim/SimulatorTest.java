package io.litestream.jdbc.internal.replica.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.internal.replica.sim.WorkerProcess.End;
import io.litestream.jdbc.internal.replica.sim.WorkerProcess.Task;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A million transactions of readers beside a primary that does everything a primary does, and the
 * proof that the simulator sees what it must see.
 *
 * <p>{@code -Dlitestream.sim.seed=N} replays one run. {@code -Dlitestream.sim.transactions=N} and
 * {@code -Dlitestream.sim.minutes=M} change how long is simulated; with minutes alone, as much as
 * fits.
 */
class SimulatorTest {

  private static final String LIBRARY = "litestream.test.native";
  private static final String MUTANTS = "litestream.test.mutants";

  private static final int WORKERS = 2;
  private static final long TRANSACTIONS = 1_000_000;

  /** Only for a simulation that hangs: the usual million takes two minutes. */
  private static final long LIMIT_SECONDS = 30 * 60;

  /** The same runs every time; the other worker draws new ones. */
  private static final long FIXED_BASE = 1;

  /** A planted defect is seen far sooner. */
  private static final long TO_FIND_A_DEFECT = 50_000;

  private static final long IN_RANGES = 100_000;

  private static final Pattern DONE = Pattern.compile("(?m)^\\d+ runs, (\\d+) transactions");

  @Test
  @DisplayName("a million transactions each see one state, never go back, and come to the newest")
  void readersSeeOneState() throws InterruptedException {
    Long seed = Long.getLong("litestream.sim.seed");
    if (seed != null) {
      run(List.of(new Task(Defect.NONE, seed, true, 1, LIMIT_SECONDS, false)));
      return;
    }
    Long minutes = Long.getLong("litestream.sim.minutes");
    long wanted =
        Long.getLong(
            "litestream.sim.transactions", minutes == null ? TRANSACTIONS : Long.MAX_VALUE);
    long seconds = minutes == null ? LIMIT_SECONDS : minutes * 60;
    List<Task> tasks = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      long base = i == 0 ? FIXED_BASE : new SplittableRandom().nextLong();
      long share = wanted == Long.MAX_VALUE ? wanted : (wanted + WORKERS - 1) / WORKERS;
      tasks.add(new Task(Defect.NONE, base, false, share, seconds, false));
    }
    long done = run(tasks);
    if (minutes == null) {
      assertThat(done).isGreaterThanOrEqualTo(wanted);
    }
  }

  /** Runs all side by side; returns how many transactions they made. */
  private static long run(List<Task> tasks) throws InterruptedException {
    List<WorkerProcess> workers =
        tasks.stream().map(task -> WorkerProcess.start(LIBRARY, task)).toList();
    long transactions = 0;
    for (int i = 0; i < tasks.size(); i++) {
      End end = workers.get(i).end();
      System.out.println("simulation from " + tasks.get(i).seed() + ": " + end.output().strip());
      assertThat(end.code()).as(end.output()).isZero();
      transactions += transactions(end);
    }
    return transactions;
  }

  private static long transactions(End end) {
    Matcher done = DONE.matcher(end.output());
    assertThat(done.find()).as(end.output()).isTrue();
    return Long.parseLong(done.group(1));
  }

  /** The runs of the library with the switches, side by side; begun when the first is asked for. */
  private static final class OnMutants {

    private static final Map<Task, Future<End>> ENDS = begin();

    private static Map<Task, Future<End>> begin() {
      Stream<Task> tasks =
          Stream.concat(
              Stream.of(sound(true), sound(false)),
              Stream.of(Defect.values()).filter(d -> d != Defect.NONE).map(OnMutants::planted));
      ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
      Map<Task, Future<End>> ends = new HashMap<>();
      tasks.forEach(
          task -> ends.put(task, threads.submit(() -> WorkerProcess.start(MUTANTS, task).end())));
      threads.shutdown();
      return ends;
    }

    static Task sound(boolean ranges) {
      long transactions = ranges ? IN_RANGES : 10_000;
      return new Task(Defect.NONE, FIXED_BASE, false, transactions, LIMIT_SECONDS, ranges);
    }

    static Task planted(Defect defect) {
      return new Task(defect, FIXED_BASE, false, TO_FIND_A_DEFECT, LIMIT_SECONDS, false);
    }

    static End of(Task task) throws InterruptedException, ExecutionException {
      return Objects.requireNonNull(ENDS.get(task)).get();
    }
  }

  @ParameterizedTest(name = "{0} is found")
  @EnumSource(value = Defect.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  @DisplayName("planted defects C-1, C-2, C-3, C-4, C-5, C-7, C-13, C-17")
  void plantedDefectIsFound(Defect defect) throws Exception {
    End end = OnMutants.of(OnMutants.planted(defect));
    assertThat(end.output()).contains(SimWorker.FAILED);
    assertThat(defect.shownBy())
        .as(end.output())
        .anySatisfy(kind -> assertThat(end.output()).startsWith(SimWorker.FAILED + kind));
    System.out.println(defect + ": " + end.output().lines().findFirst().orElseThrow());
  }

  @ParameterizedTest(name = "read in ranges: {0}")
  @ValueSource(booleans = {false, true})
  @DisplayName("the library with the switches fails no run while none is on")
  void nothingPlantedNothingFound(boolean ranges) throws Exception {
    End end = OnMutants.of(OnMutants.sound(ranges));
    assertThat(end.code()).as(end.output()).isZero();
    System.out.println((ranges ? "in ranges: " : "whole: ") + end.output().strip());
  }
}
