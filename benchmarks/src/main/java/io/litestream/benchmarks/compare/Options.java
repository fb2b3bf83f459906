package io.litestream.benchmarks.compare;

import io.litestream.testkit.server.Minio;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the command line asks for; benchmarks/README.md says what each is.
 *
 * @param values by name
 */
record Options(Map<String, String> values) {

  static Options parse(String[] args) {
    Map<String, String> values = new HashMap<>();
    for (String arg : args) {
      String[] pair = arg.split("=", 2);
      if (pair.length < 2) {
        throw new IllegalArgumentException(arg + ": expected name=value");
      }
      values.put(pair[0], pair[1]);
    }
    return new Options(values);
  }

  Path data() {
    return Path.of(values.getOrDefault("data", "target/data")).toAbsolutePath();
  }

  Path results() {
    return Path.of(values.getOrDefault("results", "target/results")).toAbsolutePath();
  }

  /** The program; empty for none. */
  String litestream() {
    return values.getOrDefault("litestream", "");
  }

  /** Upstream's library; empty for none. */
  String extension() {
    return values.getOrDefault("extension", "");
  }

  /** The library cannot say it. */
  String extensionVersion() {
    return values.getOrDefault("extension-version", "of unknown version");
  }

  /** The program; empty for none. */
  String minio() {
    String known = System.getenv(Minio.VARIABLE);
    return values.getOrDefault("minio", known == null ? "" : known);
  }

  /** Names of stores: all that there are, unless one is asked for. */
  List<String> stores() {
    String store = values.getOrDefault("store", "");
    return switch (store) {
      case "" -> minio().isEmpty() ? List.of(Names.STUB) : List.of(Names.STUB, Names.MINIO);
      case "stub" -> List.of(Names.STUB);
      case "minio" -> {
        if (minio().isEmpty()) {
          throw new IllegalArgumentException(
              "store=minio: which program? Name it by minio=PROGRAM or " + Minio.VARIABLE);
        }
        yield List.of(Names.MINIO);
      }
      default -> throw new IllegalArgumentException("store=" + store + ": expected stub or minio");
    };
  }

  boolean wants(Part part) {
    String parts = values.getOrDefault("parts", "");
    return parts.isEmpty() || List.of(parts.split(",", -1)).contains(part.name());
  }

  /** What a reader would look for in vain in the results. */
  List<String> leftOut() {
    Map<String, String> all = new LinkedHashMap<>();
    if (extension().isEmpty()) {
      all.put(Names.UPSTREAM, "extension");
    }
    if (litestream().isEmpty()) {
      all.put(Names.RESTORE, "litestream");
    }
    if (!stores().contains(Names.MINIO)) {
      all.put(Names.MINIO, "minio");
    }
    List<String> texts = new ArrayList<>();
    all.forEach((what, option) -> texts.add(what + " (`" + option + "=` was not given)"));
    if (!stores().contains(Names.STUB)) {
      texts.add(Names.STUB + ", but for the computed 100 GB (`store=minio`)");
    }
    if (values.containsKey("parts")) {
      texts.add("all parts but " + values.get("parts"));
    }
    return texts;
  }
}
