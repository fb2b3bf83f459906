package io.litestream.jdbc.internal.store.s3;

import java.net.URI;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class S3ProxyStoreTest extends S3StoreContract {

  private static S3Proxy server;

  @BeforeAll
  static void start() throws Exception {
    server =
        S3Proxy.builder()
            .blobStore(new TransientNio2BlobStore())
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
            .build();
    server.start();
  }

  @AfterAll
  static void stop() throws Exception {
    server.stop();
  }

  @Override
  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getPort());
  }
}
