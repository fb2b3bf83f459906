/*
** litestream.h - the boundary between the JVM (control plane) and the C core (data plane).
**
** The C core decodes LTX files, merges them into views and serves pages to SQLite. Java decides which files make a
** state, fetches their bytes and hands them down. This header is the single truth of that boundary: Java's layouts
** are tested against ls_layout().
**
** The nouns
**   db      one replica in this process. Shared by all its connections.
**   file    one LTX object: its header, its page index, and (in the shared cache) its decoded pages. Counted.
**   view    one immutable state of the database: page size, commit, TXID, and pgno -> (file, frame). Counted.
**   reader  one open database file of SQLite (or of a test): pins a view at SHARED, releases it at NONE.
**
** Ownership, in three words. borrowed: valid during the call. owned: the receiver must release it.
** shared: counted, every holder releases its own reference. Each *_unref and *_close accepts NULL.
**
** Errors. Functions return SQLite result codes. `err` (may be NULL when err_cap is 0) receives a NUL-terminated UTF-8
** text on failure, cut to err_cap bytes, that names the object, what was expected and what was found.
** Out parameters are written on success only.
**
** Threading. Functions on db, file and view may be called from any thread; structures reachable from a published
** view never change. A reader belongs to one thread at a time (SQLite guarantees that). No lock is held while a host
** function runs, so a host function may call back into this header.
*/
#ifndef LITESTREAM_H
#define LITESTREAM_H

#include <stdint.h>

#if defined(_WIN32)
#define LS_API __declspec(dllexport)
#else
#define LS_API __attribute__((visibility("default")))
#endif

#define LS_ABI_VERSION 6

typedef uint32_t ls_pgno; /* page number, 1-based */
typedef uint64_t ls_txid; /* transaction id of Litestream, 1..2^64-1 */
typedef int64_t ls_ms;    /* Unix milliseconds */

typedef struct ls_db ls_db;
typedef struct ls_file ls_file;
typedef struct ls_view ls_view;
typedef struct ls_reader ls_reader;
typedef struct ls_history ls_history; /* rows on their way from the host to a query */

/* ------------------------------------------------------------------ host: what C asks of Java, on the caller's thread
**
** Return codes: SQLITE_OK, or an error code that SQLite may show (IOERR, CANTOPEN, BUSY, INTERRUPT, AUTH, NOMEM);
** fetch and locate return SQLITE_NOTFOUND when the object is gone or is no longer the same bytes, and C then calls replan.
*/

/* What `open` gives. A reader keeps home, at and max_stale for life. */
typedef struct ls_opened {
  ls_db *db; /* with one more reference (ls_db_ref): C drops it with ls_db_close, and then calls `closed` */
  ls_view *home; /* the state of time= or txid=, owned by C; NULL: the connection follows */
  ls_ms at;      /* with home: the instant that litestream_time shows for it */
  int64_t
      max_stale; /* how old the last successful look may be when a present state is pinned, ms; 0: any age */
  int32_t streamed; /* whether the host brings all pages in the background, where they fit */
  uint32_t reserved;
} ls_opened;

#define LS_TRAVEL_TIME 0 /* text is a time expression */
#define LS_TRAVEL_TXID 1 /* text is a TXID in hex, as the user wrote it */

/* Instead of an ordinal: a piece of the page index. */
#define LS_PAGE_INDEX UINT32_MAX

/* What `fetch` put into its buffer. */
#define LS_GIVEN_RANGE 0   /* the range */
#define LS_GIVEN_NEED 1    /* the part that is needed, alone, at the begin */
#define LS_GIVEN_NOTHING 2 /* ls_reader_arrived has said that nothing is needed any more */

#define LS_HISTORY_PAGES 1 /* the rows' pages are needed */

typedef struct ls_history_row {
  ls_txid txid;
  ls_ms time;    /* commit time of the state */
  int64_t pages; /* in the file that brings it; -1 unknown */
  int64_t bytes; /* of that file */
  int32_t level; /* of that file */
  uint32_t reserved;
} ls_history_row;

