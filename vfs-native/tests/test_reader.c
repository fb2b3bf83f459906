/*
** test_reader.c - pins, reads of every shape, and what happens when the host cannot give what is asked for. Which state is
** read, where that is not the newest one, is in test_targets.c.
*/
#include "file.h"
#include "history.h"
#include "model.h"
#include "reader.h"
#include "stub_api.h"
#include "view.h"

static ls_db *db;
static ls_reader *reader;

static uint32_t be32(const uint8_t *p) { return ls__be32(p); }

/* The pages of `view` as one piece, made without the reader. */
static uint8_t *expected_bytes(const ls_view *view, uint64_t version, uint32_t cookie) {
  const ls_view_info *info = ls__view_info(view);
  uint8_t *all = calloc(info->commit, info->page_size);
  CHECK(all != NULL);
  for (ls_pgno p = 1; p <= info->commit; p++)
    ltx_fill(all + (uint64_t)(p - 1) * info->page_size, info->page_size, p, version, cookie);
  all[18] = all[19] = 1;
  for (int i = 0; i < 4; i++) {
    int shift = 8 * (3 - i);
    all[24 + i] = all[92 + i] = (uint8_t)(info->state >> shift);
    all[28 + i] = (uint8_t)(info->commit >> shift);
    all[40 + i] = (uint8_t)(info->cookie >> shift);
  }
  return all;
}

static void every_offset_and_length(void) {
  reader = model_reader(&db);
  model_spec spec = {512, 4, 1, 1, 9, 3, 1};
  ls_view *view = model_publish(db, NULL, &spec, NULL, 0, 0);
  uint8_t *all = expected_bytes(view, 1, 3), buf[4096];
  uint32_t size = 4 * 512;
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  for (uint32_t offset = 0; offset <= size + 2; offset++) {
    for (uint32_t len = 1; len <= 1200; len = len < 130 ? len + 1 : len + 97) {
      uint32_t there = offset >= size ? 0 : size - offset < len ? size - offset : len;
      memset(buf, 0xee, sizeof buf);
      CHECK_INT(there < len ? SQLITE_IOERR_SHORT_READ : SQLITE_OK, ls_reader_read(reader, buf, len, offset));
      CHECK_MEM(all + offset, buf, there);
      for (uint32_t i = there; i < len; i++)
        CHECK_INT(0, buf[i]);
      CHECK_INT(0xee, buf[len]);
    }
  }
  free(all);
  ls_view_unref(view);
  model_stop(db, NULL, reader);
}

/* SQLite asks in the page size that it last knew. */
static void reads_across_a_change_of_page_size(void) {
  static const uint32_t sizes[] = {512, 1024, 4096, 16384, 65536};
  static uint8_t buf[65536];
  for (int i = 0; i < 5; i++) {
    reader = model_reader(&db);
    model_spec spec = {sizes[i], 3, 1, 1, 9, 3, 1};
    ls_view *view = model_publish(db, NULL, &spec, NULL, 0, i % 2);
    uint8_t *all = expected_bytes(view, 1, 3);
    uint64_t size = (uint64_t)3 * sizes[i];
    CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
    for (int j = 0; j < 5; j++) {
      for (uint64_t offset = 0; offset < size; offset += sizes[j]) {
        uint64_t there = size - offset < sizes[j] ? size - offset : sizes[j];
        CHECK_INT(there < sizes[j] ? SQLITE_IOERR_SHORT_READ : SQLITE_OK,
                  ls_reader_read(reader, buf, sizes[j], offset));
        CHECK_MEM(all + offset, buf, there);
      }
    }
    free(all);
    ls_view_unref(view);
    model_stop(db, NULL, reader);
  }
}

static void c13_a_pinned_reader_stays_where_it_is(void) {
  uint8_t page[512];
  reader = model_reader(&db);
  model_spec first = {512, 4, 1, 1, 9, 3, 1}, second = {512, 5, 2, 2, 0, 3, 2},
             third = {512, 5, 3, 3, 0, 3, 3};
  const ls_pgno changed[] = {1, 2, 5};
  CHECK_INT(SQLITE_CANTOPEN, ls_reader_pin(reader));
  CHECK_HAS("mem:", ls_reader_error(reader));
  CHECK_INT(SQLITE_IOERR_SHORT_READ, ls_reader_read(reader, page, 100, 0));
  CHECK_INT(0, page[0]);
  CHECK(ls_reader_view(reader) == NULL);
  ls_view *view = model_publish(db, NULL, &first, NULL, 0, 0);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  view = model_publish(db, view, &second, changed, 3, 0);
  CHECK_INT(1, ls__view_info(ls_reader_view(reader))->txid);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  model_check_page(page, 512, 2, 1, 3);
  CHECK_INT(SQLITE_IOERR_SHORT_READ, ls_reader_read(reader, page, 512, 4 * 512));
  ls_reader_unpin(reader);
  CHECK_INT(2, ls__view_info(ls_reader_view(reader))->txid);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  view = model_publish(db, view, &third, changed, 3, 0);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  model_check_page(page, 512, 2, 2, 3);
  ls_reader_unpin(reader);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512)); /* unpinned: the latest */
  model_check_page(page, 512, 2, 3, 3);
  ls_view_unref(view);
  model_stop(db, NULL, reader);
}

