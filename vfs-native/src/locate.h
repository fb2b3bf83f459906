/*
** locate.h - learns where the frames of a large snapshot lie, by asking the host for pieces of its page index (parts.h).
**
** A reader that misses a page of which this is not known asks for a piece of the index around the place where the page's entry
** is likely to be and, in the same round trip, for the file around the place where the frame is likely to be. Mostly both are
** right, and the page is there at once. Else the piece says where the frame is, or where to look for its entry next; after
** TRIES pieces the reader walks along the index from the nearest entry that is known.
**
** What a scan will come to is asked for in the background, in larger pieces.
**
** Threading: any. No lock is held while the host runs.
*/
#ifndef LS_LOCATE_H
#define LS_LOCATE_H

#include "file.h"
#include "host.h"

/* A piece of the file that came along: `memory` is the caller's to free. */
typedef struct ls_along {
  void *memory;
  ls_range range;
} ls_along;

/* For a frame that is not known: makes it known. along: what came with it, on success. The result codes of the host's
** `locate`, SQLITE_CORRUPT or SQLITE_NOMEM. */
int ls__locate(uint64_t db_id, ls_reader *reader, ls_file *file, uint32_t ordinal, ls_along *along, char *err,
               uint32_t cap);

/* Whether it has what a demand is for: all of it, where a scan will read that. */
int ls__along_has(const ls_range *along, const ls_demand *demand);

/* A scan will come to the frames from `ordinal` on, or down: asks in the background for the entries of about `count` that are not
** known yet, unless they are known. */
void ls__locate_ahead(uint64_t db_id, ls_file *file, uint32_t ordinal, uint32_t count, int down);

/* The piece of the index that is likely to tell of the frames [first, end), or of many of them. */
void ls__locate_piece(const ls_file *file, uint32_t first, uint32_t end, uint64_t *offset, uint32_t *length);

/* Reads a piece of the index and takes over what it tells. The result codes of the host's `locate`, or SQLITE_NOMEM. */
int ls__locate_read(uint64_t db_id, ls_reader *reader, ls_file *file, uint64_t offset, uint32_t length);

/* The next piece of the index, of at most `most` bytes, that tells of frame `ordinal`, which is not known, and those after
** it. */
void ls__locate_next(const ls_file *file, uint32_t ordinal, uint32_t most, uint64_t *offset,
                     uint32_t *length);

/* Takes over what a piece of the index tells; nothing, where it makes no sense. SQLITE_OK or SQLITE_NOMEM. */
int ls__locate_learn(ls_file *file, uint64_t offset, const uint8_t *bytes, uint64_t n);

#endif
