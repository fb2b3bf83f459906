package io.litestream.jdbc.internal.ffi;

import java.util.Map;

/** Finds or makes the db for a connection that SQLite opens. Called on the connecting thread. */
@FunctionalInterface
public interface Opener {

  /**
   * The db for a new connection. The caller takes a reference of its own; the answer must stay open
   * until {@link DbHost#closed} has been called for this connection.
   *
   * @param name the file name in the connection's URI
   * @param parameters the URI's query parameters in the order given, decoded; of repeated ones the
   *     first
   */
  NativeDb open(String name, Map<String, String> parameters) throws HostException;
}