typedef struct ls_host {
  uint32_t size;    /* sizeof(ls_host) as the caller knows it */
  uint32_t version; /* LS_ABI_VERSION */

  /* A main database is opened. params: "name\0" then "key\0value\0" for each URI parameter, params_len bytes in all. */
  int (*open)(const char *params, uint32_t params_len, ls_opened *out, char *err, uint32_t err_cap);

  /* The connection that `open` was called for is closed. */
  void (*closed)(uint64_t db_id);

  /* Fill buf with exactly `length` bytes of the object at `offset`. Only need_len of them, from `need_at` of the range on,
  ** are waited for: where another request is already under way that brings those, put them alone at the begin of buf.
  ** *given: LS_GIVEN_*. */
  int (*fetch)(uint64_t db_id, ls_reader *reader, uint64_t file_id, uint64_t offset, uint32_t length,
               uint32_t need_at, uint32_t need_len, uint8_t *buf, int32_t *given, char *err,
               uint32_t err_cap);

  /* Two ranges of the object in one round trip, behind each other in buf: a piece of its page index, and a part where a frame
  ** is likely to be; frames_length 0: only the first. */
  int (*locate)(uint64_t db_id, ls_reader *reader, uint64_t file_id, uint64_t index_offset,
                uint32_t index_length, uint64_t frames_offset, uint32_t frames_length, uint8_t *buf,
                char *err, uint32_t err_cap);

  /* The whole range that `fetch` gave was checked, and its good pages are in the cache: who looks for them from now on
  ** finds them there. */
  void (*taken)(uint64_t db_id, uint64_t file_id, uint64_t offset, uint32_t length);

  /* A scan will soon need this range of the object, which begins with frame `ordinal` of the file, or is a piece of its page
  ** index (LS_PAGE_INDEX): bring it in the
  ** background, give it to ls_file_offer, then drop the reference to `file` that comes with the call. Returns at once: 1,
  ** or 0 when that is too much for now; then there is no reference, and the reader fetches by itself. */
  int (*ahead)(uint64_t db_id, ls_file *file, uint64_t file_id, uint32_t ordinal, uint64_t offset,
               uint32_t length);

  /* An object under `pinned` (borrowed) is gone: build the same state (same lineage, same TXID) from what there is now.
  ** *out is owned by C and carries pinned's state number and cookie (ls_view_same). */
  int (*replan)(uint64_t db_id, ls_reader *reader, ls_view *pinned, ls_view **out, char *err,
                uint32_t err_cap);

  /* A reader is about to pin the present, and the follower is paused or max_stale is set: where the last successful look
  ** is too old, look once for news (bounded wait) and publish it. BUSY with a text when the known state is then still
  ** older than max_stale_ms (0: never). Without max_stale a failure is not an error: the known view is served. */
  int (*refresh)(uint64_t db_id, ls_reader *reader, int64_t max_stale_ms, char *err, uint32_t err_cap);

  /* Resolve a destination, LS_TRAVEL_*. *out: the view of it (owned by C), or NULL for LATEST; *target: the instant, for a
  ** TXID that state's commit time. */
  int (*travel)(uint64_t db_id, ls_reader *reader, int32_t what, const char *text, ls_view **out,
                ls_ms *target, char *err, uint32_t err_cap);

  /* The states that can be travelled to, newest first: calls ls_history_add for each of the next `max` whose TXID is below
  ** before_txid (0: from the newest). None says that there are no more. want: LS_HISTORY_*. */
  int (*history)(uint64_t db_id, ls_reader *reader, ls_txid before_txid, uint32_t max, uint32_t want,
                 ls_history *out, char *err, uint32_t err_cap);

  /* Whole seconds from the commit time of the newest state known until now, at least 0: no reader of the present is
  ** farther behind the primary. -1 before the first. */
  int64_t (*lag)(uint64_t db_id);

  /* Milliseconds since the last successful look at the store, -1 before the first. */
  int64_t (*look_age)(uint64_t db_id);

  /* What the host has counted for the db, as a JSON object in at most cap bytes with its NUL. */
  int (*stats)(uint64_t db_id, char *text, uint32_t cap);

  /* A data fault that C found; text names object, offset, expected, found. */
  void (*log)(const char *text);
} ls_host;

