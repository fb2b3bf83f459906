/*
** test_parts.c - a page index in parts against one that is known as a whole: guesses on many shapes of files, pieces that tell
** nothing or lie, and threads that learn while others read.
*/
#include <pthread.h>

#include "check.h"
#include "index.h"
#include "ltx.h"
#include "ltx_write.h"
#include "stub_api.h"

#define PAGE 4096u
#define PIECE (64u << 10)

/* The frames of a snapshot and its index, where both would be in a file. */
typedef struct model {
  ls_pgno commit;
  uint32_t count;
  bytes index;
  uint64_t begin, end; /* of the index */
  uint64_t *offsets;   /* of frames, and of their end */
  uint64_t *positions; /* of entries */
} model;

typedef uint32_t lengths(uint64_t *seed, uint32_t ordinal, uint32_t count);

static uint32_t all_equal(uint64_t *seed, uint32_t ordinal, uint32_t count) {
  (void)seed, (void)ordinal, (void)count;
  return 4124;
}

static uint32_t any(uint64_t *seed, uint32_t ordinal, uint32_t count) {
  (void)ordinal, (void)count;
  return 7 + (uint32_t)random_below(seed, 4200);
}

/* Zeroed pages: lengths of one byte. */
static uint32_t tiny(uint64_t *seed, uint32_t ordinal, uint32_t count) {
  (void)ordinal, (void)count;
  return 28 + (uint32_t)random_below(seed, 8);
}

/* A database that was filled with text and then with random bytes, and has been emptied in between. */
static uint32_t in_phases(uint64_t *seed, uint32_t ordinal, uint32_t count) {
  uint32_t tenth = ordinal / (count / 10 + 1);
  return tenth < 4 ? 300 + (uint32_t)random_below(seed, 300) : tenth < 6 ? tiny(seed, ordinal, count) : 4124;
}

/* All of the file is at its end. */
static uint32_t late(uint64_t *seed, uint32_t ordinal, uint32_t count) {
  return ordinal < count / 100 * 99 ? 20 : any(seed, ordinal, count);
}

static model make_model(ls_pgno commit, lengths *length, uint64_t seed) {
  uint32_t count = ls__full_count(commit, PAGE);
  model m = {.commit = commit, .count = count};
  m.offsets = malloc(((size_t)count + 1) * sizeof *m.offsets);
  m.positions = malloc(((size_t)count + 1) * sizeof *m.positions);
  CHECK(m.offsets != NULL && m.positions != NULL);
  uint64_t offset = LS_HEADER_SIZE;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t n = length(&seed, i, count);
    m.offsets[i] = offset;
    m.positions[i] = m.index.n;
    put_varint(&m.index, i + 1 < ls__lock_page(PAGE) ? i + 1 : i + 2);
    put_varint(&m.index, offset);
    put_varint(&m.index, n);
    offset += n;
  }
  m.offsets[count] = offset;
  m.positions[count] = m.index.n;
  put_varint(&m.index, 0);
  m.begin = offset + LS_ZERO_SIZE;
  m.end = m.begin + m.index.n;
  for (uint32_t i = 0; i <= count; i++)
    m.positions[i] += m.begin;
  return m;
}

static void free_model(model *m) {
  free(m->index.p);
  free(m->offsets);
  free(m->positions);
}

static ls_parts *make_parts(const model *m) {
  ls_parts *parts = ls__parts_new(m->commit, PAGE, m->begin, m->end);
  CHECK(parts != NULL);
  CHECK_INT(m->count, parts->count);
  return parts;
}

/* A piece in memory of its own, so that a read outside of it shows. Whether it was understood. */
static int learn(ls_parts *parts, const model *m, uint64_t offset, uint64_t n) {
  ls_place first;
  uint64_t added;
  uint8_t *piece = malloc(n);
  CHECK(piece != NULL && offset >= m->begin && offset + n <= m->end);
  memcpy(piece, m->index.p + (offset - m->begin), n);
  int found = ls__parts_sync(parts, offset, piece, n, &first);
  if (found) {
    CHECK_INT(m->positions[first.ordinal], first.position);
    CHECK_INT(m->offsets[first.ordinal], first.offset);
    uint64_t skip = first.position - offset;
    CHECK_INT(SQLITE_OK, ls__parts_learn(parts, &first, piece + skip, n - skip, &added, NULL));
  }
  free(piece);
  return found;
}

