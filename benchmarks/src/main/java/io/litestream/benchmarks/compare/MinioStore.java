package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.server.FaultProxy;
import io.litestream.testkit.server.Meter;
import io.litestream.testkit.server.S3Server;
import io.litestream.testkit.server.StubObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A MinIO that another process runs and has {@link #fill filled}, behind a proxy in this one that
 * delays and counts.
 */
final class MinioStore implements Store {

  private static final int UPLOADS = 8;

  /** MinIO shows this time in listings in place of the upload's. */
  private static final String UPLOADED = "X-Minio-Source-Mtime";

  private final S3Server minio;
  private final FaultProxy proxy;
  private boolean changed;

  private MinioStore(S3Server minio, FaultProxy proxy) {
    this.minio = minio;
    this.proxy = proxy;
  }

  /**
   * @param port of the proxy; 0 for a free one
   */
  static MinioStore behindProxy(S3Server minio, int port) {
    return new MinioStore(minio, FaultProxy.before(minio.endpoint(), port));
  }

  /** Makes a sample's bucket hold its replica and nothing else. */
  static void fill(S3Server minio, Sample sample) {
    String bucket = Store.bucket(sample);
    Map<String, StubObject> missing = new HashMap<>(Store.objects(sample));
    try (S3Client s3 = minio.client();
        ExecutorService threads = Executors.newFixedThreadPool(UPLOADS)) {
      Set<String> buckets =
          s3.listBuckets().buckets().stream().map(b -> b.name()).collect(Collectors.toSet());
      if (!buckets.contains(bucket)) {
        s3.createBucket(b -> b.bucket(bucket));
      }
      for (S3Object there : s3.listObjectsV2Paginator(b -> b.bucket(bucket)).contents()) {
        if (missing.remove(there.key()) == null) {
          s3.deleteObject(b -> b.bucket(bucket).key(there.key()));
        }
      }
      List<Future<?>> uploads =
          missing.entrySet().stream()
              .<Future<?>>map(o -> threads.submit(() -> put(s3, bucket, o.getKey(), o.getValue())))
              .toList();
      for (Future<?> upload : uploads) {
        upload.get();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("upload to " + minio.describe(), e.getCause());
    }
  }

  /** With the time of upload and the metadata that Litestream's would have. */
  private static void put(S3Client s3, String bucket, String key, StubObject object) {
    s3.putObject(
        b ->
            b.bucket(bucket)
                .key(key)
                .metadata(Map.of("litestream-timestamp", object.timestamp().toString()))
                .overrideConfiguration(
                    o -> o.putHeader(UPLOADED, object.lastModified().toString())),
        RequestBody.fromBytes(object.read(0, Math.toIntExact(object.size()))));
  }

  @Override
  public String name() {
    return Names.MINIO;
  }

  @Override
  public S3Server server() {
    return new Endpoint(proxy.endpoint(), minio.accessKey(), minio.secretKey());
  }

  @Override
  public Meter meter() {
    return proxy.meter();
  }

  @Override
  public void hold(Sample sample) {
    if (changed) {
      fill(minio, sample);
      changed = false;
    }
  }

  @Override
  public void add(Sample sample, String key, StubObject object) {
    changed = true;
    try (S3Client s3 = minio.client()) {
      put(s3, Store.bucket(sample), key, object);
    }
  }

  @Override
  public void close() {
    proxy.close();
  }
}
