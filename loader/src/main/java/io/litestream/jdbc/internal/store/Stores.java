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
   *
   * @throws IllegalArgumentException when what it takes is not on the class path
   */
  public static ReplicaStore open(ReplicaUrl url) {
    ReplicaStore store =
        switch (url) {
          case FileUrl file -> new FileStore(file);
          case S3Url s3 -> s3(s3);
          case SourceUrl own -> own.source().open();
        };
    return new RetryingStore(new CountingStore(store));
  }

  /** An application that reads directories only may leave out the AWS SDK. */
  private static ReplicaStore s3(S3Url url) {
    try {
      return new S3Store(url);
    } catch (NoClassDefFoundError e) {
      throw new IllegalArgumentException(
          url.describe()
              + ": replicas in S3 need the AWS SDK, which this application has left out; add"
              + " software.amazon.awssdk:s3 and software.amazon.awssdk:apache5-client",
          e);
    }
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
