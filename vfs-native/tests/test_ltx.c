/*
** test_ltx.c - header and trailer rules (spec 1.1, 1.4), varints (1.3), the worked example (1.11), older formats (1.1).
*/
#include "check.h"
#include "ltx.h"
#include "ltx_write.h"
#include "stub_api.h"

static char err[300];

static bytes valid(void) {
  bytes file = {0};
  ltx_write(&file, &(ltx_model){.page_size = 512, .commit = 3, .min_txid = 5, .max_txid = 9, .every = 1},
            NULL);
  return file;
}

/* One field of a valid header takes another value. */
static void test_header_rules(void) {
  static const struct {
    size_t at;
    uint64_t value;
    unsigned width;
    const char *text; /* NULL: still valid */
  } cases[] = {
      {0, 0x4c545832, 4, "expected magic 4c545831 at offset 0, found 4c545832"},
      {4, 0, 4, "pre-apply checksum at offset 40: expected bit 63 set, found 0000000000000000"},
      {4, 3, 4, "unknown LTX flags at offset 4: expected 0 or 2, found 3"},
      {4, 0x80000002, 4, "unknown LTX flags"},
      {8, 256, 4, "page size at offset 8: expected a power of two in 512..65536, found 256"},
      {8, 131072, 4, "page size"},
      {8, 1, 4, "page size"},
      {8, 1000, 4, "page size"},
      {8, 65536, 4, NULL},
      {12, 0, 4, NULL},
      {16, 0, 8, "TXIDs at offset 16: expected 1 <= min <= max, found 0000000000000000 and 0000000000000009"},
      {16, 10, 8, "TXIDs"},
      {16, 1, 8, NULL},
      {24, UINT64_MAX, 8, NULL},
      {32, UINT64_MAX, 8, NULL},
      {40, 1, 8, "pre-apply checksum at offset 40: expected 0, found 0000000000000001"},
      {48, 32, 8, NULL},
      {48, UINT64_MAX, 8, "negative WAL offset -1"},
      {56, UINT64_MAX, 8, "negative WAL offset 0 or size -1"},
      {56, 1, 8, "WAL size or salts without a WAL offset"},
      {64, 1, 4, "WAL size or salts without a WAL offset"},
      {68, 1, 4, "WAL size or salts without a WAL offset"},
      {72, 1, 8, NULL},
      {80, UINT64_MAX, 8, NULL},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    bytes file = valid();
    for (unsigned b = 0; b < cases[i].width; b++)
      file.p[cases[i].at + b] = (uint8_t)(cases[i].value >> 8 * (cases[i].width - 1 - b));
    ls_file_info info = {.page_size = 1};
    int rc = ls_header_decode(file.p, file.n, &info, err, sizeof(err));
    if ((rc == SQLITE_OK) != (cases[i].text == NULL))
      CHECK_FAIL_("case %zu: result %d", i, rc);
    if (rc != SQLITE_OK) {
      CHECK_HAS(cases[i].text, err);
      CHECK_HAS("LTX header: ", err);
      CHECK_INT(SQLITE_CORRUPT, rc);
      CHECK_INT(1, info.page_size);
    }
    free(file.p);
  }
}

static void test_header_fields(void) {
  bytes file = {0};
  read_fixture(&file, "4k-frames-sparse.ltx");
  ls_file_info info;
  CHECK_OK(ls_header_decode(file.p, 100, &info, err, sizeof(err)));
  CHECK_INT(4096, info.page_size);
  CHECK_INT(64, info.commit);
  CHECK_INT(0x57, info.min_txid);
  CHECK_INT(0x57, info.max_txid);
  CHECK_INT(1795246960927, info.timestamp);
  CHECK_INT(2200112, info.wal_offset);
  CHECK_INT(28840, info.wal_size);
  CHECK_INT(0x479723b7, info.wal_salt1);
  CHECK_INT(0xd17890af, info.wal_salt2);
  CHECK_INT(SQLITE_CORRUPT, ls_header_decode(file.p, 99, &info, err, sizeof(err)));
  CHECK_STR("LTX header: an LTX header has 100 bytes, found 99", err);
  CHECK_INT(SQLITE_CORRUPT, ls_header_decode(file.p, 0, &info, NULL, 0));
  free(file.p);
}

/* Texts are cut to the buffer, and not within a character. */
static void test_error_text(void) {
  char small[12];
  memset(small, 'x', sizeof(small));
  ls__err_set(small, sizeof(small), "%s", "0123456789abcdef");
  CHECK_STR("0123456789a", small);
  ls__err_set(small, sizeof(small), "%s", "0123456789\xc3\xa4");
  CHECK_STR("0123456789", small);
  ls__err_set(small, sizeof(small), "%s", "012345678\xc3\xa4");
  CHECK_STR("012345678\xc3\xa4", small);
  ls__err_set(small, sizeof(small), "%s", "012345678\xe2\x82\xac");
  CHECK_STR("012345678", small);
  ls_report to = {"object", small, sizeof(small)};
  CHECK_INT(11, ls__report(&to, SQLITE_CORRUPT, "number %d", 1));
  CHECK_STR("object: num", small);
  ls__err_set(NULL, 0, "%d", 1);
  CHECK_INT(7, ls__report(NULL, SQLITE_NOMEM, "%d", 1));
}

static void test_varint(void) {
  static const uint64_t values[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX >> 1, UINT64_MAX};
  for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
    bytes out = {0};
    put_varint(&out, values[i]);
    const uint8_t *p = out.p;
    uint64_t value = 99;
    CHECK(ls__varint(&p, out.p + out.n, &value));
    CHECK_INT(values[i], value);
    CHECK(p == out.p + out.n);
    p = out.p;
    CHECK(!ls__varint(&p, out.p + out.n - 1, &value));
    CHECK(p == out.p);
    free(out.p);
  }
  static const uint8_t over[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02};
  static const uint8_t endless[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
  uint64_t value = 0;
  const uint8_t *p = over;
  CHECK(!ls__varint(&p, over + sizeof(over), &value));
  p = endless;
  CHECK(!ls__varint(&p, endless + sizeof(endless), &value));
}

