/*
** stub_api.h - SQLite's extension API without SQLite, for tests: memory with failure injection, mutexes, printf.
**
** Only what the core and the VFS call is there; any other entry is NULL and crashes at the call. Mutexes are real, and
** fail the test when a thread enters one twice or leaves one that it does not hold.
*/
#ifndef LS_STUB_API_H
#define LS_STUB_API_H

#include <stdint.h>

/* Installs the table. Calling it again changes nothing. */
void stub_api_install(void);

/* Lets the n-th allocation from now on fail (1: the next one), and with `forever` all after it too. 0: none. */
void stub_fail_malloc(uint64_t n, int forever);
/* Whether an allocation has failed since stub_fail_malloc. */
int stub_malloc_failed(void);
/* Blocks and bytes that are allocated now. */
uint64_t stub_blocks(void);
uint64_t stub_bytes(void);
/* Mutexes that are entered now. */
int stub_locks_held(void);
/* How often one was entered so far. */
uint64_t stub_locks_taken(void);
/* The last text that went to sqlite3_log, and its code. */
const char *stub_last_log(void);

#endif
