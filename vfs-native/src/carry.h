/*
** carry.h - what the page cache holds goes over when files take each other's place.
**
** Compactions and snapshots write the pages of a state anew, under other names. The pages themselves are the same, so
** whoever has them in memory need not fetch them again: a page that is cached as a frame of an old file is made known as
** a frame of the new one, too. Its bytes are shared, so this costs an entry and no copy. Readers that still stand on
** the old file go on finding it there, until it ages out.
**
** And what was hot before a commit is likely to be hot after it: where a commit's file is in the cache already, its
** version of such a page stays as long as the one that it replaces would have. Where it is too large for that, here is told
** which of its frames to fetch.
**
** How much of a map the cache holds is told here, too.
**
** Threading: any thread, on maps that do not change any more.
*/
#ifndef LS_CARRY_H
#define LS_CARRY_H

#include "pagemap.h"

/* Two maps of one state: each page has the same bytes in both. */
void ls__carry_same(const ls_map *from, const ls_map *to);

/* `to` is `from` and then the commits in `file`. */
void ls__carry_hot(const ls_map *from, const ls_map *to, const ls_file *file);

/* 1 and the first frames of `file` from an ordinal on that `to` rests on, that are not in the cache, and whose pages readers were
** given lately in `from`; at most `most` bytes, or one frame. 0 when there are none, and for a file that is taken whole or whose index is
** read in parts. */
int ls__carry_gap(const ls_map *from, const ls_map *to, const ls_file *file, uint32_t ordinal, uint32_t most,
                  ls_gap *gap);

/* How many pages of the map are in the cache. 0 without memory to count. */
uint32_t ls__carry_held(const ls_map *map);

#endif
