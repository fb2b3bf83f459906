/*
** readahead.h - what one reader fetches beyond the page that it needs, and when.
**
** Neighbours in a file are neighbours in page number, so a scan goes through a file from frame to frame. A reader
** remembers the places where it last did so, its streams:
**
**     from      at           due        next
**      |  read   |  cached or under way  |  not asked for yet
**
** A miss that continues no stream gets a window around its frame, and begins one. A miss that continues a stream shows a
** scan: it fetches from there on as much as the stream has read so far, and further ranges are asked of the host
** meanwhile (`ahead`), until what is under way is as much as was read. A hit in the second half of that asks for more.
** So a scan of n bytes takes O(log n) requests until its ranges have their full size, the reader does not wait for
** ranges that arrive in time, and what a scan leaves unread is at most what it has read. A scan backwards is the same
** from `from` down to `low`.
**
** Only files over LS_WHOLE_MAX have streams: smaller ones are fetched whole. Nothing here holds a reference: a stream
** names its file by its serial, which is never used again.
**
** Threading: the reader's.
*/
#ifndef LS_READAHEAD_H
#define LS_READAHEAD_H

#include "file.h"
#include "host.h"

/* A join scans two or three trees at once, beside the inner pages of each. */
#define LS_STREAMS 4

typedef struct ls_stream {
  uint64_t serial; /* of the file; 0: none */
  uint32_t from, at;
  uint32_t low, next; /* asked for: [low, next) */
  uint32_t due, dues; /* the first frame, and the number of frames, that ask for more when they are hit */
  int down;
} ls_stream;

/* Zeroed at the begin. */
typedef struct ls_readahead {
  ls_stream streams[LS_STREAMS]; /* the one that moved last first */
} ls_readahead;

/* A frame is not in the cache. Asks the host for what comes after the demand, too. */
void ls__readahead_miss(ls_readahead *ra, uint64_t db_id, ls_file *file, uint32_t ordinal, ls_demand *out);

/* The same miss, of which nothing but the page is fetched. */
void ls__readahead_alone(ls_readahead *ra, uint32_t ordinal, ls_demand *demand);

/* The same miss, for which this range was fetched. */
void ls__readahead_brought(ls_readahead *ra, const ls_file *file, uint32_t ordinal, const ls_range *range);

/* A frame that look-ahead has asked for, or needs: no part of any stream. window: with its neighbours. */
void ls__readahead_aside(const ls_file *file, uint32_t ordinal, int window, ls_demand *out);

/* The first stream has come to a frame that is due. */
void ls__readahead_on(ls_readahead *ra, uint64_t db_id, ls_file *file, uint32_t ordinal);

static inline int ls__readahead_due(const ls_stream *s, const ls_file *file, uint32_t ordinal) {
  return s->serial == file->serial && ordinal - s->due < s->dues;
}

/* A frame was in the cache. */
static inline void ls__readahead_hit(ls_readahead *ra, uint64_t db_id, ls_file *file, uint32_t ordinal) {
  if (ls__readahead_due(ra->streams, file, ordinal))
    ls__readahead_on(ra, db_id, file, ordinal);
}

#endif
