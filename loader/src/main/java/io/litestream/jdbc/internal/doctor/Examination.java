package io.litestream.jdbc.internal.doctor;

import io.litestream.jdbc.internal.ffi.NativeCore;
import io.litestream.jdbc.internal.ffi.NativeException;
import io.litestream.jdbc.internal.load.Check;
import io.litestream.jdbc.internal.load.NativeChecks;
import io.litestream.jdbc.internal.load.NativeLibrary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Does what loading does, step by step, and says how far it comes. */
public final class Examination {

  private static final String SQLITE_JDBC = "org.sqlite.JDBC";

  private Examination() {}

  /**
   * Looks at everything.
   *
   * @param replica a replica's URL, {@code jdbc:litestream:} before it or not; null for none
   */
  public static List<Check> run(@Nullable String replica) {
    List<Check> checks = new ArrayList<>(NativeChecks.all());
    Module module = Examination.class.getModule();
    checks.add(nativeAccess(module));
    boolean failed = checks.stream().anyMatch(check -> check.result() == Check.Result.FAILED);
    if (failed) {
      checks.add(Check.note("rest", "not looked at, for it needs the library"));
      return checks;
    }
    checks.add(opened());
    if (!isThere(SQLITE_JDBC)) {
      checks.add(withoutSqlite(replica != null));
      return checks;
    }
    checks.addAll(SqliteChecks.load());
    if (replica == null) {
      checks.add(Check.note("replica", "none named: give its URL to have it opened"));
    } else {
      checks.add(SqliteChecks.replica(replica));
    }
    return checks;
  }

  private static Check nativeAccess(Module module) {
    String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
    return module.isNativeAccessEnabled()
        ? Check.ok("native access", "granted to " + name)
        : Check.note(
            "native access",
            "not granted to "
                + name
                + ": the JVM warns, or refuses with --illegal-native-access=deny; start it with"
                + " "
                + NativeLibrary.accessOption());
  }

  private static Check opened() {
    try {
      NativeCore.bind(NativeLibrary.file());
      return Check.ok("opened", "by the JVM; it is this version's");
    } catch (IOException | NativeException | IllegalCallerException e) {
      return Check.failed("opened", e);
    }
  }

  private static Check withoutSqlite(boolean replicaNamed) {
    String text =
        "not looked at, for sqlite-jdbc is missing: put the application's jars into one directory"
            + " and start java -cp 'directory/*' io.litestream.jdbc.Doctor";
    return replicaNamed ? Check.failed("replica", text) : Check.note("SQLite", text);
  }

  private static boolean isThere(String type) {
    try {
      Class.forName(type, false, Examination.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
