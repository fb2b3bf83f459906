package io.litestream.benchmarks.compare;

/** What the contenders and stores are called in the results. */
final class Names {

  static final String OURS = "litestream-jdbc";
  static final String UPSTREAM = "Litestream's extension";
  static final String HYDRATED = "Litestream's extension, hydrating";
  static final String LOCAL = "local file";
  static final String LOCAL_WAL = "local file in WAL mode";
  static final String RESTORE = "litestream restore";
  static final String RESTORE_FOLLOW = "litestream restore -f";

  static final String STUB = "the stub";
  static final String MINIO = "MinIO";

  private Names() {}
}
