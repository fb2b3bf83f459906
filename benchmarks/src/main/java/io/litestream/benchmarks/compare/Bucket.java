package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.server.S3Stub;
import io.litestream.testkit.server.StubObject;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** The replica that is read: a place in a bucket of a stub, and what lies there now. */
final class Bucket {

  static final String NAME = "bench";

  /** Bucket and path, as in URLs. */
  static final String PLACE = NAME + "/db";

  private static final String PREFIX = "db/";

  private final S3Stub stub;
  private final NavigableMap<String, StubObject> objects = new ConcurrentSkipListMap<>();

  Bucket(S3Stub stub) {
    this.stub = stub;
    stub.serve(NAME, objects);
  }

  S3Stub stub() {
    return stub;
  }

  /** Has a sample's replica from now on, and nothing else. */
  void serve(Sample sample) {
    objects.clear();
    objects.putAll(StubObject.files(sample.replica(), PREFIX));
  }

  /** The same for one object, by its key below the replica's path. */
  void serve(String key, StubObject object) {
    objects.clear();
    objects.put(PREFIX + key, object);
  }

  /** The transactions that follow a sample's, by their keys. */
  static NavigableMap<String, StubObject> later(Sample sample) {
    return StubObject.files(sample.later(), PREFIX);
  }

  void add(String key, StubObject object) {
    objects.put(key, object);
  }
}
