/*
** filepages.c - the way of a file's bytes into the page cache.
*/
#include <string.h>

#include "cache.h"
#include "crc64.h"
#include "file.h"
#include "locate.h"

/* ------------------------------------------------------------------------------------------------- a file as a whole */

/* What is summed up, and the pages that wait for the verdict. */
typedef struct verification {
  const ls_file *file;
  const uint8_t *bytes;
  uint64_t crc;       /* of the file so far */
  uint64_t rolling;   /* of the database so far */
  ls_cached *waiting; /* linked by at.waiting */
} verification;

/* The checksum covers a frame's header as stored and its page as decoded (spec 1.6). */
static void add_page(verification *v, const uint8_t *frame, uint32_t payload, const uint8_t *page) {
  uint32_t size = v->file->info.page_size;
  v->crc = ls__crc64(v->crc, frame, payload);
  v->crc = ls__crc64(v->crc, page, size);
  if (v->file->checksums)
    v->rolling ^= ls__crc64(ls__crc64(0, frame, 4), page, size);
}

/* Decodes into the cache's own buffer where it gives one, else into `scratch`. Returns where, or NULL. */
static const uint8_t *decode_waiting(verification *v, uint32_t ordinal, uint64_t offset, uint32_t length,
                                     uint8_t *scratch, const ls_report *to) {
  const ls_file *f = v->file;
  ls_pgno pgno = ls__index_pgno(&f->index, ordinal);
  ls_cached *cached = ls__cache_new(f->serial, ordinal, f->info.page_size);
  if (cached != NULL) {
    cached->at.waiting = v->waiting;
    v->waiting = cached;
  }
  uint8_t *page = cached != NULL ? cached->block->bytes : scratch;
  int rc = ls__ltx_frame(v->bytes + offset, length, offset, pgno, f->info.page_size, page, to);
  return rc == SQLITE_OK ? page : NULL;
}

static int verify_tail(verification *v, const ls_report *to) {
  static const uint8_t zero[LS_ZERO_SIZE] = {0};
  const ls_file *f = v->file;
  const uint8_t *tail = v->bytes + f->index_start - LS_ZERO_SIZE,
                *end = v->bytes + f->size - LS_CHECKSUM_SIZE;
  if (memcmp(tail, zero, LS_ZERO_SIZE) != 0)
    return ls__report(to, SQLITE_CORRUPT, "no zero page header at offset %llu",
                      ls__llu(f->index_start - LS_ZERO_SIZE));
  uint64_t found = ls__crc64(v->crc, tail, (size_t)(end - tail)) | LS_CHECKSUM_FLAG, stored = ls__be64(end);
  if (found != stored)
    return ls__report(to, SQLITE_CORRUPT, "file checksum: expected %016llx, found %016llx", ls__llu(stored),
                      ls__llu(found));
  if (stored != f->info.checksum)
    return ls__report(
        to, SQLITE_CORRUPT,
        "these are not the bytes that were opened: expected file checksum %016llx, found %016llx",
        ls__llu(f->info.checksum), ls__llu(stored));
  uint64_t database = v->rolling | LS_CHECKSUM_FLAG, post = ls__be64(end - LS_CHECKSUM_SIZE);
  if (f->checksums && (f->info.flags & LS_FILE_FULL) != 0 && database != post)
    return ls__report(to, SQLITE_CORRUPT, "database checksum: expected %016llx, found %016llx", ls__llu(post),
                      ls__llu(database));
  return SQLITE_OK;
}

static int verify_all(verification *v, uint8_t *scratch, uint32_t *cookie, const ls_report *to) {
  const ls_file *f = v->file;
  uint64_t offset = LS_HEADER_SIZE;
  v->crc = ls__crc64(0, v->bytes, LS_HEADER_SIZE);
  for (uint32_t i = 0; i < f->index.count; i++) {
    const uint8_t *frame = v->bytes + offset;
    uint32_t length = ls__index_length(&f->index, i);
    const uint8_t *page = decode_waiting(v, i, offset, length, scratch, to);
    if (page == NULL)
      return SQLITE_CORRUPT;
    add_page(v, frame, ls__ltx_payload(frame), page);
    if (ls__index_pgno(&f->index, i) == 1)
      *cookie = ls__ltx_cookie(page);
    offset += length;
  }
  return verify_tail(v, to);
}

