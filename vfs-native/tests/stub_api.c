/*
** stub_api.c - SQLite's extension API without SQLite, for tests.
*/
#define _XOPEN_SOURCE 700 /* pthread's mutex types */

#include "stub_api.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT3

/* ------------------------------------------------------------------------------------------------------------- memory */

typedef struct block {
  uint64_t size;
  uint64_t magic; /* keeps what follows aligned to 16, and tells a block from a stray pointer */
} block;

#define MAGIC UINT64_C(0x6c7331626c6f636b)

/* Failures are for tests with one thread; the counts are right with any number. */
static uint64_t fail_at;
static int fail_forever, failed;
static _Atomic uint64_t blocks, bytes;

void stub_fail_malloc(uint64_t n, int forever) {
  fail_at = n;
  fail_forever = forever;
  failed = 0;
}

int stub_malloc_failed(void) { return failed; }
uint64_t stub_blocks(void) { return blocks; }
uint64_t stub_bytes(void) { return bytes; }

static int must_fail(void) {
  if (failed && fail_forever)
    return 1;
  if (fail_at == 0 || --fail_at > 0)
    return 0;
  failed = 1;
  return 1;
}

static void *stub_malloc64(sqlite3_uint64 n) {
  if (n == 0 || must_fail())
    return NULL;
  block *b = malloc(sizeof(block) + n);
  if (b == NULL)
    return NULL;
  *b = (block){n, MAGIC};
  blocks++;
  bytes += n;
  memset(b + 1, 0xA5, n); /* what is never written shows */
  return b + 1;
}

static block *block_of(void *p) {
  block *b = (block *)p - 1;
  CHECK(b->magic == MAGIC);
  return b;
}

static void stub_free(void *p) {
  if (p == NULL)
    return;
  block *b = block_of(p);
  blocks--;
  bytes -= b->size;
  b->magic = 0;
  free(b);
}

static sqlite3_uint64 stub_msize(void *p) { return p == NULL ? 0 : block_of(p)->size; }

static void *stub_realloc64(void *p, sqlite3_uint64 n) {
  if (n == 0) {
    stub_free(p);
    return NULL;
  }
  void *grown = stub_malloc64(n);
  if (grown == NULL || p == NULL)
    return grown;
  uint64_t old = block_of(p)->size;
  memcpy(grown, p, old < n ? old : n);
  stub_free(p);
  return grown;
}

static void *stub_malloc(int n) { return n <= 0 ? NULL : stub_malloc64((sqlite3_uint64)n); }
static void *stub_realloc(void *p, int n) { return stub_realloc64(p, n <= 0 ? 0 : (sqlite3_uint64)n); }

/* ------------------------------------------------------------------------------------------------------------ mutexes */

struct sqlite3_mutex {
  int type;
  pthread_mutex_t mutex; /* says when a thread enters what it holds, or leaves what it does not */
};

static sqlite3_mutex static_mutexes[SQLITE_MUTEX_STATIC_VFS3 + 1];
static atomic_int locks_held;
static _Atomic uint64_t locks_taken;

int stub_locks_held(void) { return locks_held; }

uint64_t stub_locks_taken(void) { return locks_taken; }

static void mutex_init(sqlite3_mutex *m, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, type == SQLITE_MUTEX_RECURSIVE ? PTHREAD_MUTEX_RECURSIVE
                                                                        : PTHREAD_MUTEX_ERRORCHECK);
  m->type = type;
  CHECK_INT(0, pthread_mutex_init(&m->mutex, &attributes));
  pthread_mutexattr_destroy(&attributes);
}

static sqlite3_mutex *stub_mutex_alloc(int type) {
  if (type > SQLITE_MUTEX_RECURSIVE)
    return &static_mutexes[type];
  sqlite3_mutex *m = stub_malloc64(sizeof(sqlite3_mutex));
  if (m != NULL)
    mutex_init(m, type);
  return m;
}

