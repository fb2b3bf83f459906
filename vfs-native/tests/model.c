/*
** model.c - see model.h.
*/
#include "model.h"

#include "cache.h"
#include "stub_api.h"

typedef struct object {
  uint8_t *bytes;
  uint8_t *asked; /* how often each byte was; NULL: never */
  uint64_t len;
  int lost;
} object;

typedef struct task {
  ls_file *file;
  uint64_t file_id, offset;
  uint32_t ordinal, length;
} task;

static object objects[MODEL_FILES];
static uint32_t object_count;
static task tasks[MODEL_AHEADS];
static uint32_t task_count;
model_host host_does;
void (*model_paint)(uint8_t *page, uint32_t size, ls_pgno pgno);

uint64_t model_id(const ls_file *file) {
  ls_file_info info;
  ls_file_get_info(file, &info);
  return info.file_id;
}

ls_view *model_view(ls_db *db, const model_spec *spec) {
  char err[512];
  ls_file *file = model_file(db, spec, NULL, 0, 1);
  ls_view *view = NULL;
  CHECK_OK(ls_view_build(db, &file, 1, &view, err, sizeof err));
  ls_file_unref(file);
  return view;
}

ls_view *model_publish(ls_db *db, ls_view *base, const model_spec *spec, const ls_pgno *pgnos, uint32_t n,
                       int ends) {
  char err[512];
  ls_file *file = model_file(db, spec, pgnos, n, ends);
  ls_view *view = NULL;
  CHECK_OK(base ? ls_view_apply(db, base, file, &view, err, sizeof err)
                : ls_view_build(db, &file, 1, &view, err, sizeof err));
  ls_file_unref(file);
  ls_view_unref(base);
  CHECK_INT(SQLITE_OK, ls_db_publish(db, view));
  return view;
}

void model_lose(uint64_t file_id) { objects[file_id].lost = 1; }

static void write_pages(ltx_build *b, const model_spec *spec, const ls_pgno *pgnos, uint32_t n) {
  uint8_t *page = malloc(spec->page_size);
  ls_pgno lock = 0x40000000u / spec->page_size + 1;
  CHECK(page != NULL);
  for (uint32_t i = 0; i < (pgnos ? n : spec->commit); i++) {
    ls_pgno pgno = pgnos ? pgnos[i] : i + 1;
    if (pgno != lock) {
      ltx_fill(page, spec->page_size, pgno, spec->version, spec->cookie);
      if (model_paint)
        model_paint(page, spec->page_size, pgno);
      ltx_page(b, pgno, page);
    }
  }
  free(page);
}

static bytes write_file(const model_spec *spec, const ls_pgno *pgnos, uint32_t n) {
  ltx_build b;
  ltx_begin(&b, spec->page_size, spec->commit, spec->min, spec->max, (ls_ms)spec->max * 1000 + spec->level);
  write_pages(&b, spec, pgnos, n);
  ltx_end(&b);
  return b.file;
}

/* Takes over the bytes. */
static int open_object(ls_db *db, const model_spec *spec, bytes content, int ends, ls_file **out) {
  char err[512] = "", name[64];
  CHECK(object_count < MODEL_FILES);
  uint32_t id = object_count++;
  objects[id] = (object){.bytes = content.p, .len = content.n};
  snprintf(name, sizeof name, "mem:%d/%llx-%llx#%u", spec->level, (unsigned long long)spec->min,
           (unsigned long long)spec->max, id);
  ls_file_spec fs = {.file_id = id,
                     .size = content.n,
                     .min_txid = spec->min,
                     .max_txid = spec->max,
                     .level = spec->level,
                     .name = name};
  uint64_t part = ends == MODEL_SHORT_ENDS ? 2 * (uint64_t)spec->page_size : content.n;
  int rc =
      ends ? ls_file_open(db, &fs, content.p, part, content.p + content.n - part, part, out, err, sizeof err)
           : ls_file_load(db, &fs, content.p, out, err, sizeof err);
  if (rc != SQLITE_OK && rc != SQLITE_NOMEM)
    CHECK_FAIL_("%s: %d: %s", name, rc, err);
  return rc;
}