int ls__file_verify(const ls_file *f, const uint8_t *bytes, uint8_t *scratch, uint32_t *cookie,
                    const ls_report *to) {
  verification v = {.file = f, .bytes = bytes};
  int rc = verify_all(&v, scratch, cookie, to);
  for (ls_cached *page = v.waiting, *next; page != NULL; page = next) {
    next = page->at.waiting;
    if (rc == SQLITE_OK)
      ls__cache_put(page, 0);
    else
      ls__cache_drop(page);
  }
  return rc;
}

/* ------------------------------------------------------------------------------------------------- a range of a file */

/* A row of whole frames, [begin, end) in the file. */
typedef struct row {
  uint64_t begin, end;
  uint32_t first, last; /* ordinals */
} row;

/* So many frames in the cache are worth two requests for what is around them. */
#define CACHED_RUN 16u

static int cached_from(const ls_file *f, uint32_t i) {
  return ls__cache_has(f->serial, i) &&
         (i + CACHED_RUN >= f->index.count || ls__cache_has(f->serial, i + CACHED_RUN));
}

static int cached_to(const ls_file *f, uint32_t i) {
  return ls__cache_has(f->serial, i) && (i < CACHED_RUN || ls__cache_has(f->serial, i - CACHED_RUN));
}

/* Stops at a frame that is in the cache, and so are those before it, once the row has `enough` bytes. */
static void grow_back(const ls_file *f, row *r, uint64_t most, uint64_t enough) {
  while (r->first > 0 && ls__index_known(&f->index, r->first - 1)) {
    uint32_t length = ls__index_length(&f->index, r->first - 1);
    uint64_t all = r->end - r->begin + length;
    if (all > most || (all > enough && cached_to(f, r->first - 1)))
      return;
    r->begin -= length;
    r->first--;
  }
}

/* Stops at a frame that is in the cache, and so are those after it, once there is a window. */
static void grow_on(const ls_file *f, row *r, uint64_t most) {
  while (r->last + 1 < f->index.count && ls__index_known(&f->index, r->last + 1)) {
    uint32_t length = ls__index_length(&f->index, r->last + 1);
    uint64_t all = r->end - r->begin + length;
    if (all > most || (all > LS_WINDOW && cached_from(f, r->last + 1)))
      return;
    r->end += length;
    r->last++;
  }
}

void ls__file_window(const ls_file *f, uint32_t ordinal, uint64_t *offset, uint32_t *length, uint32_t *first,
                     uint32_t *end) {
  uint64_t begin = ls__index_offset(&f->index, ordinal);
  uint32_t own = ls__index_length(&f->index, ordinal);
  row r = {begin, begin + own, ordinal, ordinal};
  grow_back(f, &r, own + LS_WINDOW / 4, 0); /* most scans go forward, so most of the window does */
  grow_on(f, &r, LS_WINDOW);
  grow_back(f, &r, LS_WINDOW, 0); /* at the end of the file */
  *offset = r.begin;
  *length = (uint32_t)(r.end - r.begin);
  *first = r.first;
  *end = r.last + 1;
}

void ls__file_stretch_back(const ls_file *f, uint32_t ordinal, uint64_t most, uint64_t *offset,
                           uint32_t *length, uint32_t *first) {
  uint64_t begin = ls__index_offset(&f->index, ordinal);
  row r = {begin, begin + ls__index_length(&f->index, ordinal), ordinal, ordinal};
  grow_back(f, &r, most, LS_WINDOW);
  *offset = r.begin;
  *length = (uint32_t)(r.end - r.begin);
  *first = r.first;
}

