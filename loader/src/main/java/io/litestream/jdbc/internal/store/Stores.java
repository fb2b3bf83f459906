package io.litestream.jdbc.internal.store;

import io.litestream.jdbc.internal.store.file.FileStore;
import io.litestream.jdbc.internal.store.s3.S3Store;
import io.litestream.jdbc.store.ReplicaStore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Opens the store that a replica URL names. */
public final class Stores {

  private Stores() {}

  /**
   * A store that tries again (see {@link RetryingStore}) and counts its requests. Makes no request;
   * the caller closes it.
   */
  public static ReplicaStore open(ReplicaUrl url) {
    ReplicaStore store =
        switch (url) {
          case FileUrl file -> new FileStore(file);
          case S3Url s3 -> new S3Store(s3);
          case SourceUrl own -> own.source().open();
        };
    return new RetryingStore(new CountingStore(store));
  }

  /**
   * Parses and opens.
   *
   * @throws IllegalArgumentException as {@link ReplicaUrl#parse}
   */
  public static ReplicaStore open(String url, Function<String, @Nullable String> env) {
    return open(ReplicaUrl.parse(url, env));
  }
}
