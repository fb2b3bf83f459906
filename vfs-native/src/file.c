/*
** file.c - making, counting and asking files.
*/
#include "file.h"

#include <string.h>

#include "stats.h"

#define TAIL_SIZE (LS_INDEX_LENGTH_SIZE + LS_TRAILER_SIZE)

static _Atomic uint64_t last_serial;

static int check_spec(const ls_file_info *found, const ls_file_spec *spec, const ls_report *to) {
  if (spec->size < LS_FILE_MIN)
    return ls__report(to, SQLITE_CORRUPT, "an LTX file has at least %u bytes, found %llu", LS_FILE_MIN,
                      ls__llu(spec->size));
  if (found->min_txid != spec->min_txid || found->max_txid != spec->max_txid)
    return ls__report(to, SQLITE_CORRUPT,
                      "TXIDs: expected %016llx-%016llx by its name, found %016llx-%016llx in its header",
                      ls__llu(spec->min_txid), ls__llu(spec->max_txid), ls__llu(found->min_txid),
                      ls__llu(found->max_txid));
  return SQLITE_OK;
}

/* Whether the index need not be known as a whole: that of a large snapshot whose frames say how long they are. */
static int in_parts(const ls_file *f, const uint8_t *head, uint64_t head_len) {
  return f->info.min_txid == 1 && f->info.commit > 0 && f->info.page_size <= LS_PARTS_PAGE_MAX &&
         f->size > LS_WHOLE_MAX && head_len > LS_HEADER_SIZE &&
         ls__ltx_block_length(head + LS_HEADER_SIZE, head_len - LS_HEADER_SIZE, f->info.page_size) != 0;
}

/* Makes an index in parts, of which the last `n` of `length` bytes are known. */
static int read_parts(ls_file *f, const uint8_t *bytes, uint64_t n, uint64_t length, const ls_report *to) {
  uint64_t end = f->index_start + length, added;
  ls_place first;
  int rc = ls__index_in_parts(&f->index, f->index_start, end, f->info.commit, f->info.page_size);
  if (rc != SQLITE_OK)
    return ls__report(to, rc, "no memory for a page index");
  if (!ls__parts_sync(f->index.parts, end - n, bytes, n, &first))
    return SQLITE_OK;
  uint64_t skip = first.position - (end - n);
  return ls__parts_learn(f->index.parts, &first, bytes + skip, n - skip, &added, to);
}

/* Reads trailer and page index from the end of the file. `tail` ends where the file ends. */
static int read_tail(ls_file *f, const ls_header *header, const uint8_t *head, uint64_t head_len,
                     const uint8_t *tail, uint64_t n, const ls_report *to) {
  if (n < TAIL_SIZE)
    return ls__report(to, SQLITE_MISUSE, "the end of the file needs at least %u bytes, got %llu", TAIL_SIZE,
                      ls__llu(n));
  const uint8_t *end = tail + n;
  ls_trailer trailer = {0};
  int rc = ls__ltx_trailer(end - LS_TRAILER_SIZE, f->size, header, &trailer, to);
  if (rc != SQLITE_OK)
    return rc;
  uint64_t length = ls__be64(end - TAIL_SIZE), most = f->size - LS_FILE_MIN + 1;
  if (length == 0 || length > most)
    return ls__report(to, SQLITE_CORRUPT,
                      "length of the page index at offset %llu: expected 1..%llu, found %llu",
                      ls__llu(f->size - TAIL_SIZE), ls__llu(most), ls__llu(length));
  f->index_start = f->size - TAIL_SIZE - length;
  f->info.checksum = trailer.checksum;
  if (length > n - TAIL_SIZE && in_parts(f, head, head_len))
    return read_parts(f, end - n, n - TAIL_SIZE, length, to);
  if (length > n - TAIL_SIZE)
    return ls__report(to, SQLITE_TOOBIG, "the page index needs the last %llu bytes of the file, got %llu",
                      ls__llu(length + TAIL_SIZE), ls__llu(n));
  return ls__index_parse(&f->index, end - TAIL_SIZE - length, length, f->index_start, f->info.commit,
                         f->info.page_size, to);
}

/* A file that begins at TXID 1 is a snapshot, and holds the whole database (spec 1.8). */
static int check_snapshot(const ls_file *f, const ls_report *to) {
  uint32_t full = ls__full_count(f->info.commit, f->info.page_size);
  if (f->info.min_txid != 1 || f->index.count == full)
    return SQLITE_OK;
  return ls__report(to, SQLITE_CORRUPT,
                    "a snapshot of %u pages must hold all of them: expected %u frames, found %u",
                    f->info.commit, full, f->index.count);
}

