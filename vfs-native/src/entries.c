/*
** entries.c - see entries.h.
*/
#include "entries.h"

#include "ltx.h"

static unsigned long long position(const ls_entries *c) {
  return ls__llu(c->start + (uint64_t)(c->p - c->begin));
}

static int check_entry(const ls_entries *c, uint64_t pgno, uint64_t offset, uint64_t length) {
  if (pgno <= c->last || pgno > c->commit || pgno == c->lock)
    return ls__report(
        c->to, SQLITE_CORRUPT,
        "page index before offset %llu: page %llu after page %u (expected ascending, at most %u, not the "
        "lock page %u)",
        position(c), ls__llu(pgno), c->last, c->commit, c->lock);
  if (offset != c->offset)
    return ls__report(c->to, SQLITE_CORRUPT,
                      "page index before offset %llu: frame of page %llu expected at %llu, found %llu",
                      position(c), ls__llu(pgno), ls__llu(c->offset), ls__llu(offset));
  if (length == 0 || length > c->length_max || length > c->index - LS_ZERO_SIZE - offset)
    return ls__report(c->to, SQLITE_CORRUPT,
                      "page index before offset %llu: frame of page %llu cannot have %llu bytes", position(c),
                      ls__llu(pgno), ls__llu(length));
  return SQLITE_OK;
}

int ls__entries_next(ls_entries *c, ls_entry *out) {
  uint64_t pgno = 0, offset = 0, length = 0;
  if (!ls__varint(&c->p, c->end, &pgno))
    return ls__report(c->to, SQLITE_CORRUPT, "page index at offset %llu: no number, or no end of the index",
                      position(c));
  if (pgno == 0) {
    if (c->p != c->end)
      return ls__report(c->to, SQLITE_CORRUPT,
                        "page index ends %llu bytes before its length says, at offset %llu",
                        ls__llu((uint64_t)(c->end - c->p)), position(c));
    if (c->offset != c->index - LS_ZERO_SIZE)
      return ls__report(c->to, SQLITE_CORRUPT, "the last frame ends at offset %llu, expected %llu",
                        ls__llu(c->offset), ls__llu(c->index - LS_ZERO_SIZE));
    return SQLITE_DONE;
  }
  if (!ls__varint(&c->p, c->end, &offset) || !ls__varint(&c->p, c->end, &length))
    return ls__report(c->to, SQLITE_CORRUPT, "page index at offset %llu: no number, or no end of the index",
                      position(c));
  int rc = check_entry(c, pgno, offset, length);
  if (rc != SQLITE_OK)
    return rc;
  c->offset += length;
  c->last = (ls_pgno)pgno;
  *out = (ls_entry){(ls_pgno)pgno, (uint32_t)length};
  return SQLITE_ROW;
}
