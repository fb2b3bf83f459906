/*
** reader.h - one open database file: what it is pinned to, and the way of a read.
**
**     read(offset, length)
**       page by page of the pinned view
**         beyond commit   zeros, SQLITE_IOERR_SHORT_READ
**         lock page       zeros: SQLite never stores data there, and no file holds it
**         no entry        SQLITE_CORRUPT: a hole is damage, never zeros
**         in the cache    copied, from the byte asked for: no upcall, no allocation
**         else            window -> fetch upcall -> checked, cached, copied
**                         gone? -> replan upcall, go on in the view that it gives (the same state, other files)
**       then, if the range overlaps page 1's first 96 bytes, the fields that a view decides are put over it
**
** Fields of page 1 that a view decides (big-endian, at the offsets of SQLite's file format):
**
**     18, 19   write and read version: 1, since there is no WAL here
**     24..27   change counter: the state number; 92..95 the same ("version valid for"), so that SQLite trusts 28..31
**     28..31   size in pages: commit
**     40..43   schema cookie: the view's (view.h)
**
** What a reader is pinned to and what its next pin takes are two things:
**
**     home     what it was opened with: a state of the past, or none, which is the present. For life
**     target   what the next pin takes: a state of the past, or none. Home, until a travel changes it
**     pinned   what it reads now: the target as it was at the pin, or the latest view of that moment
**     scopes   the targets to come back to, innermost first
**
** A travel is refused while pinned, so that nobody wonders which state a query read. A reset to home and the end of a scope
** are not: they act on the next pin. The reader keeps its last latest view also while unpinned, so that pinning it again takes no lock.
**
** Threading: one thread at a time. No lock is held while the host runs, and the host may look at the reader from there.
*/
#ifndef LS_READER_H
#define LS_READER_H

#include "core.h"
#include "litestream.h"

ls_db *ls__reader_db(const ls_reader *reader);
int ls__reader_pinned(const ls_reader *reader);
/* Home and the greatest age of a present state, for a reader that was just opened. home: shared, or NULL. */
void ls__reader_settle(ls_reader *reader, ls_view *home, ls_ms at, int64_t max_stale);
/* Makes home the target again, and ends all scopes. */
void ls__reader_reset(ls_reader *reader);
/* Remembers the target. *number: of the scope, from 1 on, never given twice. SQLITE_NOMEM: nothing has changed. */
int ls__reader_begin_scope(ls_reader *reader, uint32_t *number);
/* Makes the target of a scope's begin the target again and ends the scope with those within it. Nothing, where it has
** ended. */
void ls__reader_end_scope(ls_reader *reader, uint32_t number);
/* Whether the target is another than home. */
int ls__reader_away(const ls_reader *reader);
/* 1 and the instant travelled to, where ls_reader_view is a state of the past; or 0. */
int ls__reader_travelled(const ls_reader *reader, ls_ms *at);
/* Where to look up the connection whose statement waits, for sqlite3_interrupt; NULL: nowhere. */
void ls__reader_connection(ls_reader *reader, sqlite3 **connection);
/* Sets the reader's error text and returns rc. */
int ls__reader_fail(ls_reader *reader, int rc, const char *text);

#endif
