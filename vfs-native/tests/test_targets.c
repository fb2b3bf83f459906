/*
** test_targets.c - which state a reader reads: travels, homes, scopes, states that are planned anew because their files
** are gone, and how old the present may be.
*/
#include "model.h"
#include "reader.h"
#include "view.h"

static ls_db *db;
static ls_reader *reader;

/* C-17: an object that is gone. */
static void replan_keeps_the_transaction(void) {
  uint8_t page[512];
  reader = model_reader(&db);
  model_spec spec = {512, 8, 1, 1, 0, 3, 1}, longer = {512, 8, 1, 1, 9, 3, 1};
  ls_view *view = model_publish(db, NULL, &spec, NULL, 0, 1), *again = model_view(db, &longer);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  model_lose(0);
  CHECK_INT(SQLITE_IOERR, ls_reader_read(reader, page, 512, 512));
  CHECK_HAS("cannot be had any more", ls_reader_error(reader));
  host_does.replan = again; /* another state number: not the state that is pinned */
  CHECK_INT(SQLITE_IOERR, ls_reader_read(reader, page, 512, 512));
  CHECK_HAS("another state", ls_reader_error(reader));
  CHECK_INT(SQLITE_OK, ls_view_same(again, view));
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  model_check_page(page, 512, 2, 1, 3);
  CHECK(ls_reader_view(reader) == again);
  CHECK_INT(3, host_does.replans);
  /* It is the reader's until the next pin, which takes what is published then. */
  ls_reader_unpin(reader);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  CHECK(ls_reader_view(reader) == view);
  ls_view_unref(view);
  ls_view_unref(again);
  model_stop(db, NULL, reader);
}

static void replan_has_an_end_and_works_for_a_target(void) {
  uint8_t page[512];
  reader = model_reader(&db);
  model_spec spec = {512, 8, 1, 1, 0, 3, 1};
  ls_view *view = model_publish(db, NULL, &spec, NULL, 0, 1), *again = model_view(db, &spec);
  CHECK_INT(SQLITE_OK, ls_view_same(again, view));
  CHECK_INT(SQLITE_OK, ls_reader_travel(reader, view, 1234));
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  model_lose(0);
  host_does.replan = view; /* Java thinks that it is still there */
  CHECK_INT(SQLITE_IOERR, ls_reader_read(reader, page, 512, 512));
  CHECK_HAS("is gone", ls_reader_error(reader));
  CHECK_INT(3, host_does.replans);
  host_does.replan = again;
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  ls_reader_unpin(reader);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  CHECK(ls_reader_view(reader) == again); /* the target was replaced for good */
  ls_view_unref(view);
  ls_view_unref(again);
  model_stop(db, NULL, reader);
}

static void time_travel(void) {
  uint8_t page[512];
  ls_ms at = 0;
  reader = model_reader(&db);
  model_spec first = {512, 4, 1, 1, 9, 3, 1}, second = {512, 4, 2, 2, 0, 3, 2};
  ls_view *past = model_publish(db, NULL, &first, NULL, 0, 0);
  ls_view_ref(past);
  ls_view *view = model_publish(db, past, &second, (const ls_pgno[]){2}, 1, 0);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  CHECK_INT(SQLITE_MISUSE, ls_reader_travel(reader, past, 5));
  ls_reader_unpin(reader);
  CHECK_INT(SQLITE_OK, ls_reader_travel(reader, past, 5));
  CHECK_INT(1, ls__reader_travelled(reader, &at));
  CHECK_INT(5, at);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  model_check_page(page, 512, 2, 1, 3);
  ls_reader_unpin(reader);
  CHECK_INT(SQLITE_OK, ls_reader_travel(reader, NULL, 0));
  CHECK_INT(0, ls__reader_travelled(reader, &at));
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  model_check_page(page, 512, 2, 2, 3);
  ls_view_unref(view);
  ls_view_unref(past);
  model_stop(db, NULL, reader);
}

/* A reset may come while the reader reads: it acts on the next pin. */
static void reset_goes_home_at_the_next_pin(void) {
  uint8_t page[512];
  ls_ms at = 0;
  reader = model_reader(&db);
  model_spec first = {512, 4, 1, 1, 9, 3, 1}, second = {512, 4, 2, 2, 0, 3, 2},
             third = {512, 4, 3, 3, 0, 3, 3};
  ls_view *home = model_publish(db, NULL, &first, NULL, 0, 0);
  ls_view_ref(home);
  ls_view *past = model_publish(db, home, &second, (const ls_pgno[]){2}, 1, 0);
  ls_view_ref(past);
  ls_view *view = model_publish(db, past, &third, (const ls_pgno[]){2}, 1, 0);
  ls__reader_settle(reader, home, 5, 0);
  ls_view_unref(home); /* the reader's reference is for life */
  CHECK_INT(0, ls__reader_away(reader));
  CHECK_INT(SQLITE_OK, ls_reader_travel(reader, past, 9));
  CHECK_INT(1, ls__reader_away(reader));
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  ls__reader_reset(reader);
  CHECK_INT(0, ls__reader_away(reader));
  CHECK_INT(1, ls__reader_travelled(reader, &at));
  CHECK_INT(9, at);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  model_check_page(page, 512, 2, 2, 3);
  ls_reader_unpin(reader);
  CHECK_INT(1, ls__reader_travelled(reader, &at));
  CHECK_INT(5, at);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  model_check_page(page, 512, 2, 1, 3);
  CHECK_INT(SQLITE_OK, ls_reader_travel(reader, NULL, 0)); /* the real latest */
  CHECK_INT(1, ls__reader_away(reader));
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  CHECK_INT(0, ls__reader_travelled(reader, &at));
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  model_check_page(page, 512, 2, 3, 3);
  ls__reader_reset(reader);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  model_check_page(page, 512, 2, 3, 3);
  ls_view_unref(view);
  ls_view_unref(past);
  model_stop(db, NULL, reader);
}

