/*
** locate.c - see locate.h.
*/
#include "locate.h"

#include "stats.h"

/* With pieces of LS_INDEX_PIECE, four and sixteen times that. */
#define TRIES 3u

/* Of one request in the background: entries of about 100,000 frames, which lie in some 200 MB. */
#define PIECE_MAX (1u << 20)

/* What an entry takes in a file of more than 4 GB. */
#define ENTRY 12u

typedef struct piece {
  uint64_t offset;
  uint32_t length;
} piece;

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* Bytes around a place, within bounds. */
static piece around(uint64_t at, uint64_t length, uint64_t begin, uint64_t end) {
  uint64_t from = at - begin > length / 2 ? at - length / 2 : begin;
  length = least(length, end - begin);
  return (piece){least(from, end - length), (uint32_t)length};
}

static piece index_around(const ls_parts *parts, uint64_t at, uint64_t length) {
  return around(at, length, parts->begin, parts->end);
}

static int learn(ls_file *f, const ls_place *first, const uint8_t *bytes, uint64_t n, const ls_report *to) {
  uint64_t added;
  int rc = ls__parts_learn(f->index.parts, first, bytes, n, &added, to);
  ls__stat_add(LS_STAT_INDEX_BYTES, (int64_t)added);
  return rc;
}

int ls__locate_learn(ls_file *f, uint64_t offset, const uint8_t *bytes, uint64_t n) {
  ls_place first;
  if (!ls__parts_sync(f->index.parts, offset, bytes, n, &first))
    return SQLITE_OK;
  uint64_t skip = first.position - offset;
  int rc = learn(f, &first, bytes + skip, n - skip, NULL);
  return rc == SQLITE_CORRUPT ? SQLITE_OK : rc;
}

/* Fetches a piece of the index into `buf` and, behind it, a part of the file: length 0: none. */
static int ask(uint64_t db_id, ls_reader *reader, const ls_file *f, const piece *index, const piece *frames,
               uint8_t *buf, char *err, uint32_t cap) {
  int rc = ls__host_locate(db_id, reader, f->info.file_id, index->offset, index->length, frames->offset,
                           frames->length, buf, err, cap);
  if (rc == SQLITE_OK) {
    ls__stat_add(LS_STAT_FETCHES, 1);
    ls__stat_add(LS_STAT_FETCHED_BYTES, (int64_t)index->length + frames->length);
  }
  return rc;
}

/* One guess. *along is empty where it was wrong. */
static int guess(uint64_t db_id, ls_reader *reader, ls_file *f, uint32_t ordinal, uint64_t length,
                 ls_along *along, char *err, uint32_t cap) {
  ls_parts *parts = f->index.parts;
  ls_place at;
  ls__parts_guess(parts, ordinal, &at);
  piece index = index_around(parts, at.position, length);
  piece frames = around(at.offset, LS_WINDOW, LS_HEADER_SIZE, f->index_start - LS_ZERO_SIZE);
  uint8_t *buf = sqlite3_malloc64((uint64_t)index.length + frames.length);
  if (buf == NULL) {
    ls__err_set(err, cap, "out of memory for a part of the page index");
    return SQLITE_NOMEM;
  }
  int rc = ask(db_id, reader, f, &index, &frames, buf, err, cap);
  if (rc == SQLITE_OK)
    rc = ls__locate_learn(f, index.offset, buf, index.length);
  if (rc != SQLITE_OK || !ls__index_known(&f->index, ordinal)) {
    sqlite3_free(buf);
    return rc;
  }
  *along = (ls_along){buf, {frames.offset, frames.length, buf + index.length}};
  return SQLITE_OK;
}

/* From the nearest entry that is known, piece by piece, with all checks. */
static int walk(uint64_t db_id, ls_reader *reader, ls_file *f, uint32_t ordinal, char *err, uint32_t cap) {
  ls_parts *parts = f->index.parts;
  ls_report to = {f->name, err, cap};
  const piece none = {0, 0};
  uint8_t *buf = sqlite3_malloc64(PIECE_MAX);
  int rc = SQLITE_OK;
  if (buf == NULL)
    return ls__report(&to, SQLITE_NOMEM, "no memory for a part of the page index");
  while (rc == SQLITE_OK && !ls__parts_known(parts, ordinal)) {
    ls_place below, above;
    ls__parts_around(parts, ordinal, &below, &above);
    if (below.position >= parts->end)
      rc = ls__report(&to, SQLITE_CORRUPT, "page index: no entry of frame %u, which ends at offset %llu",
                      ordinal, ls__llu(below.offset));
    piece next = {below.position, (uint32_t)least(PIECE_MAX, parts->end - below.position)};
    if (rc == SQLITE_OK)
      rc = ask(db_id, reader, f, &next, &none, buf, err, cap);
    if (rc == SQLITE_OK)
      rc = learn(f, &below, buf, next.length, &to);
  }
  sqlite3_free(buf);
  return rc;
}