int model_try_file(ls_db *db, const model_spec *spec, const ls_pgno *pgnos, uint32_t n, int ends,
                   ls_file **out) {
  return open_object(db, spec, write_file(spec, pgnos, n), ends, out);
}

ls_file *model_file_again(ls_db *db, const model_spec *spec, int ends, bytes *made) {
  ls_file *file = NULL;
  bytes copy = {0};
  if (made->n == 0)
    *made = write_file(spec, NULL, 0);
  put(&copy, made->p, made->n);
  CHECK_INT(SQLITE_OK, open_object(db, spec, copy, ends, &file));
  return file;
}

ls_file *model_file(ls_db *db, const model_spec *spec, const ls_pgno *pgnos, uint32_t n, int ends) {
  ls_file *file = NULL;
  CHECK_INT(SQLITE_OK, model_try_file(db, spec, pgnos, n, ends, &file));
  return file;
}

/* -------------------------------------------------------------------------------------------------------------- host */

static int on_open(const char *params, uint32_t len, ls_opened *out, char *err, uint32_t cap) {
  (void)params, (void)len, (void)out;
  snprintf(err, cap, "the model opens no databases");
  return SQLITE_CANTOPEN;
}

static void on_closed(uint64_t db_id) {
  (void)db_id;
  host_does.closed++;
}

static void ask(uint64_t file_id, uint64_t offset, uint32_t length) {
  object *o = &objects[file_id];
  if (!o->asked)
    o->asked = calloc(o->len, 1);
  CHECK(o->asked && offset <= o->len && length <= o->len - offset);
  for (uint32_t i = 0; i < length; i++)
    o->asked[offset + i]++;
}

void model_bytes(uint64_t file_id, uint64_t offset, uint32_t length, uint8_t *out) {
  const object *o = &objects[file_id];
  CHECK(offset <= o->len && length <= o->len - offset);
  memcpy(out, o->bytes + offset, length);
}

uint64_t model_asked(uint64_t file_id, uint32_t *most) {
  const object *o = &objects[file_id];
  uint64_t sum = 0;
  *most = 0;
  for (uint64_t i = 0; o->asked && i < o->len; i++) {
    sum += o->asked[i];
    *most = o->asked[i] > *most ? o->asked[i] : *most;
  }
  return sum;
}

static int under_way(uint64_t file_id, uint64_t offset, uint32_t length) {
  for (uint32_t i = 0; i < task_count; i++)
    if (tasks[i].file_id == file_id && tasks[i].offset <= offset &&
        offset + length <= tasks[i].offset + tasks[i].length)
      return 1;
  return 0;
}

/* What the store says instead of bytes, if it does. */
static int refusal(uint64_t file_id, char *err, uint32_t cap) {
  if (host_does.fetch_rc) {
    snprintf(err, cap, "object %u: no answer", (unsigned)file_id);
    return host_does.fetch_rc;
  }
  if (objects[file_id].lost) {
    snprintf(err, cap, "object %u is gone", (unsigned)file_id);
    return SQLITE_NOTFOUND;
  }
  return SQLITE_OK;
}

static int on_fetch(uint64_t db_id, ls_reader *reader, uint64_t file_id, uint64_t offset, uint32_t length,
                    uint32_t need_at, uint32_t need, uint8_t *buf, int32_t *given, char *err, uint32_t cap) {
  (void)db_id;
  CHECK_INT(0, stub_locks_held());
  CHECK(need_at <= length && need <= length - need_at);
  host_does.fetches++;
  const object *from = &objects[file_id];
  int rc = refusal(file_id, err, cap);
  if (rc)
    return rc;
  CHECK(offset <= from->len && length <= from->len - offset);
  if (host_does.deliver_late) {
    model_deliver();
    if (ls_reader_arrived(reader)) {
      *given = LS_GIVEN_NOTHING;
      return SQLITE_OK;
    }
  }
  if (under_way(file_id, offset + need_at, need)) {
    memcpy(buf, from->bytes + offset + need_at, need);
    *given = LS_GIVEN_NEED;
    model_deliver_some(host_does.width);
    return SQLITE_OK;
  }
  ask(file_id, offset, length);
  memcpy(buf, from->bytes + offset, length);
  if (host_does.damage)
    buf[length / 2] ^= 1;
  model_deliver_some(host_does.width);
  return SQLITE_OK;
}

