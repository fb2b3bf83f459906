package io.litestream.jdbc.internal.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.litestream.jdbc.internal.store.Layout;
import io.litestream.jdbc.internal.store.ReplicaStoreContract;
import io.litestream.jdbc.internal.store.ReplicaUrl;
import io.litestream.jdbc.internal.store.S3Url;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import io.litestream.testkit.server.S3Server;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** The contract on a real server, and what only S3 has. */
abstract class S3StoreContract extends ReplicaStoreContract {

  private final String bucket = "bucket-" + UUID.randomUUID();
  private S3Clients.Key clientKey;
  private S3Client client;

  abstract S3Server server();

  private Map<String, String> env() {
    return new HashMap<>(
        Map.of(
            "AWS_ACCESS_KEY_ID", server().accessKey(),
            "AWS_SECRET_ACCESS_KEY", server().secretKey(),
            "LITESTREAM_S3_ENDPOINT", server().endpoint().toString()));
  }

  final S3Store open(String url, Map<String, String> env) {
    return new S3Store((S3Url) ReplicaUrl.parse(url, env::get));
  }

  @BeforeEach
  void createBucket() {
    clientKey = S3Clients.Key.of((S3Url) ReplicaUrl.parse("s3://b", env()::get), "us-east-1", null);
    client = S3Clients.acquire(clientKey).client();
    client.createBucket(r -> r.bucket(bucket));
  }

  @AfterEach
  void releaseClient() {
    S3Clients.release(clientKey);
  }

  @Override
  protected ReplicaStore open() {
    return open("s3://" + bucket + "/my backups/app", env());
  }

  private void putKey(String key, byte[] bytes) {
    client.putObject(r -> r.bucket(bucket).key(key), RequestBody.fromBytes(bytes));
  }

  @Override
  protected void put(String key, byte[] bytes) {
    putKey("my backups/app/" + key, bytes);
  }

  @Override
  protected void delete(String key) {
    client.deleteObject(r -> r.bucket(bucket).key("my backups/app/" + key));
  }

  @Override
  protected List<Layout> layouts() {
    return List.of(new Layout("", true), new Layout("", false));
  }

  @Test
  @DisplayName("C-49: keys without any prefix are found from both spellings of the bucket")
  void bucketWithoutPath() throws Exception {
    putKey("0000/" + LtxName.raw(1).fileName(), bytes(100, 1));
    for (String url : List.of("s3://" + bucket, "s3://" + bucket + "/")) {
      try (S3Store store = open(url, env())) {
        assertThat(store.list(9, null, TIMEOUT)).isEmpty();
        assertThat(store.list(0, null, TIMEOUT)).hasSize(1);
        assertThat(head(store, LtxName.raw(1), 100).bytes()).isEqualTo(bytes(100, 1));
      }
    }
  }

  @Test
  void aListedTagPinsTheFirstRead() throws Exception {
    put("0000/" + LtxName.raw(1).fileName(), bytes(100, 1));
    try (ReplicaStore store = open()) {
      LtxObject listed = store.list(0, null, TIMEOUT).getFirst();
      put("0000/" + LtxName.raw(1).fileName(), bytes(100, 2));
      StoreException e =
          catchThrowableOfType(StoreException.class, () -> store.read(listed, 0, 10, TIMEOUT));
      assertThat(e.kind()).isEqualTo(Kind.CHANGED);
      assertThat(e).hasMessageContaining(LtxName.raw(1).fileName());
    }
  }

  @Test
  @DisplayName("C-43: a bucket that does not exist is named")
  void noSuchBucket() throws Exception {
    for (String path : List.of("", "/", "/app")) {
      try (S3Store store = open("s3://no-such-bucket-here" + path, env())) {
        StoreException e =
            catchThrowableOfType(StoreException.class, () -> store.list(0, null, TIMEOUT));
        assertThat(e.kind()).isEqualTo(Kind.UNUSABLE);
        assertThat(e).hasMessageContaining("there is no bucket no-such-bucket-here");
      }
    }
  }

  @Test
  @DisplayName("C-43: wrong credentials are said to be wrong, and not shown")
  void wrongCredentials() throws Exception {
    Map<String, String> env = env();
    env.put("AWS_SECRET_ACCESS_KEY", "canaryother");
    try (S3Store store = open("s3://" + bucket + "/app", env)) {
      for (ThrowingCall call :
          List.<ThrowingCall>of(
              () -> store.list(0, null, TIMEOUT),
              () -> store.read(new LtxObject(LtxName.raw(1), 10, "x", null), 0, 10, TIMEOUT))) {
        StoreException e = catchThrowableOfType(StoreException.class, call::run);
        assertThat(e.kind()).isEqualTo(Kind.DENIED);
        assertThat(e).hasMessageContaining("AWS_ACCESS_KEY_ID").hasMessageContaining(bucket);
        assertThat(Secrets.textOf(e)).doesNotContain(server().accessKey(), "canaryother");
      }
    }
  }

  private interface ThrowingCall {
    void run() throws Exception;
  }
}
