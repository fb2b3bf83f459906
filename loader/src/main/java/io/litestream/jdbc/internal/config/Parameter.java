package io.litestream.jdbc.internal.config;

import io.litestream.jdbc.internal.store.S3Parameter;
import io.litestream.jdbc.internal.store.Spelling;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Every parameter of this library: the one table of them, from which come validation, {@code
 * getPropertyInfo} and the table in README.
 */
public enum Parameter {
  REPLICA_URL(
      "replica_url",
      Kind.TEXT,
      "LITESTREAM_REPLICA_URL",
      "where the replica is: s3://bucket/path, file:///path or an absolute path; in"
          + " jdbc:litestream: it is what stands before the question mark"),
  REPLICA(
      "replica",
      Kind.TEXT,
      "",
      "the name that Litestream.register gave a replica, in place of replica_url; parameters beside"
          + " it win over those registered"),
  TIME(
      "time",
      Kind.TIME,
      "LATEST",
      "shows the newest state strictly before that instant; ages count from the open"),
  TXID("txid", Kind.TXID, "", "shows exactly the state of that TXID, up to 16 hex digits"),
  POLL_INTERVAL(
      "poll_interval",
      Kind.DURATION,
      "1s",
      "between two looks at the store while somebody reads, 1ms to 24h; of connections that share a"
          + " replica, the first one's counts"),
  OPEN_TIMEOUT(
      "open_timeout",
      Kind.DURATION,
      "10s",
      "the longest wait for a first state, and for a time travel, 1ms to 24h; shared as"
          + " poll_interval is"),
  REQUEST_TIMEOUT(
      "request_timeout",
      Kind.DURATION,
      "30s",
      "the longest wait for one answer of the store, retries included, 1ms to 24h; shared as"
          + " poll_interval is"),
  MAX_STALE(
      "max_stale",
      Kind.AGE,
      "",
      "refuses to read when the last successful look at the store is longer ago, 1ms to 365d;"
          + " without it, states that were read once go on answering"),
  SESSION_TIME(
      "session_time",
      Kind.SESSION_TIME,
      "reset",
      "reset: what one borrower of a pool changed (time, attached replicas, a raw BEGIN) is undone"
          + " for the next one; keep: it stays; in ATTACH, keep leaves that replica attached"),
  CACHE_BYTES(
      "cache_bytes",
      Kind.BYTES,
      "",
      "budget of the page cache, shared by all replicas of the process; without it the smaller of"
          + " 256MB and an eighth of the machine's or container's memory"),
  HEDGING(
      "hedging",
      Kind.TRUTH,
      "true",
      "whether S3 is asked once more for bytes that are late, by one in twenty requests at most, so"
          + " that one slow answer does not hold up a query; shared as poll_interval is"),
  CACHE_SIZE(
      "cache_size",
      Kind.BYTES,
      "",
      "the same, as Litestream calls it; in jdbc:sqlite: URLs it is SQLite's PRAGMA"),

  ENDPOINT(S3Parameter.ENDPOINT, Kind.TEXT, "", "the S3 server, where it is not AWS: host:port"),
  REGION(S3Parameter.REGION, Kind.TEXT, "", "the bucket's region; looked up where it is not given"),
  FORCE_PATH_STYLE(
      S3Parameter.FORCE_PATH_STYLE,
      Kind.TRUTH,
      "",
      "whether the bucket goes into the path of requests; chosen by the endpoint otherwise"),
  SKIP_VERIFY(
      S3Parameter.SKIP_VERIFY, Kind.TRUTH, "false", "accepts any TLS certificate; for tests only"),
  ACCESS_KEY_ID(
      S3Parameter.ACCESS_KEY_ID,
      Kind.SECRET,
      "AWS_ACCESS_KEY_ID",
      "the S3 key; else LITESTREAM_ACCESS_KEY_ID, else the AWS SDK's default chain"),
  SECRET_ACCESS_KEY(
      S3Parameter.SECRET_ACCESS_KEY,
      Kind.SECRET,
      "AWS_SECRET_ACCESS_KEY",
      "the key's secret; else LITESTREAM_SECRET_ACCESS_KEY"),
  SESSION_TOKEN(
      S3Parameter.SESSION_TOKEN, Kind.SECRET, "AWS_SESSION_TOKEN", "belongs to a temporary key"),
  PROFILE(
      S3Parameter.PROFILE,
      Kind.TEXT,
      "",
      "the profile of the AWS configuration files that has the credentials"),
  SSE_CUSTOMER_ALGORITHM(
      S3Parameter.SSE_CUSTOMER_ALGORITHM,
      Kind.AES256,
      "AES256",
      "of sse_customer_key; the only one there is"),
  SSE_CUSTOMER_KEY(
      S3Parameter.SSE_CUSTOMER_KEY,
      Kind.SECRET,
      "",
      "base64 of the 32 bytes with which the server decrypts the objects (SSE-C)"),
  SSE_CUSTOMER_KEY_MD5(
      S3Parameter.SSE_CUSTOMER_KEY_MD5,
      Kind.SECRET,
      "",
      "need not be given; checked against the key"),
  SIGN_PAYLOAD(S3Parameter.SIGN_PAYLOAD, Kind.TRUTH, "", Texts.WRITER),
  REQUIRE_CONTENT_MD5(S3Parameter.REQUIRE_CONTENT_MD5, Kind.TRUTH, "", Texts.WRITER),
  CONCURRENCY(S3Parameter.CONCURRENCY, Kind.COUNT, "", Texts.WRITER),
  PART_SIZE(S3Parameter.PART_SIZE, Kind.COUNT, "", Texts.WRITER),
  STORAGE_CLASS(S3Parameter.STORAGE_CLASS, Kind.TEXT, "", Texts.WRITER),
  SSE_KMS_KEY_ID(S3Parameter.SSE_KMS_KEY_ID, Kind.TEXT, "", Texts.WRITER),

