package io.litestream.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** A stub and a proxy before it see the same requests: they count the same. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MeterTest {

  private static final int SIZE = 100_000;
  private static final int TOGETHER = 16;

  @TempDir private Path directory;
  private S3Stub stub;
  private FaultProxy proxy;
  private S3Client s3;

  @BeforeEach
  void start() throws Exception {
    Files.write(directory.resolve("object"), new byte[SIZE]);
    stub = S3Stub.start();
    stub.serve("bucket", StubObject.files(directory, ""));
    proxy = FaultProxy.before(stub.endpoint());
    s3 = stub.client(proxy.endpoint());
  }

  @AfterEach
  void stop() {
    s3.close();
    proxy.close();
    stub.close();
  }

  @Test
  void proxyCountsAsTheStubDoes() {
    s3.listObjectsV2(b -> b.bucket("bucket").prefix("ob"));
    s3.headObject(b -> b.bucket("bucket").key("object"));
    get("bytes=10-19");
    get("bytes=-1");
    s3.getObjectAsBytes(b -> b.bucket("bucket").key("object"));
    assertThatThrownBy(() -> s3.getObjectAsBytes(b -> b.bucket("bucket").key("next")))
        .isInstanceOf(NoSuchKeyException.class);
    assertThat(proxy.meter().requests())
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("target")
        .isEqualTo(stub.requests());
    assertThat(proxy.meter().requests())
        .extracting(Answered::bytes)
        .containsExactly(0L, 0L, 10L, 1L, (long) SIZE, 0L);
    assertThat(proxy.meter().depth()).isEqualTo(stub.depth()).isEqualTo(6);
    assertThat(proxy.meter().requests().get(2).target()).isEqualTo("/bucket/object bytes=10-19");
  }

  @Test
  void requestsThatAreSentTogetherAreAllCounted() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(TOGETHER)) {
      List<Callable<byte[]>> gets = Collections.nCopies(TOGETHER, () -> get("bytes=0-99"));
      for (Future<byte[]> got : threads.invokeAll(gets)) {
        assertThat(got.get()).hasSize(100);
      }
    }
    assertThat(proxy.meter().requests()).hasSize(TOGETHER).allMatch(r -> r.bytes() == 100);
  }

  @Test
  void answersOfFaultsCountWithoutBytes() {
    proxy.faults(r -> new Fault.Status(404, "NoSuchKey"));
    assertThatThrownBy(() -> get("bytes=0-9")).isInstanceOf(NoSuchKeyException.class);
    assertThat(proxy.meter().requests())
        .singleElement()
        .matches(r -> r.status() == 404 && r.bytes() == 0);
    assertThat(stub.requests()).isEmpty();
    proxy.reset();
    assertThat(proxy.meter().requests()).isEmpty();
    assertThat(proxy.meter().depth()).isZero();
  }

  @Test
  void everyThirdAnswerIsLate() {
    Duration by = Duration.ofMillis(300);
    proxy.meter().late(3, by);
    List<Duration> times = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      long start = System.nanoTime();
      get("bytes=0-9");
      times.add(Duration.ofNanos(System.nanoTime() - start));
    }
    assertThat(times.get(2)).isGreaterThanOrEqualTo(by);
    assertThat(times.get(5)).isGreaterThanOrEqualTo(by);
    proxy.meter().late(Integer.MAX_VALUE, Duration.ZERO);
    assertThat(get("bytes=0-9")).hasSize(10);
  }

  private byte[] get(String range) {
    return s3.getObjectAsBytes(b -> b.bucket("bucket").key("object").range(range))
        .asByteArrayUnsafe();
  }
}
