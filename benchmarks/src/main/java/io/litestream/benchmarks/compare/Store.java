package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.server.Meter;
import io.litestream.testkit.server.S3Server;
import io.litestream.testkit.server.StubObject;
import java.util.NavigableMap;

/**
 * A store with the replicas of samples, each in a bucket of its own, whose requests are delayed and
 * counted in this process.
 */
interface Store extends AutoCloseable {

  /** Of a replica in its bucket. */
  String PATH = "db";

  /** As the results call it. */
  String name();

  /** Where contenders find it. */
  S3Server server();

  Meter meter();

  /** Has a sample's replica from now on, without what was {@link #add added}. */
  void hold(Sample sample);

  /** Adds an object to a sample's replica. */
  void add(Sample sample, String key, StubObject object);

  @Override
  void close();

  static String bucket(Sample sample) {
    return sample
        .replica()
        .getName(sample.replica().getNameCount() - 2)
        .toString()
        .replace('_', '-');
  }

  /** Bucket and path, as in URLs. */
  static String place(Sample sample) {
    return bucket(sample) + "/" + PATH;
  }

  /** The objects of a sample's replica. */
  static NavigableMap<String, StubObject> objects(Sample sample) {
    return StubObject.files(sample.replica(), PATH + "/");
  }

  /** The transactions that follow a sample's, by their keys. */
  static NavigableMap<String, StubObject> later(Sample sample) {
    return StubObject.files(sample.later(), PATH + "/");
  }
}
