package io.litestream.jdbc.internal.obs;

import java.util.Locale;

/** The kinds of requests to a store. */
public enum RequestKind {
  /** A listing of a level. */
  LIST,
  /** A range of an object. */
  READ,
  /** A second request for a range whose answer is late. */
  HEDGE,
  /** A question for the next level-0 file by its name. */
  PROBE;

  /** In events and metrics. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
