package io.litestream.jdbc;

/** Ends what {@link Litestream#listen} began. Thread-safe; closing again does nothing. */
public interface StateListener extends AutoCloseable {

  /** No call of the listener begins after this; one that is under way may still end. */
  @Override
  void close();
}