static int on_locate(uint64_t db_id, ls_reader *reader, uint64_t file_id, uint64_t index_offset,
                     uint32_t index_length, uint64_t frames_offset, uint32_t frames_length, uint8_t *buf,
                     char *err, uint32_t cap) {
  (void)db_id, (void)reader;
  CHECK_INT(0, stub_locks_held());
  host_does.locates++;
  const object *from = &objects[file_id];
  int rc = refusal(file_id, err, cap);
  if (rc)
    return rc;
  ask(file_id, index_offset, index_length);
  ask(file_id, frames_offset, frames_length);
  memcpy(buf, from->bytes + index_offset, index_length);
  if (host_does.damaged_pieces > 0) {
    host_does.damaged_pieces--;
    for (uint32_t i = 0; i < index_length; i += 1000)
      buf[i] ^= 0x55;
  }
  memcpy(buf + index_length, from->bytes + frames_offset, frames_length);
  return SQLITE_OK;
}

static void on_taken(uint64_t db_id, uint64_t file_id, uint64_t offset, uint32_t length) {
  (void)db_id;
  CHECK_INT(0, stub_locks_held());
  CHECK(offset <= objects[file_id].len && length <= objects[file_id].len - offset);
  host_does.taken++;
}

static int on_ahead(uint64_t db_id, ls_file *file, uint64_t file_id, uint32_t ordinal, uint64_t offset,
                    uint32_t length) {
  (void)db_id;
  CHECK_INT(0, stub_locks_held());
  host_does.aheads++;
  if (!host_does.aheads_taken)
    return 0;
  CHECK(task_count < MODEL_AHEADS);
  ask(file_id, offset, length);
  tasks[task_count++] = (task){file, file_id, offset, ordinal, length};
  return 1;
}

void model_deliver(void) { model_deliver_some(task_count); }

void model_deliver_some(uint32_t n) {
  uint32_t count = n < task_count ? n : task_count;
  for (uint32_t i = 0; i < count; i++) {
    const task *t = &tasks[i];
    CHECK_INT(SQLITE_OK, ls_file_offer(t->file, t->ordinal, t->offset, objects[t->file_id].bytes + t->offset,
                                       t->length));
    ls_file_unref(t->file);
  }
  memmove(tasks, tasks + count, (task_count - count) * sizeof *tasks);
  task_count -= count;
}

static int on_replan(uint64_t db_id, ls_reader *reader, ls_view *pinned, ls_view **out, char *err,
                     uint32_t cap) {
  (void)db_id;
  CHECK_INT(0, stub_locks_held());
  CHECK(ls_reader_view(reader) == pinned);
  host_does.replans++;
  if (host_does.replan_rc || !host_does.replan) {
    snprintf(err, cap, "the state cannot be had any more");
    return host_does.replan_rc ? host_does.replan_rc : SQLITE_IOERR;
  }
  ls_view_ref(host_does.replan);
  *out = host_does.replan;
  return SQLITE_OK;
}

static int on_refresh(uint64_t db_id, ls_reader *reader, int64_t max_stale, char *err, uint32_t cap) {
  (void)db_id, (void)reader;
  CHECK_INT(0, stub_locks_held());
  host_does.refreshes++;
  host_does.max_stale = max_stale;
  if (host_does.refresh_rc)
    snprintf(err, cap, "too old");
  return host_does.refresh_rc;
}