static void check_known(const ls_parts *parts, const model *m) {
  for (uint32_t i = 0; i < m->count; i++) {
    if (ls__parts_known(parts, i)) {
      CHECK_INT(m->offsets[i], ls__parts_offset(parts, i));
      CHECK_INT(m->offsets[i + 1] - m->offsets[i], ls__parts_length(parts, i));
    }
  }
}

static void around(const model *m, uint64_t at, uint64_t length, uint64_t *offset, uint64_t *n) {
  *n = length < m->index.n ? length : m->index.n;
  *offset = at - m->begin > *n / 2 ? at - *n / 2 : m->begin;
  if (*offset > m->end - *n)
    *offset = m->end - *n;
}

/* As many pieces as it takes; 0: it was known. */
static uint32_t pieces_for(ls_parts *parts, const model *m, uint32_t ordinal) {
  uint32_t pieces = 0;
  for (uint64_t length = PIECE; !ls__parts_known(parts, ordinal); length *= 4, pieces++) {
    ls_place guess;
    uint64_t offset, n;
    CHECK(pieces < 12);
    ls__parts_guess(parts, ordinal, &guess);
    CHECK(guess.position >= m->begin && guess.position < m->end);
    CHECK(guess.offset >= LS_HEADER_SIZE && guess.offset <= m->offsets[m->count]);
    around(m, guess.position, length, &offset, &n);
    CHECK(learn(parts, m, offset, n));
  }
  return pieces;
}

/* Places all over the file, one after the other. `most` pieces for the first ones, which are the worst. */
static void test_shape(const char *name, lengths *length, ls_pgno commit, uint32_t most) {
  model m = make_model(commit, length, commit);
  uint64_t seed = 7;
  uint32_t worst = 0, sum = 0;
  for (int run = 0; run < 20; run++) {
    ls_parts *parts = make_parts(&m);
    uint32_t pieces = pieces_for(parts, &m, (uint32_t)random_below(&seed, m.count));
    sum += pieces;
    worst = pieces > worst ? pieces : worst;
    ls__parts_free(parts);
  }
  ls_parts *parts = make_parts(&m);
  uint32_t all = 0;
  for (int i = 0; i < 300; i++)
    all += pieces_for(parts, &m, (uint32_t)random_below(&seed, m.count));
  check_known(parts, &m);
  printf("%-10s %8u pages: first look-ups %.1f pieces, at most %u; 300 look-ups %u of %u\n", name, commit,
         sum / 20.0, worst, all, (unsigned)(m.index.n / PIECE + 1));
  CHECK(worst <= most);
  ls__parts_free(parts);
  free_model(&m);
  CHECK_INT(0, stub_blocks());
}

static void test_shapes(void) {
  static const ls_pgno commits[] = {600, 20000, 262144, 262145, 262146, 300000, 1500000};
  for (size_t i = 0; i < sizeof commits / sizeof *commits; i++) {
    test_shape("equal", all_equal, commits[i], 1);
    test_shape("any", any, commits[i], 1);
    test_shape("tiny", tiny, commits[i], 1);
    test_shape("in phases", in_phases, commits[i], 3);
    test_shape("late", late, commits[i], 3);
  }
}

/* The frame itself is where it is guessed, in a file of equal frames; and what a page costs. */
static void test_equal_frames_and_memory(void) {
  model m = make_model(1000000, all_equal, 1);
  ls_parts *parts = make_parts(&m);
  for (uint32_t i = 0; i < m.count; i += 999) {
    ls_place guess;
    ls__parts_guess(parts, i, &guess);
    CHECK_INT(m.offsets[i], guess.offset);
    CHECK(guess.position + 16 > m.positions[i] && guess.position < m.positions[i] + 16);
  }
  uint64_t none = ls__parts_bytes(parts);
  CHECK(learn(parts, &m, m.begin, m.index.n));
  CHECK(none * 50 < m.count);
  CHECK(ls__parts_bytes(parts) * 10 <= (uint64_t)m.count * 22);
  check_known(parts, &m);
  CHECK(ls__parts_known(parts, m.count - 1));
  ls__parts_free(parts);
  free_model(&m);
}

