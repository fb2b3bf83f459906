/*
** readahead.c - see readahead.h.
*/
#include "readahead.h"

#include <string.h>

#include "cache.h"
#include "locate.h"

/* A range of this size takes as long to arrive as its request to be answered, so larger ones gain nothing. */
#define RANGE_MAX (UINT64_C(2) << 20)

/* So much under way keeps a link busy that brings 100 MB/s after 30 ms, twice over. */
#define AHEAD_MAX (UINT64_C(8) << 20)

/* Of the cache's budget, in bytes of the file, which decode to about twice as many: a scan must not push out pages that
** it has yet to read, nor all that others use. */
#define BUDGET_SHARE 8

/* Frames that a scan may leave out: inner pages of its tree, and pages that newer files hold. */
#define GAP 16

/* A scan learns where frames lie well before it comes there: so many frames, or four times as many as it has read. */
#define LEARN_MIN UINT64_C(1024)
#define LEARN_MAX UINT64_C(65536)

static uint64_t begin(const ls_file *f, uint32_t ordinal) { return ls__index_begin(&f->index, ordinal); }

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* As much as the stream has read up to a frame, within limits. */
static uint64_t earned(const ls_stream *s, const ls_file *f, uint32_t ordinal, uint64_t most) {
  uint64_t budget = ls__cache_budget() / BUDGET_SHARE, from = begin(f, s->from), to = begin(f, ordinal);
  return least(from < to ? to - from : from - to, least(most, budget));
}

static int covered(const ls_file *f, uint32_t ordinal) {
  return ls__index_known(&f->index, ordinal) && ls__cache_has(f->serial, ordinal);
}

/* Goes over frames that are in the cache already, up to an offset. */
static void skip_cached(ls_stream *s, const ls_file *f, uint64_t target) {
  if (s->down)
    while (s->low > 0 && covered(f, s->low - 1) && begin(f, s->low) > target)
      s->low--;
  else
    while (s->next < f->index.count && covered(f, s->next) && begin(f, s->next) < target)
      s->next++;
}

/* Asks for the next range of a stream that is not asked for yet, of at least `least_length` bytes up to an offset. Whether there
** was one. */
static int ask(ls_stream *s, uint64_t db_id, ls_file *f, uint64_t target, uint64_t least_length) {
  uint64_t offset, edge = begin(f, s->down ? s->low : s->next);
  uint64_t rest = s->down ? edge - least(target, edge) : target - least(target, edge);
  uint32_t length, first = s->next, end;
  if (rest < least_length || (s->down ? s->low == 0 : s->next == f->index.count) ||
      !ls__index_known(&f->index, s->down ? s->low - 1 : s->next))
    return 0;
  if (s->down)
    ls__file_stretch_back(f, s->low - 1, least(rest, RANGE_MAX), &offset, &length, &first);
  else
    ls__file_stretch(f, first, least(rest, RANGE_MAX), &offset, &length, &end);
  if (!ls__host_ahead(db_id, f, first, offset, length))
    return 0;
  if (s->down)
    s->low = first;
  else
    s->next = end;
  return 1;
}

/* Half way from a frame to the end of what was asked for, the stream is due again; not at the end of the file. */
static void set_due(ls_stream *s, const ls_file *f, uint32_t ordinal) {
  uint32_t left = s->down ? ordinal - s->low : s->next - ordinal, half = left / 2 ? left / 2 : 1;
  int more = s->down ? s->low > 0 : s->next < f->index.count;
  s->due = s->down ? s->low : ordinal + half;
  s->dues = more && left >= half ? left - half + (uint32_t)s->down : 0;
}

/* Asks for what is missing to what the stream has earned. */
static void top_up(ls_stream *s, uint64_t db_id, ls_file *f, uint32_t ordinal) {
  uint64_t at = begin(f, ordinal), ahead = earned(s, f, ordinal, AHEAD_MAX);
  uint64_t target = s->down ? at - least(ahead, at) : at + ahead;
  uint64_t read = s->down ? s->from - ordinal : ordinal - s->from;
  /* In a long scan only whole ranges: where they end must not depend on when pages come, and few take less than many. */
  uint64_t least_length = ahead >= RANGE_MAX && target > 0 ? RANGE_MAX : LS_WINDOW;
  do
    skip_cached(s, f, target);
  while (ask(s, db_id, f, target, least_length));
  ls__locate_ahead(db_id, f, s->down ? s->low : s->next, (uint32_t)least(4 * read + LEARN_MIN, LEARN_MAX),
                   s->down);
  set_due(s, f, ordinal);
}

