/*
** readahead.c - see readahead.h.
*/
#include "readahead.h"

#include <string.h>

#include "cache.h"

/* A range of this size takes as long to arrive as its request to be answered, so larger ones gain nothing. */
#define RANGE_MAX (UINT64_C(2) << 20)

/* So much under way keeps a link busy that brings 100 MB/s after 30 ms, twice over. */
#define AHEAD_MAX (UINT64_C(8) << 20)

/* Of the cache's budget, in bytes of the file, which decode to about twice as many: a scan must not push out pages that
** it has yet to read, nor all that others use. */
#define BUDGET_SHARE 8

/* Frames that a scan may leave out: inner pages of its tree, and pages that newer files hold. */
#define GAP 16

/* Where a frame begins; for the ordinal after the last one, where that ends. */
static uint64_t begin(const ls_file *f, uint32_t ordinal) {
  if (ordinal < f->index.count)
    return ls__index_offset(&f->index, ordinal);
  return ls__index_offset(&f->index, ordinal - 1) + ls__index_length(&f->index, ordinal - 1);
}

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* As much as the stream has read up to a frame, within limits. */
static uint64_t earned(const ls_stream *s, const ls_file *f, uint32_t ordinal, uint64_t most) {
  uint64_t budget = ls__cache_budget() / BUDGET_SHARE;
  return least(begin(f, ordinal) - begin(f, s->from), least(most, budget));
}

/* Goes over frames that are in the cache already, up to an offset. */
static void skip_cached(ls_stream *s, const ls_file *f, uint64_t target) {
  while (s->next < f->index.count && begin(f, s->next) < target && ls__cache_has(f->serial, s->next))
    s->next++;
}

/* Asks for what is missing to what the stream has earned. */
static void top_up(ls_stream *s, uint64_t db_id, ls_file *f, uint32_t ordinal) {
  uint64_t target = begin(f, ordinal) + earned(s, f, ordinal, AHEAD_MAX);
  for (skip_cached(s, f, target); s->next < f->index.count; skip_cached(s, f, target)) {
    uint64_t offset, from = begin(f, s->next);
    uint32_t length, end;
    if (from + LS_WINDOW > target)
      break;
    ls__file_stretch(f, s->next, least(target - from, RANGE_MAX), &offset, &length, &end);
    if (!ls__host_ahead(db_id, f, s->next, offset, length))
      break;
    s->next = end;
  }
  uint32_t half = (s->next - ordinal) / 2;
  s->trigger = s->next < f->index.count ? ordinal + (half ? half : 1) : LS_NO_TRIGGER;
}

/* The stream that a miss continues, moved to the front; or NULL. */
static ls_stream *find(ls_readahead *ra, const ls_file *f, uint32_t ordinal) {
  for (uint32_t i = 0; i < LS_STREAMS; i++) {
    ls_stream s = ra->streams[i];
    if (s.serial == f->serial && ordinal >= s.at && ordinal < (uint64_t)s.next + GAP) {
      memmove(ra->streams + 1, ra->streams, i * sizeof s);
      ra->streams[0] = s;
      return ra->streams;
    }
  }
  return NULL;
}

/* The range of a miss that continues a stream. */
static void go_on(ls_stream *s, const ls_file *f, uint32_t ordinal, ls_demand *out) {
  uint32_t end;
  if (ordinal < s->next) { /* was asked for: the host joins that request, or it has failed */
    uint64_t rest = begin(f, s->next) - begin(f, ordinal);
    ls__file_stretch(f, ordinal, least(rest, LS_WINDOW), &out->offset, &out->length, &end);
    return;
  }
  uint64_t most = earned(s, f, ordinal, RANGE_MAX);
  ls__file_stretch(f, ordinal, most > LS_WINDOW ? most : LS_WINDOW, &out->offset, &out->length, &s->next);
}

static void start(ls_readahead *ra, const ls_file *f, uint32_t ordinal, ls_demand *out) {
  ls_stream s = {.serial = f->serial, .from = ordinal, .at = ordinal, .trigger = LS_NO_TRIGGER};
  ls__file_window(f, ordinal, &out->offset, &out->length, &s.next);
  memmove(ra->streams + 1, ra->streams, (LS_STREAMS - 1) * sizeof s);
  ra->streams[0] = s;
}

void ls__readahead_miss(ls_readahead *ra, uint64_t db_id, ls_file *f, uint32_t ordinal, ls_demand *out) {
  if (f->size <= LS_WHOLE_MAX) {
    *out = (ls_demand){0, (uint32_t)f->size, 0, (uint32_t)f->size, 0};
    return;
  }
  ls_stream *s = find(ra, f, ordinal);
  if (s) {
    int due = ordinal >= s->next || ordinal >= s->trigger;
    go_on(s, f, ordinal, out);
    s->at = ordinal;
    if (due)
      top_up(s, db_id, f, ordinal);
  } else {
    start(ra, f, ordinal, out);
  }
  out->need_at = (uint32_t)(ls__index_offset(&f->index, ordinal) - out->offset);
  out->need = ls__index_length(&f->index, ordinal);
  out->scan = s != NULL;
}

void ls__readahead_on(ls_readahead *ra, uint64_t db_id, ls_file *f, uint32_t ordinal) {
  ra->streams->at = ordinal;
  top_up(ra->streams, db_id, f, ordinal);
}
