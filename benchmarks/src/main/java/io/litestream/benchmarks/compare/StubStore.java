package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.server.Meter;
import io.litestream.testkit.server.S3Server;
import io.litestream.testkit.server.S3Stub;
import io.litestream.testkit.server.StubObject;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** A stub of S3 in this process, which serves the samples' files as they lie. */
record StubStore(S3Stub stub, Map<String, NavigableMap<String, StubObject>> buckets)
    implements Store {

  /**
   * @param port 0 for a free one
   */
  static StubStore start(int port) {
    return new StubStore(S3Stub.start(port), new ConcurrentHashMap<>());
  }

  @Override
  public String name() {
    return Names.STUB;
  }

  @Override
  public S3Server server() {
    return stub;
  }

  @Override
  public Meter meter() {
    return stub.meter();
  }

  @Override
  public void hold(Sample sample) {
    NavigableMap<String, StubObject> objects = objects(Store.bucket(sample));
    objects.clear();
    objects.putAll(Store.objects(sample));
  }

  /** Has one object in the place of a sample's replica, by its key below the replica's path. */
  void hold(Sample sample, String key, StubObject object) {
    NavigableMap<String, StubObject> objects = objects(Store.bucket(sample));
    objects.clear();
    objects.put(PATH + "/" + key, object);
  }

  @Override
  public void add(Sample sample, String key, StubObject object) {
    objects(Store.bucket(sample)).put(key, object);
  }

  private NavigableMap<String, StubObject> objects(String bucket) {
    return buckets.computeIfAbsent(
        bucket,
        name -> {
          NavigableMap<String, StubObject> objects = new ConcurrentSkipListMap<>();
          stub.serve(name, objects);
          return objects;
        });
  }

  @Override
  public void close() {
    stub.close();
  }
}
