package io.litestream.jdbc.micrometer;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.LitestreamStats;
import io.litestream.jdbc.LitestreamStats.OpenReplica;
import io.litestream.jdbc.LitestreamStats.Requests;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The figures of {@link Litestream#stats} as meters, for all replicas of the process. Spring Boot
 * binds a bean of this type by itself. Thread-safe.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>tags</th><th>what</th></tr>
 * <tr><td>{@code litestream.cache.hits}, {@code .misses}</td><td></td>
 *     <td>look-ups in the page cache</td></tr>
 * <tr><td>{@code litestream.cache.size}, {@code .limit}</td><td></td>
 *     <td>bytes held, and the budget</td></tr>
 * <tr><td>{@code litestream.requests}</td><td>{@code kind}, {@code outcome}</td>
 *     <td>requests to stores, retries included</td></tr>
 * <tr><td>{@code litestream.received}</td><td></td><td>bytes of objects received</td></tr>
 * <tr><td>{@code litestream.wasted}</td><td></td><td>those of them that came ahead, and that nobody read</td></tr>
 * <tr><td>{@code litestream.replicas}</td><td></td><td>open replicas</td></tr>
 * <tr><td>{@code litestream.lag}</td><td>{@code replica}</td>
 *     <td>seconds since the newest commit known</td></tr>
 * <tr><td>{@code litestream.look.age}</td><td>{@code replica}</td>
 *     <td>seconds since the last successful look at the store</td></tr>
 * <tr><td>{@code litestream.connections}</td><td>{@code replica}</td><td>open connections</td></tr>
 * </table>
 *
 * <p>The meters with the tag {@code replica} follow the replicas that are open when {@code
 * litestream.replicas} is read: a new one appears from the second scrape on.
 */
public final class LitestreamMetrics implements MeterBinder {

  /** Meters hold what they read from weakly; the figures belong to the process. */
  private static final Class<Litestream> HELD = Litestream.class;

  @Override
  public void bindTo(MeterRegistry registry) {
    counter(registry, "litestream.cache.hits", "pages found in the cache", s -> s.cache().hits());
    counter(registry, "litestream.cache.misses", "pages not in it", s -> s.cache().misses());
    gauge(registry, "litestream.cache.size", s -> s.cache().bytes());
    gauge(registry, "litestream.cache.limit", s -> s.cache().limit());
    FunctionCounter.builder("litestream.received", HELD, o -> Litestream.stats().receivedBytes())
        .description("bytes of objects received from stores")
        .baseUnit("bytes")
        .register(registry);
    FunctionCounter.builder(
            "litestream.wasted", HELD, o -> Litestream.stats().cache().wastedBytes())
        .description("bytes received ahead that nobody read")
        .baseUnit("bytes")
        .register(registry);
    requests(registry);
    replicas(registry);
  }

  private static void counter(
      MeterRegistry registry, String name, String what, ToDoubleFunction<LitestreamStats> value) {
    FunctionCounter.builder(name, HELD, o -> value.applyAsDouble(Litestream.stats()))
        .description(what)
        .register(registry);
  }

  private static void gauge(
      MeterRegistry registry, String name, ToDoubleFunction<LitestreamStats> value) {
    Gauge.builder(name, HELD, o -> value.applyAsDouble(Litestream.stats()))
        .baseUnit("bytes")
        .register(registry);
  }

  private static void requests(MeterRegistry registry) {
    for (Requests series : Litestream.stats().requests()) {
      FunctionCounter.builder("litestream.requests", HELD, o -> count(series))
          .description("requests to stores, retries included")
          .tags("kind", series.kind(), "outcome", series.outcome())
          .register(registry);
    }
  }

  private static double count(Requests series) {
    return Litestream.stats().requests().stream()
        .filter(r -> r.kind().equals(series.kind()) && r.outcome().equals(series.outcome()))
        .mapToLong(Requests::count)
        .sum();
  }

  private static void replicas(MeterRegistry registry) {
    MultiGauge lag = MultiGauge.builder("litestream.lag").baseUnit("seconds").register(registry);
    MultiGauge lookAge =
        MultiGauge.builder("litestream.look.age").baseUnit("seconds").register(registry);
    MultiGauge connections = MultiGauge.builder("litestream.connections").register(registry);
    Gauge.builder(
            "litestream.replicas",
            HELD,
            o -> {
              List<OpenReplica> open = Litestream.stats().replicas();
              lag.register(rows(open, r -> seconds(r.lag())), true);
              lookAge.register(rows(open, r -> seconds(r.sinceLook())), true);
              connections.register(rows(open, OpenReplica::connections), true);
              return open.size();
            })
        .description("open replicas")
        .register(registry);
  }

  private static List<Row<?>> rows(List<OpenReplica> open, ToDoubleFunction<OpenReplica> value) {
    return open.stream()
        .<Row<?>>map(one -> Row.of(Tags.of("replica", one.place()), () -> now(one, value)))
        .toList();
  }

  /** The value of the same replica at the moment of the reading; NaN when it is closed. */
  private static double now(OpenReplica one, ToDoubleFunction<OpenReplica> value) {
    return Litestream.stats().replicas().stream()
        .filter(r -> Objects.equals(r.place(), one.place()))
        .mapToDouble(value)
        .findFirst()
        .orElse(Double.NaN);
  }

  private static double seconds(@Nullable Duration duration) {
    return duration == null ? Double.NaN : duration.toMillis() / 1000.0;
  }
}
