package io.litestream.jdbc.internal.store;

import io.litestream.jdbc.internal.store.file.FileStore;
import io.litestream.jdbc.internal.store.s3.S3Store;
import io.litestream.jdbc.store.ReplicaStore;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Opens the store that a replica URL names. */
public final class Stores {

  private Stores() {}

  /**
   * A store that tries again (see {@link RetryingStore}) and counts its requests. Makes no request;
   * the caller closes it.
   *
   * @param hedging where requests of a store behind a network may wait, so that late ones are made
   *     once more (see {@link Hedges}); null for no second requests
   * @throws IllegalArgumentException when what it takes is not on the class path
   */
  public static ReplicaStore open(ReplicaUrl url, @Nullable Executor hedging) {
    CountingStore counted = new CountingStore(plain(url));
    return new RetryingStore(
        hedging == null || url instanceof FileUrl
            ? counted
            : new HedgingStore(counted, hedging, new Hedges(System::nanoTime)));
  }

  private static ReplicaStore plain(ReplicaUrl url) {
    return switch (url) {
      case FileUrl file -> new FileStore(file);
      case S3Url s3 -> s3(s3);
      case SourceUrl own -> own.source().open();
    };
  }

  /** An application that reads directories only may leave out the AWS SDK. */
  private static ReplicaStore s3(S3Url url) {
    try {
      return new S3Store(url);
    } catch (NoClassDefFoundError e) {
      throw new IllegalArgumentException(
          url.describe()
              + ": replicas in S3 need the AWS SDK, which this application has left out; add"
              + " software.amazon.awssdk:s3 and software.amazon.awssdk:apache5-client, and on the"
              + " module path also --add-modules"
              + " software.amazon.awssdk.services.s3,jdk.net,java.naming",
          e);
    }
  }

  /**
   * Parses and opens.
   *
   * @throws IllegalArgumentException as {@link ReplicaUrl#parse}
   */
  public static ReplicaStore open(String url, Function<String, @Nullable String> env) {
    return open(ReplicaUrl.parse(url, env), null);
  }
}