static void stub_mutex_free(sqlite3_mutex *m) {
  if (m == NULL)
    return;
  CHECK_INT(0, pthread_mutex_destroy(&m->mutex));
  stub_free(m);
}

static void stub_mutex_enter(sqlite3_mutex *m) {
  if (m == NULL)
    return;
  CHECK_INT(0, pthread_mutex_lock(&m->mutex));
  locks_held++;
  locks_taken++;
}

static int stub_mutex_try(sqlite3_mutex *m) {
  if (m != NULL && pthread_mutex_trylock(&m->mutex) != 0)
    return SQLITE_BUSY;
  if (m != NULL) {
    locks_held++;
    locks_taken++;
  }
  return SQLITE_OK;
}

static void stub_mutex_leave(sqlite3_mutex *m) {
  if (m == NULL)
    return;
  locks_held--;
  CHECK_INT(0, pthread_mutex_unlock(&m->mutex));
}

/* --------------------------------------------------------------------------------------------------------------- text */

/* C's printf knows the conversions that the core uses; SQLite's extra ones (%q, %Q, %z) are not used. */
static char *stub_vsnprintf(int n, char *out, const char *text, va_list args) {
  if (n > 0)
    vsnprintf(out, (size_t)n, text, args);
  return out;
}

static char *stub_snprintf(int n, char *out, const char *text, ...) {
  va_list args;
  va_start(args, text);
  stub_vsnprintf(n, out, text, args);
  va_end(args);
  return out;
}

static char *stub_vmprintf(const char *text, va_list args) {
  va_list again;
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, text, again);
  va_end(again);
  char *out = stub_malloc64((sqlite3_uint64)n + 1);
  if (out != NULL)
    vsnprintf(out, (size_t)n + 1, text, args);
  return out;
}

static char *stub_mprintf(const char *text, ...) {
  va_list args;
  va_start(args, text);
  char *out = stub_vmprintf(text, args);
  va_end(args);
  return out;
}

static char last_log[1024];

const char *stub_last_log(void) { return last_log; }

static void stub_log(int code, const char *text, ...) {
  int n = snprintf(last_log, sizeof(last_log), "(%d) ", code);
  va_list args;
  va_start(args, text);
  vsnprintf(last_log + n, sizeof(last_log) - (size_t)n, text, args);
  va_end(args);
}

static int fold(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

static int stub_strnicmp(const char *a, const char *b, int n) {
  for (; n > 0; a++, b++, n--) {
    int difference = fold((unsigned char)*a) - fold((unsigned char)*b);
    if (difference != 0 || *a == 0)
      return difference;
  }
  return 0;
}

static int stub_stricmp(const char *a, const char *b) { return stub_strnicmp(a, b, INT32_MAX); }

/* -------------------------------------------------------------------------------------------------------------- table */

static sqlite3_api_routines table;

/* sqlite3_api itself is in init.c. */
void stub_api_install(void) {
  if (sqlite3_api == &table)
    return;
  for (int type = SQLITE_MUTEX_RECURSIVE + 1; type <= SQLITE_MUTEX_STATIC_VFS3; type++)
    mutex_init(&static_mutexes[type], type);
  table.malloc64 = stub_malloc64;
  table.realloc64 = stub_realloc64;
  table.malloc = stub_malloc;
  table.realloc = stub_realloc;
  table.free = stub_free;
  table.msize = stub_msize;
  table.mutex_alloc = stub_mutex_alloc;
  table.mutex_free = stub_mutex_free;
  table.mutex_enter = stub_mutex_enter;
  table.mutex_try = stub_mutex_try;
  table.mutex_leave = stub_mutex_leave;
  table.xvsnprintf = stub_vsnprintf;
  table.xsnprintf = stub_snprintf;
  table.vmprintf = stub_vmprintf;
  table.mprintf = stub_mprintf;
  table.log = stub_log;
  table.stricmp = stub_stricmp;
  table.strnicmp = stub_strnicmp;
  sqlite3_api = &table;
}
