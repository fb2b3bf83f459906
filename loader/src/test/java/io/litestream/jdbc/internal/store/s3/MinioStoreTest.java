package io.litestream.jdbc.internal.store.s3;

import io.litestream.testkit.server.Minio;
import io.litestream.testkit.server.S3Server;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class MinioStoreTest extends S3StoreContract {

  private static @Nullable S3Server server;

  @BeforeAll
  static void start() {
    server = Minio.require("The store's tests against MinIO");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  S3Server server() {
    return Objects.requireNonNull(server);
  }
}
