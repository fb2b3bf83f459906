package io.litestream.jdbc.internal.config;

import io.litestream.jdbc.internal.store.ReplicaUrl;
import io.litestream.jdbc.internal.store.S3Parameter;
import io.litestream.jdbc.internal.store.UrlText;
import io.litestream.jdbc.store.ReplicaSource;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a user has set, each value checked by itself. Immutable; {@code toString} shows no secret.
 *
 * @param values this library's parameters, as text
 * @param sqlite what is SQLite's and sqlite-jdbc's, under their names
 * @param source a store of the application's own; null when a URL or a name says where the replica
 *     is
 */
public record Settings(
    Map<Parameter, String> values, Map<String, String> sqlite, @Nullable ReplicaSource source) {

  private static final String HIDDEN = "[hidden]";

  public Settings {
    EnumMap<Parameter, String> copy = new EnumMap<>(Parameter.class);
    copy.putAll(values);
    values = Collections.unmodifiableMap(copy);
    sqlite = Collections.unmodifiableMap(new TreeMap<>(sqlite));
  }

  /** The value of a parameter; null when it is not set. */
  public @Nullable String get(Parameter parameter) {
    return values.get(parameter);
  }

  /** These, and what they leave open from {@code others}. */
  Settings over(Settings others) {
    EnumMap<Parameter, String> all = new EnumMap<>(Parameter.class);
    all.putAll(others.values);
    // Two names of one thing: the one given here wins.
    replace(all, Parameter.TIME, Parameter.TXID);
    replace(all, Parameter.CACHE_BYTES, Parameter.CACHE_SIZE);
    all.putAll(values);
    Map<String, String> names = new TreeMap<>(others.sqlite);
    names.putAll(sqlite);
    return new Settings(all, names, source == null ? others.source : source);
  }

  private void replace(Map<Parameter, String> all, Parameter one, Parameter other) {
    if (values.containsKey(one) || values.containsKey(other)) {
      all.remove(one);
      all.remove(other);
    }
  }

  /** Those of the S3 store. */
  Map<S3Parameter, String> s3() {
    Map<S3Parameter, String> s3 = new EnumMap<>(S3Parameter.class);
    values.forEach(
        (parameter, value) -> {
          S3Parameter own = parameter.s3();
          if (own != null && !value.isEmpty()) {
            s3.put(own, value);
          }
        });
    return s3;
  }

  /**
   * What may be shown of a value: null when it is not set or secret.
   *
   * <p>A server's URL with a password is an error, but may be asked for before that is said.
   */
  public @Nullable String shown(Parameter parameter) {
    String value = values.get(parameter);
    if (value == null || parameter.isSecret()) {
      return null;
    }
    boolean place = parameter == Parameter.REPLICA_URL || parameter == Parameter.ENDPOINT;
    if (!place || ReplicaUrl.isPlainPath(value)) {
      return value;
    }
    if (value.indexOf('@') >= 0) {
      return null;
    }
    int mark = value.indexOf('?'); // what follows may be a secret
    return mark < 0 ? value : value.substring(0, mark) + "?" + HIDDEN;
  }

  @Override
  public String toString() {
    Map<String, String> shown = new TreeMap<>(sqlite);
    for (Parameter parameter : values.keySet()) {
      shown.put(parameter.key(), Objects.requireNonNullElse(shown(parameter), HIDDEN));
    }
    if (source != null) {
      shown.put("source", source.getClass().getName());
    }
    return shown.toString();
  }

  /** Whether the name is SQLite's or sqlite-jdbc's. */
  public static boolean isSqlite(String name) {
    return SqliteNames.find(name).isPresent();
  }

  /** What is known by name, whatever the values are; the last of several counts. To show only. */
  public static Settings unchecked(Iterable<Map.Entry<String, String>> parameters) {
    Map<Parameter, String> ours = new EnumMap<>(Parameter.class);
    Map<String, String> theirs = new TreeMap<>();
    for (Map.Entry<String, String> given : parameters) {
      Parameter parameter = Parameter.find(given.getKey());
      if (parameter != null) {
        ours.put(parameter, given.getValue());
      } else {
        SqliteNames.find(given.getKey()).ifPresent(name -> theirs.put(name, given.getValue()));
      }
    }
    return new Settings(ours, theirs, null);
  }

  /** Collects settings from several places, which must not contradict each other. */
  public static final class Builder {

    private final EnumMap<Parameter, String> values = new EnumMap<>(Parameter.class);
    private final Map<String, String> sqlite = new TreeMap<>();
    private final Map<String, String> places = new HashMap<>();
    private @Nullable ReplicaSource source;

    /**
     * Adds all of a query. Where it has a secret, a name that is like none that is known may be the
     * rest of that, cut off by an ampersand, and is not shown.
     *
     * @param place for messages, such as {@code the URL}
     * @throws IllegalArgumentException naming the parameter, what was found and what is accepted
     */
    public Builder addAll(Map<String, String> parameters, String place) {
      boolean secret = parameters.entrySet().stream().anyMatch(Builder::mayHoldSecret);
      parameters.forEach(
          (name, value) -> {
            if (secret && isLikeNone(name)) {
              throw new IllegalArgumentException(place + UrlText.UNSHOWN_NAME);
            }
            add(name, value, place);
          });
      return this;
    }

    private static boolean mayHoldSecret(Map.Entry<String, String> given) {
      Parameter ours = Parameter.find(given.getKey());
      return ours != null
          && (ours.isSecret()
              || (ours == Parameter.REPLICA_URL && given.getValue().indexOf('?') >= 0));
    }

    private static boolean isLikeNone(String name) {
      return Parameter.find(name) == null
          && SqliteNames.find(name).isEmpty()
          && UrlText.didYouMean(name, Parameter.keys()).isEmpty();
    }

    /** Adds one parameter, of this library or of SQLite. */
    public Builder add(String name, String value, String place) {
      Parameter ours = Parameter.find(name);
      if (ours != null) {
        return add(ours, value, place);
      }
      String theirs = SqliteNames.find(name).orElseThrow(() -> unknown(name));
      checkSqlite(theirs, value);
      agree(theirs, sqlite.putIfAbsent(theirs, value), value, place);
      return this;
    }

    /** Adds one parameter of this library. */
    public Builder add(Parameter parameter, String value, String place) {
      Values.check(parameter, value);
      agree(parameter.key(), values.putIfAbsent(parameter, value), value, place);
      return this;
    }

    /** Adds all of settings that were checked before. */
    public Builder addAll(Settings settings, String place) {
      settings.values().forEach((parameter, value) -> add(parameter, value, place));
      settings.sqlite().forEach((name, value) -> add(name, value, place));
      if (settings.source() != null) {
        source = settings.source();
      }
      return this;
    }

    public boolean has(Parameter parameter) {
      return values.containsKey(parameter);
    }

    public Builder source(ReplicaSource own) {
      source = own;
      return this;
    }

    /** Equal values in two places are no contradiction; the same name twice in one place is. */
    private void agree(String key, @Nullable String before, String value, String place) {
      String other = places.put(key, place);
      if (before == null) {
        return;
      }
      if (place.equals(other)) {
        throw new IllegalArgumentException(
            place + " has the parameter " + key + " twice; leave one out");
      }
      if (!before.equals(value)) {
        throw new IllegalArgumentException(
            key
                + " is given in "
                + other
                + " and in "
                + place
                + " with different values; leave one out");
      }
    }

    public Settings build() {
      return new Settings(values, sqlite, source);
    }
  }

  private static IllegalArgumentException unknown(String name) {
    boolean login = name.equals("user") || name.equals("password");
    return new IllegalArgumentException(
        "unknown parameter "
            + UrlText.shownName(name)
            + (login
                ? "; write access_key_id and secret_access_key"
                : UrlText.didYouMean(name, Parameter.keys()))
            + " (inside a value write %26 for &, inside replica_url also %3F for ?)");
  }

  /** Two of SQLite's parameters would lead to another database than the replica. */
  private static void checkSqlite(String name, String value) {
    if (name.equals("vfs") && !value.equals(ReplicaConfig.VFS)) {
      throw new IllegalArgumentException(
          "vfs is not " + ReplicaConfig.VFS + "; leave it out, or use jdbc:sqlite: for other VFSs");
    }
    if (name.equals("mode") && !Set.of("ro", "rw", "rwc").contains(value)) {
      throw new IllegalArgumentException(
          "mode is not accepted; set mode to ro, rw or rwc, which all open the replica read-only");
    }
  }
}
