package io.litestream.benchmarks.compare;

import io.litestream.testkit.server.S3Server;
import java.net.URI;

/** A server that somebody else runs. */
record Endpoint(URI endpoint, String accessKey, String secretKey) implements S3Server {

  @Override
  public String describe() {
    return endpoint.toString();
  }

  /** Without the key. */
  @Override
  public String toString() {
    return describe();
  }

  @Override
  public void close() {
    // It is not ours to end.
  }
}
