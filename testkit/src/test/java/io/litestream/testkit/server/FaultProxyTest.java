package io.litestream.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FaultProxyTest {

  private static final int SIZE = 300_000;

  private static S3Server server;
  private static S3Client direct;
  private FaultProxy proxy;
  private S3Client s3;

  @BeforeAll
  static void startServer() {
    server = S3ProxyServer.start();
    server.createBucket("bucket");
    direct = server.client();
    direct.putObject(b -> b.bucket("bucket").key("object"), RequestBody.fromBytes(new byte[SIZE]));
  }

  @AfterAll
  static void stopServer() {
    direct.close();
    server.close();
  }

  @BeforeEach
  void startProxy() {
    proxy = FaultProxy.before(server.endpoint());
    s3 = server.client(proxy.endpoint());
  }

  @AfterEach
  void stopProxy() {
    s3.close();
    proxy.close();
  }

  @Test
  void passesSignedRequestsOnAndCountsThem() {
    s3.putObject(b -> b.bucket("bucket").key("other"), RequestBody.fromBytes(new byte[1000]));
    for (int i = 0; i < 3; i++) {
      assertThat(get()).hasSize(SIZE);
    }
    s3.headObject(b -> b.bucket("bucket").key("object"));
    assertThat(s3.listObjectsV2(b -> b.bucket("bucket")).contents()).hasSize(2);
    s3.deleteObject(b -> b.bucket("bucket").key("other"));
    Traffic traffic = proxy.traffic();
    assertThat(traffic.count(Request.Kind.PUT)).isEqualTo(1);
    assertThat(traffic.count(Request.Kind.GET)).isEqualTo(3);
    assertThat(traffic.count(Request.Kind.HEAD)).isEqualTo(1);
    assertThat(traffic.count(Request.Kind.LIST)).isEqualTo(1);
    assertThat(traffic.count(Request.Kind.DELETE)).isEqualTo(1);
    assertThat(traffic.total()).isEqualTo(7);
    assertThat(traffic.toClient()).isGreaterThanOrEqualTo(3 * SIZE);
    assertThat(traffic.toServer()).isGreaterThanOrEqualTo(1000);
    proxy.reset();
    assertThat(proxy.traffic().total()).isZero();
  }

  @Test
  void faultsReachTheClient() {
    proxy.faults(r -> new Fault.Status(403, "AccessDenied"));
    assertThatThrownBy(this::get)
        .isInstanceOfSatisfying(
            S3Exception.class,
            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("AccessDenied"));
    proxy.faults(r -> new Fault.Reset());
    assertThatThrownBy(this::get).isInstanceOf(SdkClientException.class);
    proxy.faults(r -> Fault.NONE);
    assertThat(get()).hasSize(SIZE);
  }

  @Test
  void clientRetriesWhatEnds() {
    proxy.faults(r -> r.number() == 1 ? Fault.SLOW_DOWN : Fault.NONE);
    assertThat(get()).hasSize(SIZE);
    proxy.faults(r -> r.number() == 3 ? new Fault.ShortBody() : Fault.NONE);
    assertThat(get()).hasSize(SIZE);
    assertThat(proxy.traffic().total()).isEqualTo(4);
  }

  @Test
  void stalledBodyEndsWhenTheClientGivesUp() {
    proxy.faults(r -> new Fault.Stall());
    assertThatThrownBy(
            () ->
                s3.getObjectAsBytes(
                    b ->
                        b.bucket("bucket")
                            .key("object")
                            .overrideConfiguration(o -> o.apiCallTimeout(Duration.ofMillis(500)))))
        .isInstanceOf(SdkClientException.class);
  }

  @Test
  void delayIsAdded() {
    get();
    proxy.delay(Duration.ofMillis(100));
    long start = System.nanoTime();
    get();
    assertThat(System.nanoTime() - start).isGreaterThan(100_000_000);
  }

  private byte[] get() {
    return s3.getObjectAsBytes(b -> b.bucket("bucket").key("object")).asByteArrayUnsafe();
  }
}