static int on_travel(uint64_t db_id, ls_reader *reader, int32_t what, const char *text, ls_view **out,
                     ls_ms *target, char *err, uint32_t cap) {
  (void)db_id, (void)reader, (void)what, (void)text, (void)err, (void)cap;
  *out = host_does.travel;
  *target = 0;
  return SQLITE_OK;
}

static int on_history(uint64_t db_id, ls_reader *reader, ls_txid before, uint32_t max, uint32_t want,
                      ls_history *out, char *err, uint32_t cap) {
  (void)db_id, (void)reader, (void)before, (void)max, (void)want, (void)out, (void)err, (void)cap;
  return SQLITE_OK;
}

static int64_t on_lag(uint64_t db_id) {
  (void)db_id;
  return 0;
}

static int on_stats(uint64_t db_id, char *text, uint32_t cap) {
  (void)db_id;
  snprintf(text, cap, "{}");
  return SQLITE_OK;
}

static void on_log(const char *text) {
  host_does.logs++;
  snprintf(host_does.last_log, sizeof host_does.last_log, "%s", text);
}

void model_start(void) {
  static const ls_host host = {sizeof(ls_host), LS_ABI_VERSION, on_open,   on_closed,  on_fetch,  on_locate,
                               on_taken,        on_ahead,       on_replan, on_refresh, on_travel, on_history,
                               on_lag,          on_lag,         on_stats,  on_log};
  stub_api_install();
  CHECK_INT(SQLITE_OK, ls__cache_init());
  CHECK_INT(SQLITE_OK, ls_host_set(&host));
}

ls_db *model_db(void) {
  ls_db *db = NULL;
  CHECK_INT(SQLITE_OK, ls_db_open(7, "mem:", &db));
  return db;
}

void model_end(void) {
  ls_stats stats;
  ls_stats_get(&stats);
  CHECK_INT(0, stats.dbs);
  CHECK_INT(0, stats.files);
  CHECK_INT(0, stats.views);
  CHECK_INT(0, stats.readers);
  CHECK_INT(0, stats.index_bytes);
  CHECK_INT(0, stub_locks_held());
  for (uint32_t i = 0; i < object_count; i++)
    free(objects[i].bytes), free(objects[i].asked);
  memset(objects, 0, sizeof objects);
  object_count = 0;
  host_does = (model_host){0};
}

void model_check_page(const uint8_t *page, uint32_t page_size, ls_pgno pgno, uint64_t version,
                      uint32_t cookie) {
  uint8_t *expected = malloc(page_size), *found = malloc(page_size);
  CHECK(expected && found);
  ltx_fill(expected, page_size, pgno, version, cookie);
  memcpy(found, page, page_size);
  if (pgno == 1) {
    static const uint8_t fields[][2] = {{18, 2}, {24, 8}, {40, 4}, {92, 4}};
    for (int i = 0; i < 4; i++) {
      memset(expected + fields[i][0], 0, fields[i][1]);
      memset(found + fields[i][0], 0, fields[i][1]);
    }
  }
  CHECK_MEM(expected, found, page_size);
  free(expected);
  free(found);
}

ls_reader *model_reader(ls_db **db) {
  ls_reader *reader = NULL;
  *db = model_db();
  CHECK_INT(SQLITE_OK, ls_reader_open(*db, &reader));
  return reader;
}

ls_reader *model_read(ls_db *db, ls_file *file) {
  char err[512];
  ls_view *view = NULL;
  ls_reader *reader = NULL;
  CHECK_OK(ls_view_build(db, &file, 1, &view, err, sizeof err));
  CHECK_INT(SQLITE_OK, ls_db_publish(db, view));
  ls_view_unref(view);
  CHECK_INT(SQLITE_OK, ls_reader_open(db, &reader));
  CHECK_INT(SQLITE_OK, ls_reader_pin(reader));
  host_does.aheads_taken = 1;
  return reader;
}

void model_stop(ls_db *db, ls_file *file, ls_reader *reader) {
  model_deliver();
  ls_reader_close(reader);
  ls_file_unref(file);
  ls_db_close(db);
  model_end();
}