void ls__file_stretch(const ls_file *f, uint32_t ordinal, uint64_t most, uint64_t *offset, uint32_t *length,
                      uint32_t *end) {
  uint64_t begin = ls__index_offset(&f->index, ordinal);
  row r = {begin, begin + ls__index_length(&f->index, ordinal), ordinal, ordinal};
  grow_on(f, &r, most);
  *offset = r.begin;
  *length = (uint32_t)(r.end - r.begin);
  *end = r.last + 1;
}

void ls__file_gap(const ls_file *f, uint32_t ordinal, uint32_t most, uint32_t bridge, ls_lacks *lacks,
                  const void *context, ls_gap *gap) {
  uint64_t begin = ls__index_offset(&f->index, ordinal);
  uint64_t upto = begin + ls__index_length(&f->index, ordinal), at = upto;
  gap->first = ordinal;
  gap->next = ordinal + 1;
  for (uint32_t i = gap->next; i < f->index.count && ls__index_known(&f->index, i) && at - upto <= bridge;
       i++) {
    at += ls__index_length(&f->index, i);
    if (at - begin > most)
      break;
    if (lacks(f, i, context)) {
      upto = at;
      gap->next = i + 1;
    }
  }
  gap->offset = begin;
  gap->length = (uint32_t)(upto - begin);
}

static int not_cached(const ls_file *f, uint32_t ordinal, const void *context) {
  (void)context;
  return !ls__cache_has(f->serial, ordinal);
}

int ls_file_gap(const ls_file *f, uint32_t ordinal, uint32_t most, uint32_t *first, uint64_t *offset,
                uint32_t *length, uint32_t *next) {
  while (ordinal < f->index.count && ls__cache_has(f->serial, ordinal))
    ordinal++;
  if (f->size <= LS_WHOLE_MAX || ordinal >= f->index.count)
    return SQLITE_DONE;
  if (!ls__index_known(&f->index, ordinal)) {
    ls__locate_next(f, ordinal, most, offset, length);
    *first = LS_PAGE_INDEX;
    *next = ordinal;
    return SQLITE_OK;
  }
  ls_gap gap;
  ls__file_gap(f, ordinal, most, UINT32_MAX, not_cached, NULL, &gap);
  *first = gap.first;
  *offset = gap.offset;
  *length = gap.length;
  *next = gap.next;
  return SQLITE_OK;
}

static void keep_frame(const ls_file *f, uint32_t ordinal, const uint8_t *frame, uint64_t offset,
                       uint32_t length, int wanted) {
  ls_cached *page = NULL;
  if (!ls__cache_has(f->serial, ordinal))
    page = ls__cache_new(f->serial, ordinal, f->info.page_size);
  if (page == NULL) {
    ls__cache_wasted(length);
    return;
  }
  page->block->unasked = length;
  ls_pgno pgno = ls__index_pgno(&f->index, ordinal);
  if (ls__ltx_frame(frame, length, offset, pgno, f->info.page_size, page->block->bytes, NULL) == SQLITE_OK)
    ls__cache_put(page, wanted);
  else
    ls__cache_drop(page);
}

void ls__file_keep(const ls_file *f, uint32_t first, const ls_range *range, uint32_t except, int wanted) {
  uint64_t end = range->offset + range->length, offset = ls__index_offset(&f->index, first);
  for (uint32_t i = first; i < f->index.count && ls__index_known(&f->index, i); i++) {
    uint32_t length = ls__index_length(&f->index, i);
    if (offset > end || length > end - offset)
      return;
    if (i != except)
      keep_frame(f, i, range->bytes + (offset - range->offset), offset, length, wanted);
    offset += length;
  }
}

/* The first frame that begins at or after an offset, which is no farther on than frame `ordinal`. */
static uint32_t first_within(const ls_file *f, uint32_t ordinal, uint64_t offset) {
  uint64_t begin = ls__index_offset(&f->index, ordinal);
  while (ordinal > 0 && ls__index_known(&f->index, ordinal - 1) &&
         begin - offset >= ls__index_length(&f->index, ordinal - 1))
    begin -= ls__index_length(&f->index, --ordinal);
  return ordinal;
}