/* Whether a miss goes on where a stream is. One that has read a single frame may go either way. */
static int continues(const ls_stream *s, const ls_file *f, uint32_t ordinal) {
  if (s->serial != f->serial)
    return 0;
  int up = !s->down && ordinal >= s->at && ordinal < (uint64_t)s->next + GAP;
  int down = (s->down || s->from == s->at) && ordinal <= s->at && (uint64_t)ordinal + GAP >= s->low;
  return up || down;
}

/* The stream that a miss continues, moved to the front; or NULL. */
static ls_stream *find(ls_readahead *ra, const ls_file *f, uint32_t ordinal) {
  for (uint32_t i = 0; i < LS_STREAMS; i++) {
    ls_stream s = ra->streams[i];
    if (continues(&s, f, ordinal)) {
      memmove(ra->streams + 1, ra->streams, i * sizeof s);
      s.down = ordinal == s.at ? s.down : ordinal < s.at;
      ra->streams[0] = s;
      return ra->streams;
    }
  }
  return NULL;
}

/* The range of a miss that continues a stream. */
static void go_on(ls_stream *s, const ls_file *f, uint32_t ordinal, ls_demand *out) {
  int asked = s->down ? ordinal >= s->low : ordinal < s->next;
  uint64_t most = asked ? LS_WINDOW : earned(s, f, ordinal, RANGE_MAX);
  uint32_t edge;
  if (asked) { /* the host joins that request, or it has failed */
    uint64_t at = begin(f, ordinal), own = ls__index_length(&f->index, ordinal);
    most = least(s->down ? at + own - begin(f, s->low) : begin(f, s->next) - at, LS_WINDOW);
  } else if (most < LS_WINDOW) {
    most = LS_WINDOW;
  }
  if (s->down)
    ls__file_stretch_back(f, ordinal, most, &out->offset, &out->length, &edge);
  else
    ls__file_stretch(f, ordinal, most, &out->offset, &out->length, &edge);
  if (!asked && s->down)
    s->low = edge;
  else if (!asked)
    s->next = edge;
}

static void start(ls_readahead *ra, const ls_file *f, uint32_t ordinal, ls_demand *out) {
  ls_stream s = {.serial = f->serial, .from = ordinal, .at = ordinal};
  ls__file_window(f, ordinal, &out->offset, &out->length, &s.low, &s.next);
  memmove(ra->streams + 1, ra->streams, (LS_STREAMS - 1) * sizeof s);
  ra->streams[0] = s;
}

/* Whether a file comes as one. */
static int whole(const ls_file *f, ls_demand *out) {
  if (f->size > LS_WHOLE_MAX)
    return 0;
  *out = (ls_demand){0, (uint32_t)f->size, 0, (uint32_t)f->size, 0};
  return 1;
}

static void need(const ls_file *f, uint32_t ordinal, ls_demand *out) {
  out->need_at = (uint32_t)(ls__index_offset(&f->index, ordinal) - out->offset);
  out->need = ls__index_length(&f->index, ordinal);
}

void ls__readahead_miss(ls_readahead *ra, uint64_t db_id, ls_file *f, uint32_t ordinal, ls_demand *out) {
  if (whole(f, out))
    return;
  ls_stream *s = find(ra, f, ordinal);
  if (s) {
    int due = (s->down ? ordinal < s->low : ordinal >= s->next) || ls__readahead_due(s, f, ordinal);
    go_on(s, f, ordinal, out);
    s->at = ordinal;
    if (due)
      top_up(s, db_id, f, ordinal);
  } else {
    start(ra, f, ordinal, out);
  }
  need(f, ordinal, out);
  out->scan = s != NULL;
}

void ls__readahead_aside(const ls_file *f, uint32_t ordinal, int window, ls_demand *out) {
  uint32_t first, end;
  if (whole(f, out))
    return;
  *out = (ls_demand){.offset = ls__index_offset(&f->index, ordinal),
                     .length = ls__index_length(&f->index, ordinal)};
  if (window)
    ls__file_window(f, ordinal, &out->offset, &out->length, &first, &end);
  need(f, ordinal, out);
}

void ls__readahead_on(ls_readahead *ra, uint64_t db_id, ls_file *f, uint32_t ordinal) {
  ra->streams->at = ordinal;
  top_up(ra->streams, db_id, f, ordinal);
}

void ls__readahead_brought(ls_readahead *ra, const ls_file *f, uint32_t ordinal, const ls_range *range) {
  ls__file_within(f, ordinal, range, &ra->streams->low, &ra->streams->next);
}

void ls__readahead_alone(ls_readahead *ra, uint32_t ordinal, ls_demand *demand) {
  if (demand->length == demand->need)
    return;
  demand->offset += demand->need_at;
  demand->length = demand->need;
  demand->need_at = 0;
  ra->streams->low = ordinal;
  ra->streams->next = ordinal + 1;
}