int ls__locate(uint64_t db_id, ls_reader *reader, ls_file *f, uint32_t ordinal, ls_along *along, char *err,
               uint32_t cap) {
  uint64_t length = LS_INDEX_PIECE;
  int rc = SQLITE_OK;
  *along = (ls_along){0};
  for (uint32_t i = 0; i < TRIES && rc == SQLITE_OK && !ls__index_known(&f->index, ordinal); i++) {
    rc = guess(db_id, reader, f, ordinal, length, along, err, cap);
    length *= 4;
  }
  if (rc == SQLITE_OK && !ls__index_known(&f->index, ordinal))
    rc = walk(db_id, reader, f, ordinal, err, cap);
  return rc;
}

void ls__locate_piece(const ls_file *f, uint32_t first, uint32_t end, uint64_t *offset, uint32_t *length) {
  const ls_parts *parts = f->index.parts;
  const uint64_t margin = LS_INDEX_PIECE / 4; /* a guess may be wrong by that */
  ls_place from, to;
  ls__parts_guess(parts, first, &from);
  ls__parts_guess(parts, end, &to);
  uint64_t begin = from.position - least(margin, from.position - parts->begin);
  uint64_t behind = least(to.position + margin, parts->end);
  *offset = least(begin, parts->end - 1);
  *length = (uint32_t)least(behind > *offset ? behind - *offset : 1, PIECE_MAX);
}

int ls__locate_read(uint64_t db_id, ls_reader *reader, ls_file *f, uint64_t offset, uint32_t length) {
  const piece index = {offset, length}, none = {0, 0};
  char err[LS_TEXT_MAX];
  uint8_t *buf = sqlite3_malloc64(length);
  if (buf == NULL)
    return SQLITE_NOMEM;
  int rc = ask(db_id, reader, f, &index, &none, buf, err, sizeof err);
  if (rc == SQLITE_OK)
    rc = ls__locate_learn(f, offset, buf, length);
  sqlite3_free(buf);
  return rc;
}

int ls__along_has(const ls_range *along, const ls_demand *demand) {
  uint64_t from = demand->offset + (demand->scan ? 0 : demand->need_at);
  uint32_t length = demand->scan ? demand->length : demand->need;
  return from >= along->offset && from - along->offset <= along->length &&
         length <= along->length - (from - along->offset);
}

void ls__locate_next(const ls_file *f, uint32_t ordinal, uint32_t most, uint64_t *offset, uint32_t *length) {
  const ls_parts *parts = f->index.parts;
  ls_place below, above;
  ls__parts_around(parts, ordinal, &below, &above);
  *offset = least(below.position, parts->end - 1);
  *length = (uint32_t)least(most, parts->end - *offset);
}

/* The first frame that is not known among `count`; or LS_NO_ORDINAL. */
static uint32_t unknown(const ls_index *index, uint32_t ordinal, uint32_t count, int down) {
  uint32_t left = down ? ordinal + 1 : index->count - ordinal;
  for (uint32_t i = 0; i < count && i < left; i += LS_PART) {
    uint32_t at = down ? ordinal - i : ordinal + i;
    if (!ls__index_known(index, at))
      return at;
  }
  return LS_NO_ORDINAL;
}

void ls__locate_ahead(uint64_t db_id, ls_file *f, uint32_t ordinal, uint32_t count, int down) {
  const ls_index *index = &f->index;
  uint32_t first =
      index->parts == NULL || ordinal >= index->count ? LS_NO_ORDINAL : unknown(index, ordinal, count, down);
  if (first == LS_NO_ORDINAL)
    return;
  ls_place at;
  uint64_t length = (uint64_t)count * ENTRY;
  length = length < LS_INDEX_PIECE ? LS_INDEX_PIECE : least(length, PIECE_MAX);
  ls__parts_guess(index->parts, first, &at);
  uint64_t ahead = length / 2 - LS_INDEX_PIECE / 4; /* a guess may be wrong by that */
  uint64_t middle =
      down ? at.position - least(ahead, at.position - index->parts->begin) : at.position + ahead;
  piece p = index_around(index->parts, least(middle, index->parts->end), length);
  ls__host_ahead(db_id, f, LS_PAGE_INDEX, p.offset, p.length);
}
