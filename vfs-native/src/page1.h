/*
** page1.h - what readers see in the database header instead of what the primary wrote: no WAL, the size of the view, and a
** change counter and schema cookie that differ wherever the content does.
**
** Functions are pure.
*/
#ifndef LS_PAGE1_H
#define LS_PAGE1_H

#include "litestream.h"

/* Nothing from there on is rewritten. */
#define LS_PAGE1_REWRITTEN 96

/* In `len` bytes of the database, which were read at `offset`. */
void ls__page1_rewrite(const ls_view_info *info, uint8_t *buf, uint32_t len, uint64_t offset);

#endif