static void set_info(ls_file *f) {
  ls_file_info *info = &f->info;
  info->pages = f->index.count;
  if (f->index.count == ls__full_count(info->commit, info->page_size))
    info->flags |= LS_FILE_FULL;
  if (f->index.count > 0 && ls__index_pgno(&f->index, 0) == 1)
    info->flags |= LS_FILE_PAGE1;
}

static void destroy(ls_file *f) {
  ls__index_free(&f->index);
  sqlite3_free(f);
}

/* Everything but the pages; NULL and *rc on failure. `head` begins where the file begins, `tail` ends where it ends. */
static ls_file *create(const ls_file_spec *spec, const uint8_t *head, uint64_t head_len, const uint8_t *tail,
                       uint64_t tail_len, int *rc, const ls_report *to) {
  ls_header header = {0};
  *rc = ls__ltx_header(head, head_len, &header, to);
  if (*rc == SQLITE_OK)
    *rc = check_spec(&header.info, spec, to);
  if (*rc == SQLITE_OK)
    *rc = ls__ltx_format(head, head_len, to);
  if (*rc != SQLITE_OK)
    return NULL;
  size_t name_size = strlen(spec->name) + 1;
  ls_file *f = sqlite3_malloc64(sizeof(ls_file) + name_size);
  if (f == NULL) {
    *rc = ls__report(to, SQLITE_NOMEM, "no memory for a file");
    return NULL;
  }
  memset(f, 0, sizeof(ls_file));
  memcpy(f->name, spec->name, name_size);
  f->info = header.info;
  f->info.file_id = spec->file_id;
  f->info.level = spec->level;
  f->checksums = header.checksums;
  f->size = spec->size;
  f->serial = atomic_fetch_add_explicit(&last_serial, 1, memory_order_relaxed) + 1;
  atomic_init(&f->refs, 1);
  *rc = read_tail(f, &header, head, head_len, tail, tail_len, to);
  if (*rc == SQLITE_OK)
    *rc = check_snapshot(f, to);
  if (*rc != SQLITE_OK) {
    destroy(f);
    return NULL;
  }
  set_info(f);
  return f;
}

/* The first frame says which encoding the file has, if the bytes reach that far. */
static void set_encoding(ls_file *f, const uint8_t *head, uint64_t head_len) {
  if (f->index.count == 0 || head_len < LS_HEADER_SIZE + LS_ZERO_SIZE)
    return;
  if (ls__ltx_payload(head + LS_HEADER_SIZE) != LS_ZERO_SIZE)
    f->info.flags |= LS_FILE_BLOCKS;
}

#ifdef LS_MUTANTS
/* The simulator's files are too small for an index in parts: makes one of which nothing is known. */
static void forget_index(ls_file *f) {
  ls_index parts;
  if (!ls__index_forgotten() || f->info.min_txid != 1 || f->index.count == 0 || f->size <= LS_WHOLE_MAX ||
      f->info.page_size > LS_PARTS_PAGE_MAX ||
      ls__index_in_parts(&parts, f->index_start, f->size - TAIL_SIZE, f->info.commit, f->info.page_size) !=
          SQLITE_OK)
    return;
  ls__index_free(&f->index);
  f->index = parts;
}
#endif

static void adopt(ls_file *f, ls_db *db, ls_file **out) {
  f->db = db;
  ls__db_ref(db);
  ls__stat_add(LS_STAT_FILES, 1);
#ifdef LS_MUTANTS
  forget_index(f);
#endif
  ls__stat_add(LS_STAT_INDEX_BYTES, (int64_t)ls__index_bytes(&f->index));
  *out = f;
}

int ls_file_load(ls_db *db, const ls_file_spec *spec, const uint8_t *bytes, ls_file **out, char *err,
                 uint32_t err_cap) {
  ls_report to = {spec->name, err, err_cap};
  int rc;
  ls_file *f = create(spec, bytes, spec->size, bytes, spec->size, &rc, &to);
  if (f == NULL)
    return rc;
  uint8_t *page = sqlite3_malloc64(f->info.page_size);
  if (page == NULL)
    rc = ls__report(&to, SQLITE_NOMEM, "no memory for a page");
  else
    rc = ls__file_verify(f, bytes, page, &f->info.cookie, &to);
  sqlite3_free(page);
  if (rc != SQLITE_OK) {
    destroy(f);
    return rc;
  }
  set_encoding(f, bytes, spec->size);
  f->info.flags |= LS_FILE_VERIFIED;
  adopt(f, db, out);
  return SQLITE_OK;
}