static int trailer(uint64_t post, uint64_t sum, int checksums, ls_pgno commit) {
  bytes t = {0};
  put_be(&t, post, 8);
  put_be(&t, sum, 8);
  ls_header header = {.info = {.commit = commit}, .checksums = checksums};
  ls_trailer out;
  ls_report to = {"t", err, sizeof(err)};
  int rc = ls__ltx_trailer(t.p, 1000, &header, &out, &to);
  free(t.p);
  return rc;
}

static void test_trailer(void) {
  const uint64_t flag = LS_CHECKSUM_FLAG;
  CHECK_OK(trailer(0, flag | 5, 0, 10));
  CHECK_OK(trailer(flag | 7, flag | 5, 1, 10));
  CHECK_OK(trailer(flag, flag | 5, 1, 0));
  CHECK_OK(trailer(0, flag, 0, 0));
  CHECK_INT(SQLITE_CORRUPT, trailer(0, 5, 0, 10));
  CHECK_STR("t: file checksum at offset 992: expected bit 63 set, found 0000000000000005", err);
  CHECK_INT(SQLITE_CORRUPT, trailer(flag | 7, flag | 5, 0, 10));
  CHECK_STR("t: post-apply checksum at offset 984: expected 0, found 8000000000000007", err);
  CHECK_INT(SQLITE_CORRUPT, trailer(7, flag | 5, 1, 10));
  CHECK_INT(SQLITE_CORRUPT, trailer(flag | 7, flag | 5, 1, 0));
}

/* The frame of spec 1.11. */
static void test_worked_frame(void) {
  static const uint8_t frame[] = {0,    0,    0,    1,    0,    1,    0,    0,    0,    0x1c,
                                  0xff, 0x01, 0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66,
                                  0x6f, 0x72, 0x6d, 0x61, 0x74, 0x20, 0x33, 0x00, 0x01, 0x00,
                                  0xff, 0xd9, 0x50, 0x00, 0x00, 0x00, 0x00, 0x00};
  uint8_t page[512];
  ls_report to = {"f", err, sizeof(err)};
  CHECK_INT(SQLITE_CORRUPT, ls__ltx_frame(frame, sizeof(frame), 100, 1, 512, page, &to));
  CHECK_STR("f: page size in page 1: expected 512 by the LTX header, found 0", err);
  CHECK_INT(0, memcmp(page, "SQLite format 3", 16));
  for (size_t i = 16; i < 512; i++)
    CHECK_INT(0, page[i]);
  CHECK_INT(SQLITE_CORRUPT, ls__ltx_frame(frame, sizeof(frame), 100, 2, 512, page, &to));
  CHECK_STR("f: frame at offset 100: expected page 2, found page 1", err);
  CHECK_INT(SQLITE_CORRUPT, ls__ltx_frame(frame, sizeof(frame) - 1, 100, 1, 512, page, &to));
  CHECK_STR("f: block size of page 1 at offset 106: expected 27 by the page index, found 28", err);
  CHECK_INT(SQLITE_CORRUPT, ls__ltx_frame(frame, sizeof(frame), 100, 1, 1024, page, &to));
  CHECK_STR("f: page 1 at offset 110: expected 1024 bytes from the LZ4 block, found 512", err);
  CHECK_INT(SQLITE_CORRUPT, ls__ltx_frame(frame, 6, 100, 1, 512, page, &to));
  CHECK_INT(SQLITE_CORRUPT, ls__ltx_frame(frame, 10, 100, 1, 512, page, &to));
}

static void test_older_formats(void) {
  static const uint8_t header[100] = {0};
  bytes file = {0};
  put(&file, header, sizeof(header));
  ls_report to = {"f", err, sizeof(err)};
  put_be(&file, 1, 4);
  CHECK_OK(ls__ltx_format(file.p, file.n, &to));
  put(&file, "SQLite format 3", 16);
  CHECK_INT(SQLITE_CORRUPT, ls__ltx_format(file.p, file.n, &to));
  CHECK_STR("f: this is LTX format 1, written before Litestream 0.5.0; only format 3 can be read "
            "(page flags 5351 at offset 104)",
            err);
  memcpy(file.p + 104, "\x04\x22\x4d\x18", 4);
  CHECK_INT(SQLITE_CORRUPT, ls__ltx_format(file.p, file.n, &to));
  CHECK_HAS("this is LTX format 2", err);
  memcpy(file.p + 104, "\x00\x02", 2);
  CHECK_INT(SQLITE_CORRUPT, ls__ltx_format(file.p, file.n, &to));
  CHECK_STR("f: flags of page 1 at offset 104: expected 0 or 1, found 0002", err);
  free(file.p);
}

static void test_lock_page(void) {
  CHECK_INT(2097153, ls__lock_page(512));
  CHECK_INT(262145, ls__lock_page(4096));
  CHECK_INT(16385, ls__lock_page(65536));
  CHECK_INT(262144, ls__full_count(262144, 4096));
  CHECK_INT(262144, ls__full_count(262145, 4096));
  CHECK_INT(262145, ls__full_count(262146, 4096));
  CHECK_INT(0, ls__full_count(0, 4096));
}

int main(void) {
  stub_api_install();
  test_header_rules();
  test_header_fields();
  test_error_text();
  test_varint();
  test_trailer();
  test_worked_frame();
  test_older_formats();
  test_lock_page();
  return 0;
}
