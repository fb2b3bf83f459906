package io.litestream.jdbc.internal.store.s3;

import io.litestream.jdbc.internal.store.Deadline;
import io.litestream.jdbc.internal.store.Layout;
import io.litestream.jdbc.internal.store.LayoutChoice;
import io.litestream.jdbc.internal.store.S3Url;
import io.litestream.jdbc.store.Fetched;
import io.litestream.jdbc.store.ListPage;
import io.litestream.jdbc.store.LtxName;
import io.litestream.jdbc.store.LtxObject;
import io.litestream.jdbc.store.ReplicaStore;
import io.litestream.jdbc.store.StoreException;
import io.litestream.jdbc.store.StoreException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A replica in S3 or what speaks its protocol, in any layout that Litestream gave it.
 *
 * <p>An object is identified by its size and ETag; reads carry the ETag as a condition. The first
 * call may ask for the bucket's region. One request more, shared by all, finds out the layout when
 * a level is empty.
 */
public final class S3Store implements ReplicaStore {

  /** The most that one LIST answers. */
  private static final int LIST_PAGE = 1000;

  private static final int RANGE_NOT_SATISFIABLE = 416;

  /** Without the right to list, S3 answers 403 for objects that do not exist. */
  private static final String READ_PERMISSION =
      "s3:GetObject on it and s3:ListBucket on its bucket";

  private final S3Url url;
  private final S3Connection connection;
  private final LayoutChoice layout;

  public S3Store(S3Url url) {
    this(url, (@Nullable AwsCredentialsProvider) null);
  }

  /**
   * @param provider used instead of the URL's credentials, and never closed; null without
   */
  public S3Store(S3Url url, @Nullable AwsCredentialsProvider provider) {
    this(url, new S3Connection(url, new S3Errors(url, provider != null), provider));
  }

  /** With the application's client, which stays open. */
  public S3Store(S3Url url, S3Client client) {
    this(url, S3Connection.over(url, new S3Errors(url, true), client));
  }

  private S3Store(S3Url url, S3Connection connection) {
    this.url = url;
    this.connection = connection;
    this.layout = new LayoutChoice(Layout.inBucket(url.path()), this::hasFiles);
  }

  @Override
  public String describe() {
    return url.describe();
  }

  @Override
  public String describe(LtxName name) {
    return describe(key(layout.current(), name));
  }

  private String describe(String key) {
    return "s3://"
        + url.bucket()
        + "/"
        + key
        + (url.endpoint() == null ? "" : " at " + url.endpoint());
  }

  private static String key(Layout layout, LtxName name) {
    return layout.directory(name.level()) + name.fileName();
  }

  @Override
  public boolean listsTags() {
    return true;
  }

  @Override
  public List<LtxObject> list(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    Deadline deadline = new Deadline(describe(), timeout);
    return layout.list(
        in -> {
          LevelFiles files = new LevelFiles(in, level, level, after);
          pages(in, in.directory(level), files, true, deadline);
          return files.level(level);
        },
        deadline);
  }

  @Override
  public ListPage listPage(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    Deadline deadline = new Deadline(describe(), timeout);
    boolean[] last = {true};
    List<LtxObject> found =
        layout.list(
            in -> {
              LevelFiles files = new LevelFiles(in, level, level, after);
              last[0] = pages(in, in.directory(level), files, false, deadline);
              return files.level(level);
            },
            deadline);
    return new ListPage(found, last[0]);
  }

  @Override
  public List<List<LtxObject>> listFrom(int level, @Nullable LtxName after, Duration timeout)
      throws StoreException {
    Deadline deadline = new Deadline(describe(), timeout);
    Layout in = layout.resolve(deadline);
    LevelFiles files = new LevelFiles(in, level, LtxName.LEVELS - 1, after);
    pages(in, in.allLevels(), files, true, deadline);
    List<List<LtxObject>> levels = new ArrayList<>();
    for (int l = level; l < LtxName.LEVELS; l++) {
      levels.add(files.level(l));
    }
    return levels;
  }