static void state_number_and_cookie_in_page_1(void) {
  uint8_t head[100], old[100];
  reader = model_reader(&db);
  model_spec first = {512, 4, 1, 1, 9, 3, 1}, second = {512, 4, 2, 2, 0, 3, 2},
             compacted = {512, 4, 2, 2, 1, 3, 2};
  ls_view *view = model_publish(db, NULL, &first, NULL, 0, 0);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, old, 100, 0));
  view = model_publish(db, view, &second, (const ls_pgno[]){1, 2}, 2, 0);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, head, 100, 0));
  CHECK(be32(head + 24) != be32(old + 24));
  CHECK_INT(be32(old + 40), be32(head + 40));
  CHECK_INT(be32(head + 24), be32(head + 92));
  CHECK_INT(4, be32(head + 28));
  memcpy(old, head, 100);
  view = model_publish(db, view, &compacted, (const ls_pgno[]){1, 2}, 2, 0);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, head, 100, 0));
  CHECK_MEM(old, head, 100); /* a re-pointing is not to be seen */
  ls_view_unref(view);
  model_stop(db, NULL, reader);
}

static void lock_page_is_zeros_and_a_hole_is_corrupt(void) {
  static uint8_t buf[65536];
  reader = model_reader(&db);
  model_spec first = {65536, 2, 1, 1, 9, 3, 1}, second = {65536, 16387, 2, 2, 0, 3, 2};
  ls_view *view = model_publish(db, NULL, &first, NULL, 0, 0);
  view = model_publish(db, view, &second, (const ls_pgno[]){1, 16384, 16386, 16387}, 4, 0);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  memset(buf, 1, sizeof buf);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, buf, 65536, UINT64_C(0x40000000)));
  for (uint32_t i = 0; i < 65536; i++)
    CHECK_INT(0, buf[i]);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, buf, 65536, UINT64_C(0x40000000) + 65536));
  model_check_page(buf, 65536, 16386, 2, 3);
  CHECK_INT(SQLITE_CORRUPT, ls_reader_read(reader, buf, 65536, UINT64_C(0x40000000) - 5 * 65536));
  CHECK_HAS("page 16380 of 16387", ls_reader_error(reader));
  CHECK_HAS("TXID 0000000000000002", ls_reader_error(reader));
  CHECK_INT(1, host_does.logs);
  ls_view_unref(view);
  model_stop(db, NULL, reader);
}

static void misses_are_fetched_once(void) {
  uint8_t page[512];
  ls_stats before, after;
  reader = model_reader(&db);
  model_spec spec = {512, 8, 1, 1, 9, 3, 1};
  ls_view *view = model_publish(db, NULL, &spec, NULL, 0, 1);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  ls_stats_get(&before);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 16, 512 + 24));
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 3 * 512));
  model_check_page(page, 512, 4, 1, 3);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 0));
  model_check_page(page, 512, 1, 1, 3);
  ls_stats_get(&after);
  CHECK_INT(1, host_does.fetches);
  CHECK_INT(1, after.fetches - before.fetches);
  CHECK_INT(1, after.misses - before.misses);
  CHECK_INT(2, after.hits - before.hits);
  /* On a hit nothing is allocated. */
  stub_fail_malloc(1, 1);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  ls_reader_unpin(reader);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  CHECK(!stub_malloc_failed());
  stub_fail_malloc(0, 0);
  ls_view_unref(view);
  model_stop(db, NULL, reader);
}

/* What a query does whose pages are all cached: a transaction of its own, with reads. */
static void a_hot_transaction_takes_no_lock(void) {
  reader = model_reader(&db);
  model_spec spec = {512, 4, 1, 1, 9, 3, 1};
  ls_view_unref(model_publish(db, NULL, &spec, NULL, 0, 0));
  uint8_t page[512];
  uint64_t locks = 0;
  for (int round = 0; round < 3; round++) {
    CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
    for (uint32_t i = 0; i < 4; i++)
      CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, sizeof page, i * sizeof page));
    ls_reader_unpin(reader);
    if (round > 0) /* the first pin took over the latest view */
      CHECK_INT(locks, stub_locks_taken());
    locks = stub_locks_taken();
  }
  model_stop(db, NULL, reader);
}