/* Any piece from any place on: only whole parts within it are learnt, and all of them. */
static void test_any_piece(void) {
  model m = make_model(9000, any, 3);
  uint64_t seed = 11;
  for (int run = 0; run < 3000; run++) {
    ls_parts *parts = make_parts(&m);
    uint64_t offset = random_below(&seed, m.index.n), n = 1 + random_below(&seed, m.index.n - offset);
    if (learn(parts, &m, m.begin + offset, n) || n > 1000) {
      for (uint32_t p = 0; p < parts->size; p++) {
        uint32_t last = (p + 1) * LS_PART < m.count ? (p + 1) * LS_PART : m.count;
        int within =
            m.positions[p * LS_PART] >= m.begin + offset && m.positions[last] + 25 <= m.begin + offset + n;
        CHECK(!within || ls__parts_known(parts, p * LS_PART));
        CHECK(!ls__parts_known(parts, p * LS_PART) ||
              (m.positions[p * LS_PART] >= m.begin + offset && m.positions[last] <= m.begin + offset + n));
      }
      check_known(parts, &m);
    }
    ls__parts_free(parts);
  }
  free_model(&m);
}

/* Changed bytes: what is learnt is either right or consistent in itself, and a walk from the begin ends. */
static void test_changed_bytes(void) {
  model m = make_model(9000, any, 4);
  uint64_t seed = 13;
  uint32_t refused = 0;
  for (int run = 0; run < 3000; run++) {
    ls_parts *parts = make_parts(&m);
    uint64_t n = 1 + random_below(&seed, 20000), offset = random_below(&seed, m.index.n - n), added;
    uint8_t *piece = malloc(n);
    ls_place first;
    CHECK(piece != NULL);
    memcpy(piece, m.index.p + offset, n);
    for (uint64_t i = random_below(&seed, 4); i < 4; i++)
      piece[random_below(&seed, n)] = (uint8_t)next_random(&seed);
    if (ls__parts_sync(parts, m.begin + offset, piece, n, &first)) {
      uint64_t skip = first.position - m.begin - offset;
      int rc = ls__parts_learn(parts, &first, piece + skip, n - skip, &added, NULL);
      CHECK(rc == SQLITE_OK || rc == SQLITE_CORRUPT);
      CHECK(rc == SQLITE_OK || ls__parts_bytes(parts) == sizeof *parts + parts->size * sizeof(void *));
      refused += rc == SQLITE_CORRUPT;
    }
    ls_place guess;
    ls__parts_guess(parts, (uint32_t)random_below(&seed, m.count), &guess);
    free(piece);
    ls__parts_free(parts);
  }
  CHECK(refused > 1000);
  free_model(&m);
  CHECK_INT(0, stub_blocks());
}

/* Parts that disagree teach nothing more, and a walk says so. */
static void test_disagreement(void) {
  char err[300];
  ls_report to = {"x", err, sizeof err};
  uint64_t added;
  model m = make_model(9000, any, 5), other = make_model(9000, any, 6);
  ls_parts *parts = make_parts(&m);
  ls_place first = {LS_PART, m.positions[LS_PART], m.offsets[LS_PART]};
  CHECK_INT(SQLITE_OK,
            ls__parts_learn(parts, &first, m.index.p + (first.position - m.begin), 40000, &added, NULL));
  CHECK(added > 0);
  first = (ls_place){0, m.begin, LS_HEADER_SIZE};
  CHECK_INT(SQLITE_CORRUPT, ls__parts_learn(parts, &first, other.index.p, 40000, &added, &to));
  CHECK_HAS("is not where other entries say", err);
  CHECK_INT(0, added);
  CHECK(!ls__parts_known(parts, 0));
  ls__parts_free(parts);
  free_model(&m);
  free_model(&other);
}