  /** The files of some levels among the keys of a listing. */
  private final class LevelFiles {
    private final Layout in;
    private final int first;
    private final @Nullable LtxName after;
    private final List<TreeMap<LtxName, LtxObject>> found = new ArrayList<>();

    /**
     * @param after of the first level
     */
    LevelFiles(Layout in, int first, int last, @Nullable LtxName after) {
      this.in = in;
      this.first = first;
      this.after = after;
      for (int level = first; level <= last; level++) {
        found.add(new TreeMap<>());
      }
    }

    /** What the listing's keys come after. */
    @Nullable String startAfter(String prefix) {
      String start = after == null ? in.directory(first) : key(in, after);
      return start.equals(prefix) ? null : start;
    }

    void add(S3Object object) throws StoreException {
      for (int level = first; level < first + found.size(); level++) {
        String directory = in.directory(level);
        if (object.key().startsWith(directory)) {
          Optional<LtxName> name = LtxName.parse(level, object.key().substring(directory.length()));
          // A server may not know start-after.
          if (name.isPresent()
              && (level > first || after == null || name.get().compareTo(after) > 0)) {
            found.get(level - first).put(name.get(), listed(name.get(), object));
          }
        }
      }
    }

    List<LtxObject> level(int level) {
      return new ArrayList<>(found.get(level - first).values());
    }
  }

  /**
   * Lists what begins with a prefix.
   *
   * @param all whether to go on to the last page
   * @return whether the last page was seen
   */
  private boolean pages(Layout in, String prefix, LevelFiles files, boolean all, Deadline deadline)
      throws StoreException {
    String token = null;
    do {
      ListObjectsV2Response page = page(in, prefix, files.startAfter(prefix), token, deadline);
      for (S3Object object : page.contents()) {
        files.add(object);
      }
      token = next(page, token, prefix);
    } while (token != null && all);
    return token == null;
  }

  private LtxObject listed(LtxName name, S3Object object) throws StoreException {
    if (object.size() == null || object.size() < 0 || object.eTag() == null) {
      throw new StoreException(
          Kind.UNUSABLE,
          describe(object.key()) + ": the server lists it without size or ETag",
          null);
    }
    return new LtxObject(
        name, object.size(), RangeAnswer.unquoted(object.eTag()), object.lastModified());
  }

  /** The token of the next page, null after the last one. */
  private @Nullable String next(
      ListObjectsV2Response page, @Nullable String token, String directory) throws StoreException {
    if (!Boolean.TRUE.equals(page.isTruncated())) {
      return null;
    }
    String next = page.nextContinuationToken();
    if (next == null || next.isEmpty() || next.equals(token)) {
      throw new StoreException(
          Kind.TRANSIENT,
          describe(directory) + ": the server cut the listing and does not say where",
          null);
    }
    return next;
  }

  private ListObjectsV2Response page(
      Layout in,
      String prefix,
      @Nullable String startAfter,
      @Nullable String token,
      Deadline deadline)
      throws StoreException {
    try {
      return connection.send(
          describe(prefix),
          "s3:ListBucket on bucket " + url.bucket(),
          deadline,
          (client, how) ->
              client.listObjectsV2(
                  r ->
                      r.bucket(url.bucket())
                          .prefix(prefix)
                          .startAfter(startAfter)
                          .continuationToken(token)
                          .maxKeys(LIST_PAGE)
                          .overrideConfiguration(how)));
    } catch (StoreException failure) {
      if (failure.kind() == Kind.UNUSABLE && in.oddInBucket()) {
        // Servers that map keys to files refuse such a prefix: nothing can lie there.
        return ListObjectsV2Response.builder().build();
      }
      throw failure;
    }
  }

  private boolean hasFiles(Layout candidate, Deadline deadline) throws StoreException {
    return page(candidate, candidate.allLevels(), null, null, deadline).contents().stream()
        .anyMatch(object -> candidate.isFile(object.key()));
  }

