/*
** check.h - assertions that print both sides, and are never compiled out.
*/
#ifndef LS_CHECK_H
#define LS_CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_FAIL_(...)                                                                                     \
  do {                                                                                                       \
    fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                                          \
    fprintf(stderr, __VA_ARGS__);                                                                            \
    fputc('\n', stderr);                                                                                     \
    abort();                                                                                                 \
  } while (0)

#define CHECK(condition)                                                                                     \
  do {                                                                                                       \
    if (!(condition))                                                                                        \
      CHECK_FAIL_("not true: %s", #condition);                                                               \
  } while (0)

/* Signed and unsigned numbers of any size. */
#define CHECK_INT(expected, actual)                                                                          \
  do {                                                                                                       \
    long long e_ = (long long)(expected), a_ = (long long)(actual);                                          \
    if (e_ != a_)                                                                                            \
      CHECK_FAIL_("%s: expected %lld (%llx), found %lld (%llx)", #actual, e_, (unsigned long long)e_, a_,    \
                  (unsigned long long)a_);                                                                   \
  } while (0)

#define CHECK_STR(expected, actual)                                                                          \
  do {                                                                                                       \
    const char *e_ = (expected), *a_ = (actual);                                                             \
    if (strcmp(e_, a_) != 0)                                                                                 \
      CHECK_FAIL_("%s:\n  expected %s\n  found    %s", #actual, e_, a_);                                     \
  } while (0)

/* The text has the part. */
#define CHECK_HAS(part, actual)                                                                              \
  do {                                                                                                       \
    const char *e_ = (part), *a_ = (actual);                                                                 \
    if (strstr(a_, e_) == NULL)                                                                              \
      CHECK_FAIL_("%s:\n  expected to contain %s\n  found %s", #actual, e_, a_);                             \
  } while (0)

#define CHECK_MEM(expected, actual, n)                                                                       \
  do {                                                                                                       \
    const unsigned char *e_ = (const void *)(expected), *a_ = (const void *)(actual);                        \
    for (size_t i_ = 0; i_ < (size_t)(n); i_++)                                                              \
      if (e_[i_] != a_[i_])                                                                                  \
        CHECK_FAIL_("%s[%zu]: expected %02x, found %02x", #actual, i_, e_[i_], a_[i_]);                      \
  } while (0)

/* A call that must succeed; its error text is in the array `err`. */
#define CHECK_OK(call)                                                                                       \
  do {                                                                                                       \
    int rc_ = (call);                                                                                        \
    if (rc_ != 0)                                                                                            \
      CHECK_FAIL_("%s: result %d: %s", #call, rc_, err);                                                     \
  } while (0)

/* A small generator, so that a seed means the same everywhere (SplitMix64). */
static inline uint64_t next_random(uint64_t *seed) {
  uint64_t z = (*seed += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
  return z ^ z >> 31;
}

/* 0 .. n - 1 */
static inline uint64_t random_below(uint64_t *seed, uint64_t n) { return next_random(seed) % n; }

#endif