/* Installs the table (copied). Once per process image; a second call with the same functions is OK, others are
** SQLITE_MISUSE, as is a size or version that differs. */
LS_API int ls_host_set(const ls_host *host);

/* For the host function `history`, during its call: takes a copy. SQLITE_MISUSE beyond `max` rows, or when its TXID is
** not below the one before it. */
LS_API int ls_history_add(ls_history *out, const ls_history_row *row);

/* ------------------------------------------------------------------------------------------------ file: one LTX object */

#define LS_FILE_FULL 0x01     /* holds every page 1..commit (lock page aside) */
#define LS_FILE_BLOCKS 0x02   /* its first frame is an LZ4 block (Litestream 0.5.16 and newer) */
#define LS_FILE_PAGE1 0x04    /* holds page 1 */
#define LS_FILE_VERIFIED 0x08 /* whole-file checksum was compared */

typedef struct ls_file_spec {
  uint64_t file_id; /* Java's key for the object, given back in fetch; never reused within a db */
  uint64_t size;    /* of the object, bytes */
  ls_txid min_txid; /* as in the object's name */
  ls_txid max_txid;
  int32_t level; /* 0..9 */
  uint32_t reserved;
  const char *name; /* for error texts: secret-free place and key, NUL-terminated, borrowed (copied) */
} ls_file_spec;

typedef struct ls_file_info {
  uint64_t file_id;
  ls_txid min_txid, max_txid;
  ls_ms timestamp;
  int64_t wal_offset, wal_size;
  uint64_t checksum; /* the trailer's file checksum, as stored */
  uint32_t wal_salt1, wal_salt2;
  uint32_t page_size;
  ls_pgno commit;
  uint32_t pages;  /* number of frames */
  uint32_t cookie; /* the schema cookie in its page 1, 0 without */
  uint32_t flags;  /* LS_FILE_* */
  int32_t level;
} ls_file_info;

/* Decodes and checks the first 100 bytes of an LTX file. Fills all of *out that a header tells. */
LS_API int ls_header_decode(const uint8_t *bytes, uint64_t len, ls_file_info *out, char *err,
                            uint32_t err_cap);

/* A file from all its bytes: every frame is decoded, index, order and checksum are verified, pages go to the cache.
** bytes borrowed; *out shared (one reference for the caller). */
LS_API int ls_file_load(ls_db *db, const ls_file_spec *spec, const uint8_t *bytes, ls_file **out, char *err,
                        uint32_t err_cap);

/* A large file from its ends. prefix: from offset 0, must hold the header and, where the file holds page 1, that frame
** (page 1 is always the first frame; 256 KiB suffice). suffix: the last suffix_len bytes, at least 24. Where they do not hold
** the whole page index (its length is the u64 before the 16-byte trailer), that of a snapshot is read in parts by and by, and
** for others the result is SQLITE_TOOBIG. Index entries are checked against each other and the size. */
LS_API int ls_file_open(ls_db *db, const ls_file_spec *spec, const uint8_t *prefix, uint64_t prefix_len,
                        const uint8_t *suffix, uint64_t suffix_len, ls_file **out, char *err,
                        uint32_t err_cap);

/* What `ahead` asked for: puts the pages in the cache; frames that are bad are left out, for a reader to find. A piece of the
** page index (LS_PAGE_INDEX) says where further frames are. Any thread. SQLITE_MISUSE where no frame of that ordinal begins
** at `offset`, or the piece does not lie in an index that is read in parts. */
LS_API int ls_file_offer(ls_file *file, uint32_t ordinal, uint64_t offset, const uint8_t *bytes,
                         uint32_t length);