  @Override
  public Fetched read(LtxObject object, long offset, int length, Duration timeout)
      throws StoreException {
    if (offset < 0 || length < 0) {
      throw new IllegalArgumentException("offset " + offset + ", length " + length);
    }
    Deadline deadline = new Deadline(describe(object.name()), timeout);
    String key = key(layout.resolve(deadline), object.name());
    boolean nothing = length == 0 || offset >= object.size();
    // No range asks for nothing: its first byte tells whether the object is still the same.
    long from = nothing ? 0 : offset;
    int wanted = nothing ? 1 : length;
    boolean ranged = object.size() > 0;
    Fetched fetched = get(object.name(), key, ranged, from, wanted, object.tag(), deadline);
    if (fetched == null) {
      throw changed(key, object, "ends before byte " + from);
    }
    LtxObject found = fetched.object();
    if (found.size() != object.size()
        || (object.tag() != null && !object.tag().equals(found.tag()))) {
      throw changed(key, object, "has " + found.size() + " bytes and ETag " + found.tag());
    }
    return nothing ? new Fetched(found, offset, new byte[0]) : fetched;
  }

  @Override
  public Fetched readTail(LtxObject object, int length, Duration timeout) throws StoreException {
    return read(object, Math.max(0, object.size() - length), length, timeout);
  }

  @Override
  public @Nullable Fetched probe(LtxName name, int length, Duration timeout) throws StoreException {
    Deadline deadline = new Deadline(describe(name), timeout);
    String key = key(layout.resolve(deadline), name);
    int wanted = Math.max(1, length);
    try {
      Fetched fetched = get(name, key, true, 0, wanted, null, deadline);
      if (fetched == null) {
        // Only an empty object has no first byte.
        fetched = get(name, key, false, 0, wanted, null, deadline);
      }
      return fetched == null || length > 0
          ? fetched
          : new Fetched(fetched.object(), 0, new byte[0]);
    } catch (StoreException e) {
      if (e.kind() == Kind.NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  /** One GET; null when the object ends before the range begins. */
  private @Nullable Fetched get(
      LtxName name,
      String key,
      boolean ranged,
      long offset,
      int length,
      @Nullable String tag,
      Deadline deadline)
      throws StoreException {
    GetObjectRequest.Builder request =
        GetObjectRequest.builder()
            .bucket(url.bucket())
            .key(key)
            .range(ranged ? "bytes=" + offset + "-" + (offset + length - 1) : null)
            .ifMatch(tag == null ? null : "\"" + tag + "\"");
    addCustomerKey(request);
    Optional<RangeAnswer> answer =
        connection.send(
            describe(key),
            READ_PERMISSION,
            deadline,
            (client, how) -> ask(client, request, how, length));
    return answer.isEmpty() ? null : answer.get().check(name, describe(key), offset, length);
  }

  /** Empty when the object ends before the range begins. */
  private static Optional<RangeAnswer> ask(
      S3Client client,
      GetObjectRequest.Builder request,
      Consumer<AwsRequestOverrideConfiguration.Builder> how,
      int length) {
    try {
      return Optional.of(
          client.getObject(request.overrideConfiguration(how).build(), RangeAnswer.reader(length)));
    } catch (AwsServiceException e) {
      if (e.statusCode() == RANGE_NOT_SATISFIABLE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void addCustomerKey(GetObjectRequest.Builder request) {
    String customerKey = url.customerKey();
    if (customerKey != null) {
      request
          .sseCustomerAlgorithm("AES256")
          .sseCustomerKey(customerKey)
          .sseCustomerKeyMD5(S3Url.md5(Base64.getDecoder().decode(customerKey)));
    }
  }

  private StoreException changed(String key, LtxObject expected, String found) {
    return new StoreException(
        Kind.CHANGED,
        describe(key)
            + " has changed: expected "
            + expected.size()
            + " bytes"
            + (expected.tag() == null ? "" : " and ETag " + expected.tag())
            + "; it "
            + found,
        null);
  }

  @Override
  public void close() {
    connection.close();
  }
}
