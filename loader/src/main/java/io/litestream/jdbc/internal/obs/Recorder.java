package io.litestream.jdbc.internal.obs;

/**
 * Begins the events of the library. Each method costs a few nanoseconds while nobody records.
 * Thread-safe.
 */
public interface Recorder {

  /** That of this process: JFR, where the JVM has it. */
  Recorder RECORDER =
      ModuleLayer.boot().findModule("jdk.jfr").isPresent() ? new JfrRecorder() : new Recorder() {};

  /**
   * A statement waits for a page that is not in the cache. The value at the end: bytes received,
   * none where read-ahead has brought the page meanwhile.
   *
   * @param replica its place, without secrets; so everywhere below
   * @param file the object
   */
  default Span pageFetch(String replica, Object file, long offset, int length) {
    return Span.NONE;
  }

  /**
   * One request to a store. The value at the end: bytes of an object received, or objects listed.
   *
   * @param what the object, or the level that is listed; its text is taken only while somebody
   *     records
   */
  default Span request(RequestKind kind, String replica, Object what, long offset, int length) {
    return Span.NONE;
  }

  /** A look for news. The value at the end: the newest TXID known. */
  default Span refresh(String replica) {
    return Span.NONE;
  }

  /**
   * The first connection to a replica waits for its first state. The value at the end: its TXID.
   */
  default Span open(String replica) {
    return Span.NONE;
  }

  /**
   * A connection goes to another time. The value at the end: the TXID there, 0 for the present.
   *
   * @param target as the user wrote it
   */
  default Span travel(String replica, String target) {
    return Span.NONE;
  }
}