/* The first frames from `ordinal` on that are not in the cache, and what lies between them, as one range of at most `most`
** bytes, or of one frame. *next: the ordinal after the last one. Where it is not known where they lie: *first is LS_PAGE_INDEX,
** the range is the piece of the page index that tells, and *next is `ordinal`. SQLITE_DONE when all is there, and for a file of at most
** 256 KiB, which was taken whole. */
LS_API int ls_file_gap(const ls_file *file, uint32_t ordinal, uint32_t most, uint32_t *first,
                       uint64_t *offset, uint32_t *length, uint32_t *next);

LS_API void ls_file_get_info(const ls_file *file, ls_file_info *out);
LS_API void ls_file_unref(ls_file *file);

/* ------------------------------------------------------------------------------------------------------ view: one state */

typedef struct ls_view_info {
  ls_txid txid;
  ls_ms timestamp; /* of the file that brought txid */
  uint32_t page_size;
  ls_pgno commit;
  uint32_t state;  /* unique per distinct state in this process; the change counter readers see */
  uint32_t cookie; /* the schema cookie readers see */
  uint32_t files;  /* number of files it rests on */
  uint32_t holes;  /* pages <= commit without an entry (lock page aside) */
} ls_view_info;

/* The overlay of files[0..n), in plan order, by merge rule 5.6 starting from nothing. Each file's min must be <= position
** so far + 1. Gets a fresh state number and cookie. *out shared. */
LS_API int ls_view_build(ls_db *db, ls_file *const *files, uint32_t n, ls_view **out, char *err,
                         uint32_t err_cap);

/* base plus one file, by merge rule 5.6. Shares all untouched parts with base; base is unchanged.
** file.max > base.txid: a new state (fresh number; cookie by the rule in view.h). Otherwise a re-pointing: number and
** cookie stay. A file of another page size is applied only if it is LS_FILE_FULL, else SQLITE_MISMATCH. A file with
** min > base.txid + 1 is SQLITE_MISUSE. *out shared; it may be base itself (with one more reference) when nothing changes. */
LS_API int ls_view_apply(ls_db *db, ls_view *base, ls_file *file, ls_view **out, char *err, uint32_t err_cap);

/* Says that `view`, just built and not yet seen by anybody, is the same state as `same`: takes over its number,
** cookie and timestamp. SQLITE_MISMATCH when TXID, commit or page size differ. */
LS_API int ls_view_same(ls_view *view, const ls_view *same);

/* What readers that go on from `before` to `view`, another state, would miss: as ls_file_gap, but of the frames of `file` that
** `view` rests on and whose pages readers were given lately in `before`. What lies between two of them comes along where it is less
** than a request is worth. SQLITE_DONE also for a snapshot whose index is read in parts, and where the page sizes differ. */
LS_API int ls_view_gap(const ls_view *view, const ls_view *before, const ls_file *file, uint32_t ordinal,
                       uint32_t most, uint32_t *first, uint64_t *offset, uint32_t *length, uint32_t *next);

LS_API void ls_view_get_info(const ls_view *view, ls_view_info *out);
/* The file ids that the view rests on, newest max TXID first; at most cap. Returns how many there are. */
LS_API uint32_t ls_view_files(const ls_view *view, uint64_t *file_ids, uint32_t cap);
LS_API void ls_view_ref(ls_view *view);
LS_API void ls_view_unref(ls_view *view);

/* ------------------------------------------------------------------------------------------------------ db: one replica */

/* db_id: Java's key, given back in host calls. One reference for Java, dropped by ls_db_close. label: for error texts. */
LS_API int ls_db_open(uint64_t db_id, const char *label, ls_db **out);
LS_API void ls_db_ref(ls_db *db);
LS_API void ls_db_close(ls_db *db);

/* Makes `view` (borrowed) what the next pin gets. Never blocks readers. */
LS_API int ls_db_publish(ls_db *db, ls_view *view);
/* The latest published view with a reference for the caller, or NULL. */
LS_API ls_view *ls_db_latest(ls_db *db);

/* What stands in the way of following (a gap, a store that does not answer): shown by litestream_last_error beside the
** connection's own last error, until it is replaced or, with NULL, cleared. The text is copied; NOMEM keeps the old one. */
LS_API int ls_db_notice(ls_db *db, const char *text);