/* A scope's end acts on the next pin, too, and takes the scopes within along. */
static void scopes_return_to_their_targets(void) {
  uint8_t page[512];
  ls_ms at = 0;
  uint32_t outer = 0, inner = 0, later = 0;
  reader = model_reader(&db);
  model_spec first = {512, 4, 1, 1, 9, 3, 1}, second = {512, 4, 2, 2, 0, 3, 2};
  ls_view *past = model_publish(db, NULL, &first, NULL, 0, 0);
  ls_view_ref(past);
  ls_view *view = model_publish(db, past, &second, (const ls_pgno[]){2}, 1, 0);
  CHECK_INT(SQLITE_OK, ls__reader_begin_scope(reader, &outer));
  CHECK_INT(SQLITE_OK, ls_reader_travel(reader, past, 5));
  CHECK_INT(SQLITE_OK, ls__reader_begin_scope(reader, &inner));
  CHECK_INT(SQLITE_OK, ls_reader_travel(reader, past, 9));
  CHECK_INT(SQLITE_OK, ls__reader_begin_scope(reader, &later));
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  ls__reader_end_scope(reader, inner);
  CHECK_INT(1, ls__reader_travelled(reader, &at));
  CHECK_INT(9, at);
  ls_reader_unpin(reader);
  CHECK_INT(1, ls__reader_travelled(reader, &at));
  CHECK_INT(5, at);
  ls__reader_end_scope(reader, later); /* ended with the one around it */
  CHECK_INT(1, ls__reader_travelled(reader, &at));
  ls__reader_end_scope(reader, outer);
  CHECK_INT(0, ls__reader_travelled(reader, &at));
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  model_check_page(page, 512, 2, 2, 3);
  CHECK_INT(SQLITE_OK, ls__reader_begin_scope(reader, &later));
  CHECK_INT(SQLITE_OK, ls_reader_travel(reader, past, 5));
  ls__reader_end_scope(reader, outer); /* its number is not given again */
  CHECK_INT(1, ls__reader_travelled(reader, &at));
  ls__reader_reset(reader);
  ls__reader_end_scope(reader, later);
  CHECK_INT(0, ls__reader_travelled(reader, &at));
  CHECK_INT(SQLITE_OK,
            ls__reader_begin_scope(reader, &later)); /* one that is open at the end leaks nothing */
  ls_view_unref(view);
  ls_view_unref(past);
  model_stop(db, NULL, reader);
}

/* C-17: a home whose object is gone is planned anew once, for pin, target and home together. */
static void a_home_is_replanned_for_good(void) {
  uint8_t page[512];
  reader = model_reader(&db);
  model_spec spec = {512, 8, 1, 1, 0, 3, 1};
  ls_view *view = model_publish(db, NULL, &spec, NULL, 0, 1), *again = model_view(db, &spec);
  CHECK_INT(SQLITE_OK, ls_view_same(again, view));
  ls__reader_settle(reader, view, 5, 0);
  model_lose(0);
  host_does.replan = again;
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  model_check_page(page, 512, 2, 1, 3);
  CHECK(ls_reader_view(reader) == again);
  CHECK_INT(0, ls__reader_away(reader));
  ls_reader_unpin(reader);
  CHECK_INT(SQLITE_OK, ls_reader_travel(reader, NULL, 0));
  ls__reader_reset(reader);
  CHECK(ls_reader_view(reader) == again);
  CHECK_INT(1, host_does.replans);
  ls_view_unref(view);
  ls_view_unref(again);
  model_stop(db, NULL, reader);
}

static void max_stale_fails_the_pin_of_the_present_alone(void) {
  reader = model_reader(&db);
  model_spec spec = {512, 4, 1, 1, 9, 3, 1};
  ls_view *view = model_publish(db, NULL, &spec, NULL, 0, 0);
  host_does.refresh_rc = SQLITE_BUSY;
  ls_db_pause(db, 1);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader)); /* any age will do */
  CHECK_INT(0, host_does.max_stale);
  CHECK_STR("", ls_reader_error(reader));
  ls_reader_unpin(reader);
  ls_db_pause(db, 0);
  ls__reader_settle(reader, NULL, 0, 1500);
  CHECK_INT(SQLITE_IOERR, ls_reader_pin(reader)); /* for BUSY, SQLite would try again */
  CHECK_INT(1500, host_does.max_stale);
  CHECK_STR("too old", ls_reader_error(reader));
  CHECK_INT(0, ls__reader_pinned(reader));
  CHECK_INT(SQLITE_OK, ls_reader_travel(reader, view, 1));
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader)); /* the past is as old as it was asked to be */
  ls_reader_unpin(reader);
  CHECK_INT(SQLITE_OK, ls_reader_travel(reader, NULL, 0));
  host_does.refresh_rc = 0;
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  CHECK_INT(3, host_does.refreshes);
  ls_view_unref(view);
  model_stop(db, NULL, reader);
}

int main(void) {
  model_start();
  replan_keeps_the_transaction();
  replan_has_an_end_and_works_for_a_target();
  time_travel();
  reset_goes_home_at_the_next_pin();
  scopes_return_to_their_targets();
  a_home_is_replanned_for_good();
  max_stale_fails_the_pin_of_the_present_alone();
  return 0;
}
