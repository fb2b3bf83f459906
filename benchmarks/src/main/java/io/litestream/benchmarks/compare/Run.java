package io.litestream.benchmarks.compare;

import java.util.Locale;

/**
 * A part of the comparison by one contender: a process of its own.
 *
 * @param contender of {@link Names}
 * @param store of {@link Names}
 * @param delayMs of each request
 */
record Run(String contender, Part part, String store, long delayMs) {

  /** For a reader of the results. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s, %s on %s at %d ms",
        part.name().toLowerCase(Locale.ROOT),
        contender,
        store,
        delayMs);
  }
}