  WRITE_ENABLED(
      "write_enabled", Kind.TRUTH, "false", "true is an error: replicas are read-only here"),
  SYNC_INTERVAL("sync_interval", Kind.DURATION, "", Texts.WRITES),
  BUFFER_PATH("buffer_path", Kind.TEXT, "", Texts.WRITES),
  HYDRATION_ENABLED(
      "hydration_enabled",
      Kind.TRUTH,
      "",
      "whether all pages are fetched in the background where they fit into cache_bytes: true from"
          + " the open on, false never, otherwise once reads have missed some; shared as"
          + " poll_interval is"),
  HYDRATION_PATH("hydration_path", Kind.TEXT, "", Texts.COPIES);

  /** What values look like. */
  enum Kind {
    TEXT,
    /** Text that is never shown. */
    SECRET,
    DURATION,
    /** A duration that may be longer than those of requests. */
    AGE,
    BYTES,
    COUNT,
    TRUTH("true", "false"),
    TIME,
    TXID,
    SESSION_TIME("reset", "keep"),
    AES256("AES256");

    private final List<String> choices;

    Kind(String... choices) {
      this.choices = List.of(choices);
    }
  }

  /** Descriptions that several parameters have. */
  private static final class Texts {
    private static final String WRITER =
        "accepted without effect: it matters to writers of S3 only";
    private static final String WRITES =
        "accepted without effect and with one warning: it belongs to Litestream's write mode";
    private static final String COPIES =
        "accepted without effect and with one warning: no local copy is made; pages that were read"
            + " stay in memory, as many as cache_bytes allows";
  }

  private static final Map<String, Parameter> BY_KEY =
      Arrays.stream(values()).collect(Collectors.toMap(Parameter::key, Function.identity()));

  private final String key;
  private final Kind kind;
  private final String standard;
  private final String description;
  private final @Nullable S3Parameter s3;

  Parameter(String key, Kind kind, String standard, String description) {
    this(key, kind, standard, description, null);
  }

  Parameter(S3Parameter s3, Kind kind, String standard, String description) {
    this(s3.key(), kind, standard, description, s3);
  }

  Parameter(String key, Kind kind, String standard, String description, @Nullable S3Parameter s3) {
    this.key = key;
    this.kind = kind;
    this.standard = standard;
    this.description = description;
    this.s3 = s3;
  }

  /** The name in snake_case; see {@link Spelling} for the others. */
  public String key() {
    return key;
  }

  Kind kind() {
    return kind;
  }

  /** The value, or the environment variable, that counts when there is none; empty for neither. */
  public String standard() {
    return standard;
  }

  public String description() {
    return description;
  }

  /** The values that there are; empty when there are too many. */
  public List<String> choices() {
    return kind.choices;
  }

  /** Whether no value is ever shown. */
  public boolean isSecret() {
    return kind == Kind.SECRET;
  }

  /** The parameter of the S3 store that this is; null for the others. */
  @Nullable S3Parameter s3() {
    return s3;
  }

  /** The parameter of that name in any spelling, or null. */
  public static @Nullable Parameter find(String name) {
    return BY_KEY.get(Spelling.snake(name));
  }

  static List<String> keys() {
    return Arrays.stream(values()).map(Parameter::key).toList();
  }
}
