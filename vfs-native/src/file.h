/*
** file.h - one LTX object: what its header says, its page index, and the way of its bytes into the page cache.
**
** A file never changes after it was made, except for its count and `mark`. It holds a reference on its db. Its pages are
** in the cache under its serial, which is never used for another file.
**
** Two ways lead to a file. ls_file_load has all bytes and verifies all of them, the file checksum included, before a
** page becomes visible. ls_file_open has both ends; pages come later, in ranges, through ls__file_accept: files up to
** LS_WHOLE_MAX again as a whole and with their checksum, larger ones frame by frame, where the frame header, the index
** and an exact decode are all there is to compare.
**
** Functions are thread-safe. Errors name the file.
*/
#ifndef LS_FILE_H
#define LS_FILE_H

#include <stdatomic.h>

#include "core.h"
#include "index.h"
#include "ltx.h"
#include "mutate.h"

/* A request costs a round trip of 15-30 ms, in which 128-256 KiB more cost almost nothing. Files up to LS_WHOLE_MAX are
** fetched whole, and so can be verified; of a larger file LS_WINDOW is fetched around a frame. Of a page index that is not
** known, LS_INDEX_PIECE is: the entries of about 6,000 frames. */
#ifdef LS_MUTANTS
#define LS_WHOLE_MAX ls__whole_max()
#define LS_WINDOW ls__window()
#define LS_INDEX_PIECE ls__index_piece()
#else
#define LS_WHOLE_MAX (UINT64_C(256) << 10)
#define LS_WINDOW (128u << 10)
#define LS_INDEX_PIECE (64u << 10)
#endif

/* index.count is at most that, so it is no ordinal. */
#define LS_NO_ORDINAL UINT32_MAX

struct ls_file {
  ls_file_info info;
  uint64_t serial;      /* in this process */
  uint64_t size;        /* of the object */
  uint64_t index_start; /* where its page index begins */
  ls_index index;
  ls_db *db;
  int checksums; /* it has rolling database checksums */
  uint32_t mark; /* scratch of view building, under the db's mutex */
  atomic_uint refs;
  char name[]; /* for error texts */
};

void ls__file_ref(ls_file *file);
const ls_file_info *ls__file_info(const ls_file *file);
const char *ls__file_name(const ls_file *file);

/* The frame of a page: SQLITE_OK and *ordinal (0 .. info.pages - 1), or SQLITE_NOTFOUND. O(1) for a full file, else
** O(log pages). */
int ls__file_find(const ls_file *file, ls_pgno pgno, uint32_t *ordinal);

/* For ordinal < info.pages. ls__file_frame: of a frame that is known (index.h). */
ls_pgno ls__file_pgno(const ls_file *file, uint32_t ordinal);
void ls__file_frame(const ls_file *file, uint32_t ordinal, uint64_t *offset, uint32_t *length);

/* In a file over LS_WHOLE_MAX: the frame, which is known, with whole neighbours that are, most of them after it, none before those that are in the
** cache, up to LS_WINDOW together. *end: the ordinal after the last one. */
void ls__file_window(const ls_file *file, uint32_t ordinal, uint64_t *offset, uint32_t *length,
                     uint32_t *first, uint32_t *end);

/* The frame and those after it, up to `most` bytes together; beyond LS_WINDOW not over many that are in the cache. */
void ls__file_stretch(const ls_file *file, uint32_t ordinal, uint64_t most, uint64_t *offset,
                      uint32_t *length, uint32_t *end);
/* The same with those before it. */
void ls__file_stretch_back(const ls_file *file, uint32_t ordinal, uint64_t most, uint64_t *offset,
                           uint32_t *length, uint32_t *first);

/* Whole frames in a row, of which the first and the last are lacking. */
typedef struct ls_gap {
  uint64_t offset;
  uint32_t length, first, next; /* next: the ordinal after the last one */
} ls_gap;

typedef int ls_lacks(const ls_file *file, uint32_t ordinal, const void *context);

/* From a frame that is known and lacking on: at most `most` bytes, or one frame, and never more than `bridge` bytes of others
** between two. */
void ls__file_gap(const ls_file *file, uint32_t ordinal, uint32_t most, uint32_t bridge, ls_lacks *lacks,
                  const void *context, ls_gap *gap);

/* Takes the fetched bytes [offset, offset + length), a small file whole, else whole frames: copies page `ordinal` to `page` (one
** page long), and puts it and its neighbours in the cache. Of a whole file every byte counts; of a range, a bad
** neighbour is left out without a word. scan: the neighbours will be read, too, and stay as long as the page. SQLITE_OK, SQLITE_CORRUPT or SQLITE_MISUSE (the frame is not in the range). */
int ls__file_accept(ls_file *file, uint64_t offset, const uint8_t *bytes, uint32_t length, uint32_t ordinal,
                    int scan, uint8_t *page, char *err, uint32_t err_cap);

/* Verifies all bytes of the file, puts its pages in the cache, and gives the schema cookie of page 1 if there is one.
** scratch: one page long. */
int ls__file_verify(const ls_file *file, const uint8_t *bytes, uint8_t *scratch, uint32_t *cookie,
                    const ls_report *to);

/* A part of a file's bytes. */
typedef struct ls_range {
  uint64_t offset, length;
  const uint8_t *bytes;
} ls_range;

/* The frames around a known one that lie wholly in the range: [*first, *end). */
void ls__file_within(const ls_file *file, uint32_t ordinal, const ls_range *range, uint32_t *first,
                     uint32_t *end);

/* Puts the whole frames of the range in the cache, from frame `first` on, which must not begin before the range. Bad
** frames, and frame `except`, are left out. wanted: as for ls__cache_put. */
void ls__file_keep(const ls_file *file, uint32_t first, const ls_range *range, uint32_t except, int wanted);
/* The same for the begin of a snapshot whose index is not known: its frames say how long they are. */
void ls__file_keep_begin(const ls_file *file, const uint8_t *prefix, uint64_t n);

/* Implemented by db.c. gone: the last reference of the file was dropped. */
void ls__db_ref(ls_db *db);
void ls__db_unref(ls_db *db);
void ls__db_file_gone(ls_db *db, uint64_t file_id);

#endif