/* Page 1 is the first frame. */
static int read_page1(ls_file *f, const uint8_t *prefix, uint64_t prefix_len, const ls_report *to) {
  uint32_t length =
      ls__index_known(&f->index, 0)
          ? ls__index_length(&f->index, 0)
          : ls__ltx_block_length(prefix + LS_HEADER_SIZE, prefix_len - LS_HEADER_SIZE, f->info.page_size);
  if (length > prefix_len - LS_HEADER_SIZE)
    return ls__report(to, SQLITE_MISUSE, "the begin of the file needs %u bytes for page 1, got %llu",
                      LS_HEADER_SIZE + length, ls__llu(prefix_len));
  uint8_t *page = sqlite3_malloc64(f->info.page_size);
  if (page == NULL)
    return ls__report(to, SQLITE_NOMEM, "no memory for a page");
  int rc = ls__ltx_frame(prefix + LS_HEADER_SIZE, length, LS_HEADER_SIZE, 1, f->info.page_size, page, to);
  if (rc == SQLITE_OK)
    f->info.cookie = ls__ltx_cookie(page);
  sqlite3_free(page);
  return rc;
}

int ls_file_open(ls_db *db, const ls_file_spec *spec, const uint8_t *prefix, uint64_t prefix_len,
                 const uint8_t *suffix, uint64_t suffix_len, ls_file **out, char *err, uint32_t err_cap) {
  ls_report to = {spec->name, err, err_cap};
  if (prefix_len > spec->size || suffix_len > spec->size)
    return ls__report(&to, SQLITE_MISUSE, "a part of a file of %llu bytes has %llu bytes",
                      ls__llu(spec->size), ls__llu(prefix_len > suffix_len ? prefix_len : suffix_len));
  int rc;
  ls_file *f = create(spec, prefix, prefix_len, suffix, suffix_len, &rc, &to);
  if (f == NULL)
    return rc;
  if ((f->info.flags & LS_FILE_PAGE1) != 0)
    rc = read_page1(f, prefix, prefix_len, &to);
  if (rc != SQLITE_OK) {
    destroy(f);
    return rc;
  }
  set_encoding(f, prefix, prefix_len);
  /* The prefix of a large file has been paid for, so its pages go to the cache. Those of a small one go there only after
  ** its checksum. */
  ls_range range = {0, prefix_len, prefix};
  if (f->index.parts != NULL)
    ls__file_keep_begin(f, prefix, prefix_len);
  else if (f->size > LS_WHOLE_MAX && f->index.count > 0)
    ls__file_keep(f, 0, &range, LS_NO_ORDINAL, 0);
  adopt(f, db, out);
  return SQLITE_OK;
}

void ls_file_get_info(const ls_file *file, ls_file_info *out) { *out = file->info; }

void ls__file_ref(ls_file *file) { atomic_fetch_add_explicit(&file->refs, 1, memory_order_relaxed); }

void ls_file_unref(ls_file *file) {
  if (file == NULL || atomic_fetch_sub_explicit(&file->refs, 1, memory_order_acq_rel) != 1)
    return;
  ls_db *db = file->db;
  uint64_t file_id = file->info.file_id;
  ls__stat_add(LS_STAT_FILES, -1);
  ls__stat_add(LS_STAT_INDEX_BYTES, -(int64_t)ls__index_bytes(&file->index));
  destroy(file);
  ls__db_file_gone(db, file_id);
  ls__db_unref(db);
}

const ls_file_info *ls__file_info(const ls_file *file) { return &file->info; }

const char *ls__file_name(const ls_file *file) { return file->name; }

int ls__file_find(const ls_file *file, ls_pgno pgno, uint32_t *ordinal) {
  return ls__index_find(&file->index, pgno, ordinal);
}

ls_pgno ls__file_pgno(const ls_file *file, uint32_t ordinal) { return ls__index_pgno(&file->index, ordinal); }

void ls__file_frame(const ls_file *file, uint32_t ordinal, uint64_t *offset, uint32_t *length) {
  *offset = ls__index_offset(&file->index, ordinal);
  *length = ls__index_length(&file->index, ordinal);
}