/* C-14, C-43: what goes wrong has a text, and the next read works. */
static void failed_fetches(void) {
  static const int codes[] = {SQLITE_IOERR, SQLITE_BUSY, SQLITE_INTERRUPT, SQLITE_AUTH, SQLITE_CANTOPEN};
  uint8_t page[512];
  reader = model_reader(&db);
  model_spec spec = {512, 8, 1, 1, 9, 3, 1};
  ls_view *view = model_publish(db, NULL, &spec, NULL, 0, 1);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  for (int i = 0; i < 5; i++) {
    host_does.fetch_rc = codes[i];
    CHECK_INT(codes[i], ls_reader_read(reader, page, 512, 512));
    CHECK_HAS("object 0: no answer", ls_reader_error(reader));
  }
  host_does.fetch_rc = 12345; /* a code that SQLite has no name for */
  CHECK_INT(SQLITE_IOERR, ls_reader_read(reader, page, 512, 512));
  host_does.fetch_rc = 0;
  host_does.damage = 1;
  CHECK_INT(SQLITE_CORRUPT, ls_reader_read(reader, page, 512, 512));
  CHECK_HAS("mem:9/1-1", ls_reader_error(reader));
  CHECK_HAS("mem:9/1-1", host_does.last_log);
  host_does.damage = 0;
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  model_check_page(page, 512, 2, 1, 3);
  ls_view_unref(view);
  model_stop(db, NULL, reader);
}

static void history_takes_rows_newest_first(void) {
  ls_history history = {.max = 3, .before = 10};
  ls_history_row row = {.txid = 10};
  CHECK_INT(SQLITE_MISUSE, ls_history_add(&history, &row));
  for (row.txid = 9; row.txid > 6; row.txid--)
    CHECK_INT(SQLITE_OK, ls_history_add(&history, &row));
  CHECK_INT(SQLITE_MISUSE, ls_history_add(&history, &row));
  CHECK_INT(3, history.count);
  CHECK_INT(7, history.rows[2].txid);
}

static void pause_and_activity(void) {
  reader = model_reader(&db);
  model_spec spec = {512, 4, 1, 1, 9, 3, 1};
  ls_reader *other;
  ls_view *view = model_publish(db, NULL, &spec, NULL, 0, 0);
  CHECK_INT(0, ls_db_active(db));
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  CHECK_INT(0, host_does.refreshes);
  CHECK_INT(1, ls_db_active(db));
  CHECK_INT(0, ls_db_active(db));
  ls_reader_unpin(reader);
  ls_db_pause(db, 1);
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader)); /* already there */
  CHECK_INT(1, host_does.refreshes);
  ls_db_pause(db, 0);
  CHECK_INT(1, ls_db_active(db));
  CHECK_INT(SQLITE_OK, ls_reader_open(db, &other));
  CHECK_INT(SQLITE_OK, ls_reader_pin(other));
  ls_reader_close(other);
  CHECK_INT(1, ls_db_active(db)); /* a reader that came and went counts */
  CHECK_INT(0, ls_db_active(db));
  ls_view_unref(view);
  model_stop(db, NULL, reader);
}

/* The last handle drops the latest view; a reader that is pinned reads on. */
static void closed_under_a_reader(void) {
  uint8_t page[512];
  reader = model_reader(&db);
  model_spec spec = {512, 4, 1, 1, 9, 3, 1};
  ls_view_unref(model_publish(db, NULL, &spec, NULL, 0, 1));
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  ls_db_ref(db);
  ls_db_close(db);
  ls_db_close(db);
  CHECK_INT(SQLITE_OK, ls_reader_read(reader, page, 512, 512));
  ls_reader_unpin(reader);
  CHECK_INT(SQLITE_CANTOPEN, ls_reader_pin(reader));
  db = NULL; /* its handles are gone; the reader's reference goes in stop */
  model_stop(db, NULL, reader);
}

static void out_of_memory(void) {
  int failed = 1;
  uint8_t page[512];
  for (uint64_t n = 1; failed; n++) {
    ls_reader *other = NULL;
    reader = model_reader(&db);
    model_spec spec = {512, 8, 1, 1, 9, 3, 1};
    ls_view *view = model_publish(db, NULL, &spec, NULL, 0, 1);
    stub_fail_malloc(n, 0);
    int rc = ls_reader_open(db, &other);
    if (rc == SQLITE_OK)
      rc = ls_reader_pin(other);
    if (rc == SQLITE_OK)
      rc = ls_reader_read(other, page, 512, 512);
    failed = stub_malloc_failed();
    stub_fail_malloc(0, 0);
    if (rc == SQLITE_OK)
      model_check_page(page, 512, 2, 1, 3); /* the page cache does without memory */
    else
      CHECK_INT(SQLITE_NOMEM, rc);
    ls_reader_close(other);
    ls_view_unref(view);
    model_stop(db, NULL, reader);
  }
}

int main(void) {
  model_start();
  every_offset_and_length();
  reads_across_a_change_of_page_size();
  c13_a_pinned_reader_stays_where_it_is();
  state_number_and_cookie_in_page_1();
  lock_page_is_zeros_and_a_hole_is_corrupt();
  misses_are_fetched_once();
  a_hot_transaction_takes_no_lock();
  failed_fetches();
  history_takes_rows_newest_first();
  pause_and_activity();
  closed_under_a_reader();
  out_of_memory();
  return 0;
}
