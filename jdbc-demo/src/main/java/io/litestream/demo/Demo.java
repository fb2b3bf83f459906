package io.litestream.demo;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.ReplicaState;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The present of a replica, the states of its past, one query at some of them, and the cost. */
final class Demo {

  private static final int WIDTH = 100;

  /** Columns when nobody says which instants. */
  private static final int SOME_STATES = 5;

  private static final String TABLES =
      "SELECT name, type FROM sqlite_schema WHERE name NOT GLOB '_litestream_*' ORDER BY name";

  private static final DateTimeFormatter DAY_AND_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ISO_LOCAL_DATE.withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

  private final Options options;
  private final String replica;
  private final String sql;
  private final PrintStream out;
  private final Cost cost = new Cost();

  Demo(Options options, String replica, PrintStream out) {
    this.options = options;
    this.replica = replica;
    this.out = out;
    String fallback = options.replica() == null ? EmbeddedReplica.SQL : TABLES;
    this.sql = options.sql() == null ? fallback : options.sql();
  }

  void run() throws SQLException {
    try (Connection any = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      cost.measure(
          "load the VFS",
          () -> {
            Litestream.load(any);
            return true;
          });
    }
    try (Connection db = cost.measure("open", () -> DriverManager.getConnection(jdbcUrl()));
        Statement statement = db.createStatement()) {
      present(statement);
      Map<String, String> instants = instants(states());
      compare(db, statement, instants);
    }
    title("What it cost");
    print(cost.table());
  }

  private String jdbcUrl() {
    return "jdbc:sqlite:file:demo.db?vfs=litestream&replica_url="
        + URLEncoder.encode(replica, StandardCharsets.UTF_8);
  }

  private void present(Statement statement) throws SQLException {
    Rows rows = cost.measure("query the present", () -> Rows.of(statement, sql));
    title("The present");
    out.println("  " + Text.cut(Text.oneLine(sql), WIDTH - 2));
    out.println();
    print(rows.table());
    if (rows.rows().isEmpty()) {
      out.println("  (no rows)");
    }
    if (rows.more()) {
      out.println("  (more rows; the first " + Rows.LIMIT + " are shown)");
    }
  }

  private List<ReplicaState> states() throws SQLException {
    List<ReplicaState> states =
        cost.measure("list the states", () -> Litestream.states(replica, options.states()));
    title("Where one can travel to: the newest " + count(states.size(), "state"));
    Table table = new Table(List.of("since (UTC)", "the newest for", "TXID", "level"));
    for (int i = 0; i < states.size(); i++) {
      ReplicaState s = states.get(i);
      String lasted =
          i + 1 == states.size() ? "the present" : span(s.time(), states.get(i + 1).time());
      table.row(DAY_AND_TIME.format(s.time()), lasted, s.txid(), Integer.toString(s.level()));
    }
    print(table);
    return states;
  }

  private static String span(Instant from, Instant to) {
    double seconds = Duration.between(from, to).toMillis() / 1e3;
    if (seconds < 120) {
      return String.format(Locale.ROOT, "%.3f s", seconds);
    }
    return seconds < 2 * 3600
        ? String.format(Locale.ROOT, "%.1f min", seconds / 60)
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }

  /** Heads of columns, and the time expressions that lead there. */
  private Map<String, String> instants(List<ReplicaState> states) {
    Map<String, String> instants = new LinkedHashMap<>();
    options.at().forEach(at -> instants.put(Text.oneLine(at), at));
    if (instants.isEmpty()) {
      boolean oneDay = states.stream().map(s -> DAY.format(s.time())).distinct().count() == 1;
      int columns = Math.min(SOME_STATES, states.size());
      for (int i = 0; i < columns; i++) {
        int which = columns == 1 ? 0 : Math.round(i * (states.size() - 1) / (columns - 1f));
        Instant time = states.get(which).time();
        // A travel shows what is strictly before its instant.
        instants.put((oneDay ? TIME : DAY_AND_TIME).format(time), time.plusMillis(1).toString());
      }
    }
    return instants;
  }

  private void compare(Connection db, Statement statement, Map<String, String> instants)
      throws SQLException {
    List<String> heads = new ArrayList<>();
    List<Rows> answers = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (Map.Entry<String, String> instant : instants.entrySet()) {
      String head = instant.getKey();
      String state = cost.measure("travel to " + head, () -> travel(db, instant.getValue()));
      if (!options.at().isEmpty()) {
        notes.add("  " + head + ": " + state);
      }
      try {
        answers.add(cost.measure("query there", () -> Rows.of(statement, sql)));
        heads.add(head);
      } catch (SQLException e) {
        notes.add("  " + head + ": " + Text.oneLine(String.valueOf(e.getMessage())));
      }
    }
    title("The same query at " + count(instants.size(), "instant") + " (UTC)");
    if (!answers.isEmpty()) {
      print(new Comparison(answers).table(heads));
      out.println();
      out.println("  * differs from the instant at its left    . no such row or column");
    }
    if (answers.stream().anyMatch(Rows::more)) {
      out.println("  (more rows; the first " + Rows.LIMIT + " of each instant are compared)");
    }
    notes.forEach(out::println);
  }

  private static String count(int n, String things) {
    return n + " " + things + (n == 1 ? "" : "s");
  }

  /** Returns what is seen then. */
  private static String travel(Connection db, String when) throws SQLException {
    try (PreparedStatement set = db.prepareStatement("SELECT litestream_set_time(?)")) {
      set.setString(1, when);
      set.executeQuery().close();
    }
    try (Statement get = db.createStatement();
        ResultSet state = get.executeQuery("SELECT litestream_txid(), litestream_time()")) {
      return state.getString(2) + ", TXID " + state.getString(1);
    }
  }

  private void title(String text) {
    out.println();
    out.println(text);
    out.println("=".repeat(text.length()));
  }

  private void print(Table table) {
    table.lines(WIDTH - 2).forEach(line -> out.println("  " + line));
  }
}