/* A snapshot in which a page is left out, and an index that ends too soon. */
static void test_left_out(void) {
  char err[300];
  ls_report to = {"x", err, sizeof err};
  uint64_t added;
  bytes index = {0};
  for (uint32_t i = 0; i < 2000; i++) {
    put_varint(&index, i < 1000 ? i + 1 : i + 2);
    put_varint(&index, 100 + i * 50);
    put_varint(&index, 50);
  }
  put_varint(&index, 0);
  uint64_t begin = 100 + 2000 * 50 + 6;
  ls_place first = {0, begin, 100};
  ls_parts *parts = ls__parts_new(2001, PAGE, begin, begin + index.n);
  CHECK_INT(SQLITE_CORRUPT, ls__parts_learn(parts, &first, index.p, index.n, &added, &to));
  CHECK_HAS("a snapshot of 2001 pages must hold all of them, but page 1001 is left out", err);
  ls__parts_free(parts);
  parts = ls__parts_new(900, PAGE, begin, begin + index.n);
  CHECK_INT(SQLITE_CORRUPT, ls__parts_learn(parts, &first, index.p, index.n, &added, &to));
  CHECK_HAS("page 901 after page 900", err);
  ls__parts_free(parts);
  free(index.p);
}

static void test_no_memory(void) {
  model m = make_model(20000, any, 7);
  ls_place first = {0, m.begin, LS_HEADER_SIZE};
  uint64_t added;
  stub_fail_malloc(1, 0);
  CHECK(ls__parts_new(m.commit, PAGE, m.begin, m.end) == NULL);
  ls_parts *parts = make_parts(&m);
  stub_fail_malloc(5, 0);
  CHECK_INT(SQLITE_NOMEM, ls__parts_learn(parts, &first, m.index.p, m.index.n, &added, NULL));
  CHECK_INT(4 * sizeof(ls_part), added);
  stub_fail_malloc(0, 0);
  check_known(parts, &m);
  CHECK_INT(SQLITE_OK, ls__parts_learn(parts, &first, m.index.p, m.index.n, &added, NULL));
  CHECK(ls__parts_known(parts, m.count - 1));
  ls__parts_free(parts);
  free_model(&m);
  CHECK_INT(0, stub_blocks());
}

/* ------------------------------------------------------------------------------------------------------------- threads */

#define THREADS 4

typedef struct shared {
  model m;
  ls_parts *parts;
  atomic_uint turn;
} shared;

static void *learn_and_read(void *arg) {
  shared *s = arg;
  uint64_t seed = atomic_fetch_add(&s->turn, 1);
  for (int i = 0; i < 2000; i++) {
    uint32_t ordinal = (uint32_t)random_below(&seed, s->m.count);
    if (i % 8 == 0)
      pieces_for(s->parts, &s->m, ordinal);
    if (ls__parts_known(s->parts, ordinal))
      CHECK_INT(s->m.offsets[ordinal], ls__parts_offset(s->parts, ordinal));
  }
  return NULL;
}

static void test_threads(void) {
  shared s = {.m = make_model(200000, any, 9)};
  pthread_t threads[THREADS];
  s.parts = make_parts(&s.m);
  for (int i = 0; i < THREADS; i++)
    CHECK_INT(0, pthread_create(&threads[i], NULL, learn_and_read, &s));
  for (int i = 0; i < THREADS; i++)
    CHECK_INT(0, pthread_join(threads[i], NULL));
  check_known(s.parts, &s.m);
  ls__parts_free(s.parts);
  free_model(&s.m);
  CHECK_INT(0, stub_blocks());
}

int main(int argc, char **argv) {
  stub_api_install();
  if (argc == 1 || strcmp(argv[1], "threads") != 0) {
    test_shapes();
    test_equal_frames_and_memory();
    test_any_piece();
    test_changed_bytes();
    test_disagreement();
    test_left_out();
    test_no_memory();
  }
  test_threads();
  return 0;
}
