package io.litestream.jdbc.internal.ffi;

import java.util.Map;

/** Finds or makes the db for a connection that SQLite opens. Called on the connecting thread. */
@FunctionalInterface
public interface Opener {

  /**
   * What a new connection gets.
   *
   * @param name the file name in the connection's URI
   * @param parameters the URI's query parameters in the order given, decoded; of repeated ones the
   *     first
   */
  Opened open(String name, Map<String, String> parameters) throws HostException;
}