void ls__file_within(const ls_file *f, uint32_t ordinal, const ls_range *range, uint32_t *first,
                     uint32_t *end) {
  uint64_t at = ls__index_offset(&f->index, ordinal);
  *first = first_within(f, ordinal, range->offset);
  while (ordinal < f->index.count && ls__index_known(&f->index, ordinal)) {
    at += ls__index_length(&f->index, ordinal);
    if (at > range->offset + range->length)
      break;
    ordinal++;
  }
  *end = ordinal;
}

void ls__file_keep_begin(const ls_file *f, const uint8_t *prefix, uint64_t n) {
  uint64_t offset = LS_HEADER_SIZE;
  for (uint32_t i = 0; i < f->index.count; i++) {
    uint32_t length = ls__ltx_block_length(prefix + offset, n - offset, f->info.page_size);
    if (length == 0 || length > n - offset)
      return;
    keep_frame(f, i, prefix + offset, offset, length, 0);
    offset += length;
  }
}

static int offer_index(ls_file *f, uint64_t offset, const uint8_t *bytes, uint32_t length) {
  const ls_parts *parts = f->index.parts;
  if (parts == NULL || offset < parts->begin || offset > parts->end || length > parts->end - offset)
    return SQLITE_MISUSE;
  return ls__locate_learn(f, offset, bytes, length);
}

int ls_file_offer(ls_file *f, uint32_t ordinal, uint64_t offset, const uint8_t *bytes, uint32_t length) {
  ls_range range = {offset, length, bytes};
  if (ordinal == LS_PAGE_INDEX)
    return offer_index(f, offset, bytes, length);
  if (f->size <= LS_WHOLE_MAX || ordinal >= f->index.count || !ls__index_known(&f->index, ordinal) ||
      ls__index_offset(&f->index, ordinal) != offset)
    return SQLITE_MISUSE;
  ls__file_keep(f, ordinal, &range, LS_NO_ORDINAL, 1);
  return SQLITE_OK;
}

static int accept_range(const ls_file *f, const ls_range *range, uint32_t ordinal, int scan, uint8_t *page,
                        const ls_report *to) {
  uint64_t offset = ls__index_offset(&f->index, ordinal);
  uint32_t length = ls__index_length(&f->index, ordinal);
  if (offset < range->offset || offset - range->offset > range->length ||
      length > range->length - (offset - range->offset))
    return ls__report(to, SQLITE_MISUSE, "frame %u at offset %llu is not in the range of %llu bytes at %llu",
                      ordinal, ls__llu(offset), ls__llu(range->length), ls__llu(range->offset));
  const uint8_t *frame = range->bytes + (offset - range->offset);
  ls_pgno pgno = ls__index_pgno(&f->index, ordinal);
  int rc = ls__ltx_frame(frame, length, offset, pgno, f->info.page_size, page, to);
  if (rc != SQLITE_OK)
    return rc;
  ls__file_keep(f, first_within(f, ordinal, range->offset), range, ordinal, scan);
  ls_cached *cached = ls__cache_new(f->serial, ordinal, f->info.page_size);
  if (cached != NULL) {
    memcpy(cached->block->bytes, page, f->info.page_size);
    atomic_store_explicit(&cached->block->used, 1, memory_order_relaxed); /* by who is given `page` */
    ls__cache_put(cached, 1);
  }
  return SQLITE_OK;
}

int ls__file_accept(ls_file *f, uint64_t offset, const uint8_t *bytes, uint32_t length, uint32_t ordinal,
                    int scan, uint8_t *page, char *err, uint32_t err_cap) {
  ls_report to = {f->name, err, err_cap};
  ls_range range = {offset, length, bytes};
  if (f->size > LS_WHOLE_MAX)
    return accept_range(f, &range, ordinal, scan, page, &to);
  if (offset != 0 || length != f->size)
    return ls__report(&to, SQLITE_MISUSE, "a file of %llu bytes is taken whole, got %u bytes at %llu",
                      ls__llu(f->size), length, ls__llu(offset));
  uint32_t cookie = 0;
  int rc = ls__file_verify(f, bytes, page, &cookie, &to);
  return rc == SQLITE_OK ? accept_range(f, &range, ordinal, scan, page, &to) : rc;
}
