/*
** test_names.c - side files of open replicas, error texts of connections, instants as text.
*/
#include "check.h"
#include "errors.h"
#include "names.h"
#include "stub_api.h"
#include "timetext.h"

static void side_files_exist_only_of_others(void) {
  ls_name *a, *b, *again;
  CHECK_INT(0, ls__name_is_side_file("/d/app.db-journal"));
  CHECK_INT(SQLITE_OK, ls__name_add("/d/app.db", &a));
  CHECK_INT(SQLITE_OK, ls__name_add("/d/app.db", &again));
  CHECK_INT(SQLITE_OK, ls__name_add("", &b));
  CHECK_INT(1, ls__name_is_side_file("/d/app.db-journal"));
  CHECK_INT(1, ls__name_is_side_file("/d/app.db-wal"));
  CHECK_INT(1, ls__name_is_side_file("/d/app.db-shm"));
  CHECK_INT(0, ls__name_is_side_file("/d/app.db"));
  CHECK_INT(0, ls__name_is_side_file("/d/app.db-mj12345678"));
  CHECK_INT(0, ls__name_is_side_file("/d/app.db2-journal"));
  CHECK_INT(0, ls__name_is_side_file("/e/app.db-journal"));
  CHECK_INT(0, ls__name_is_side_file("-journal"));
  CHECK_INT(0, ls__name_is_side_file(""));
  ls__name_remove(a);
  CHECK_INT(1, ls__name_is_side_file("/d/app.db-journal"));
  ls__name_remove(again);
  CHECK_INT(0, ls__name_is_side_file("/d/app.db-journal"));
  ls__name_remove(b);
  ls__name_remove(NULL);
}

static void a_noted_path_takes_no_lock(void) {
  static const char journal[] = "/d/app.db-journal", wal[] = "/d/app.db-wal";
  ls__name_note(journal);
  ls__name_note(wal);
  ls__name_note(NULL);
  uint64_t before = stub_locks_taken();
  CHECK_INT(1, ls__name_is_side_file(journal));
  CHECK_INT(1, ls__name_is_side_file(wal));
  CHECK_INT(before, stub_locks_taken());
  ls__name_unnote(journal);
  ls__name_unnote(wal);
  ls__name_unnote(NULL);
  CHECK_INT(0, ls__name_is_side_file(journal));
  CHECK_INT(0, ls__name_is_side_file(wal));
}

/* Far more than there is room for: what is not noted is answered by name. */
static void any_number_of_paths(void) {
  static char paths[20000][2];
  for (int i = 0; i < 20000; i++)
    ls__name_note(paths[i]);
  for (int i = 0; i < 20000; i++)
    ls__name_unnote(paths[i]);
  for (int i = 0; i < 20000; i++)
    CHECK_INT(0, ls__name_is_side_file(paths[i]));
}

static void check_last(const char *expected, sqlite3 *connection) {
  char *text = ls__errors_last(connection);
  CHECK_STR(expected, text);
  sqlite3_free(text);
}

static void a_connection_sees_its_own_last_error(void) {
  int one, two; /* their addresses stand for connections */
  sqlite3 *first = (sqlite3 *)(void *)&one, *second = (sqlite3 *)(void *)&two;
  ls_conn *conn = ls__conn_add(first);
  CHECK(conn != NULL);
  CHECK(ls__conn_known(first) && !ls__conn_known(second));
  check_last("", first);
  ls__errors_note(second, "of an open that failed");
  check_last("of an open that failed", second);
  check_last("of an open that failed", first);
  ls__errors_note(first, "its own");
  check_last("its own", first);
  check_last("of an open that failed", second);
  ls__conn_remove(conn);
  CHECK(!ls__conn_known(first));
}

static void check_time(const char *expected, ls_ms time) {
  char text[LS_TIMETEXT_MAX];
  ls__time_text(time, text);
  CHECK_STR(expected, text);
}

static void instants(void) {
  check_time("1970-01-01T00:00:00Z", 0);
  check_time("1970-01-01T00:01:40Z", 100000);
  check_time("1970-01-01T00:01:40.5Z", 100500);
  check_time("1970-01-01T00:01:40.001Z", 100001);
  check_time("1969-12-31T23:59:59.99Z", -10);
  check_time("2000-02-29T12:00:00Z", INT64_C(951825600000));
  check_time("2026-01-01T00:00:00Z", INT64_C(1767225600000));
  check_time("2100-03-01T00:00:00Z", INT64_C(4107542400000));
  check_time("9999-12-31T23:59:59.999Z", INT64_C(253402300799999));
  check_time("0000-01-01T00:00:00Z", INT64_C(-62167219200000));
}

int main(void) {
  stub_api_install();
  CHECK_INT(SQLITE_OK, ls__names_init());
  CHECK_INT(SQLITE_OK, ls__errors_init());
  side_files_exist_only_of_others();
  a_noted_path_takes_no_lock();
  any_number_of_paths();
  a_connection_sees_its_own_last_error();
  instants();
  CHECK_INT(0, stub_locks_held());
  return 0;
}