/* While paused, a pin of the present first makes one `refresh` upcall. */
LS_API void ls_db_pause(ls_db *db, int paused);
/* Whether any reader has pinned since the last call (which this call resets). */
LS_API int ls_db_active(ls_db *db);
/* Ids of files that no view uses any more; each id is told once. Returns the number written. */
LS_API uint32_t ls_db_reap(ls_db *db, uint64_t *file_ids, uint32_t cap);

/* -------------------------------------------------------- reader: what SQLite's methods are made of, also for tests */

LS_API int ls_reader_open(ls_db *db, ls_reader **out);
/* Takes the latest published view, or the target when one is set. CANTOPEN when there is none. */
LS_API int ls_reader_pin(ls_reader *reader);
LS_API void ls_reader_unpin(ls_reader *reader);
/* Any offset and length of the pinned view (else of what a pin would take), with page 1 rewritten and the lock page zero.
** SQLITE_IOERR_SHORT_READ (rest zeroed) past the end, SQLITE_CORRUPT for a hole or bad bytes. */
LS_API int ls_reader_read(ls_reader *reader, uint8_t *buf, uint32_t len, uint64_t offset);
/* The pinned view (borrowed), else what a pin would take: the target of a time travel or the latest one; NULL when there
** is none. */
LS_API ls_view *ls_reader_view(ls_reader *reader);
/* The text of the reader's last error, "" when none; borrowed until the reader's next call. */
LS_API const char *ls_reader_error(const ls_reader *reader);
/* Sets (shared, takes its own reference) or with NULL clears the time-travel view of the next pin. MISUSE while pinned. */
LS_API int ls_reader_travel(ls_reader *reader, ls_view *target, ls_ms at);
/* Whether the statement that waits in this reader was interrupted (sqlite3_interrupt). Only inside a host call. */
LS_API int ls_reader_interrupted(ls_reader *reader);
/* Whether the page that a fetch is for has come into the cache since the reader looked there; it is read then. Only inside
** `fetch`: a request that others can join must be known to them before this is asked, so that nothing is read twice. */
LS_API int ls_reader_arrived(ls_reader *reader);
LS_API void ls_reader_close(ls_reader *reader);

/* ------------------------------------------------------------------------------------------------ cache and diagnostics */

/* Byte budget of the page cache that all replicas of the process share. Shrinks at once. */
LS_API void ls_cache_limit(uint64_t bytes);

typedef struct ls_stats {
  uint64_t dbs, files, views, readers;           /* alive now: all zero when everything is closed */
  uint64_t cache_bytes, cache_limit;             /* page bytes held with their bookkeeping */
  uint64_t hits, misses, fetches, fetched_bytes; /* page look-ups in the cache; fetch upcalls */
  uint64_t index_bytes;                          /* page indexes of files and page maps of views */
  uint64_t wasted_bytes; /* of frames that came beside those asked for, and were not kept, or went unread */
} ls_stats;
LS_API void ls_stats_get(ls_stats *out);

/* sizeof / offsetof as compiled, for Java's layout test. what: 0 host, 1 file_spec, 2 file_info, 3 view_info, 4 stats,
** 5 opened, 6 history_row; field: -1 for the size, else the index of the field in declaration order. -1 when there is none. */
LS_API int32_t ls_layout(int32_t what, int32_t field);

/* The version of the project that this was built from ("0.1.0"): Java refuses a library of another one. */
LS_API const char *ls_version(void);

#ifdef LS_MUTANTS
/* Test builds only: plants one of upstream's defects (1, 2, 3, 7 or 13, by its C-n id; 0 = none), so that the simulator
** can show that it finds them. */
LS_API void ls_mutate(int defect);

/* Files up to `file` bytes are fetched whole, of larger ones `range` bytes at a time. Before any file is opened. */
LS_API void ls_mutate_sizes(uint32_t file, uint32_t range);

/* Nothing is known of the page indexes of snapshots that are not taken whole; `piece` bytes are read at a time. 0: as
** always. Before any file is opened. */
LS_API void ls_mutate_index(uint32_t piece);
#endif

#endif
