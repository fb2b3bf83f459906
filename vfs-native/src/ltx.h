/*
** ltx.h - the parts of an LTX file (spec 1): header, page frame, trailer, varint. Stateless.
**
**     header (100) | page frame * | zero page header (6) | page index | index length (8) | trailer (16)
**
** Every byte is untrusted. Errors are SQLITE_CORRUPT, with offset, expected and found value in the text.
*/
#ifndef LS_LTX_H
#define LS_LTX_H

#include "core.h"

#define LS_HEADER_SIZE 100u
#define LS_ZERO_SIZE 6u /* the page header that ends the frames */
#define LS_INDEX_LENGTH_SIZE 8u
#define LS_TRAILER_SIZE 16u
#define LS_CHECKSUM_SIZE 8u /* the end of the trailer, which the file checksum leaves out */
#define LS_CHECKSUM_FLAG (UINT64_C(1) << 63)

/* Header, zero page header, an index that is its terminator, index length, trailer. */
#define LS_FILE_MIN (LS_HEADER_SIZE + LS_ZERO_SIZE + 1 + LS_INDEX_LENGTH_SIZE + LS_TRAILER_SIZE)

/* What a header says beside the fields that ls_file_info has. */
typedef struct ls_header {
  ls_file_info info;
  int checksums; /* 0: the file has no rolling database checksums (NoChecksum) */
} ls_header;

typedef struct ls_trailer {
  uint64_t post_apply; /* rolling database checksum, 0 without */
  uint64_t checksum;   /* of the file */
} ls_trailer;

/* The page that holds byte 2^30, which SQLite never uses: it counts in commit and is in no file. */
ls_pgno ls__lock_page(uint32_t page_size);
/* Number of pages that a file with all pages 1..commit has. */
uint32_t ls__full_count(ls_pgno commit, uint32_t page_size);
/* In a file with all pages (the lock page aside), the page with that ordinal, and the ordinal of a page. */
static inline ls_pgno ls__full_pgno(ls_pgno lock, uint32_t ordinal) {
  return ordinal + 1 < lock ? ordinal + 1 : ordinal + 2;
}
static inline uint32_t ls__full_ordinal(ls_pgno lock, ls_pgno pgno) {
  return pgno > lock ? pgno - 2 : pgno - 1;
}

int ls__ltx_header(const uint8_t *bytes, uint64_t len, ls_header *out, const ls_report *to);

/* bytes: the last 16 of the file, which is `size` long. */
int ls__ltx_trailer(const uint8_t *bytes, uint64_t size, const ls_header *header, ls_trailer *out,
                    const ls_report *to);

/* The longest frame that is accepted: a block of incompressible data is longer than its page, a frame of small blocks
** is longer still, but nothing comes near twice the page. */
static inline uint32_t ls__frame_max(uint32_t page_size) { return 2 * page_size + 1024; }

/* Older formats share the magic, and show by what stands where the first frame's flags should be. head: the begin of the
** file; one that ends before the first frame passes. Says so before the rest of such a file makes no sense. */
int ls__ltx_format(const uint8_t *head, uint64_t len, const ls_report *to);

/* Where the payload of a frame begins: 6, or 10 when the size of its LZ4 block comes first. */
static inline uint32_t ls__ltx_payload(const uint8_t *frame) { return ls__be16(frame + 4) == 0 ? 6 : 10; }

/* The length of the frame that begins here, by its own size field. 0 where there is none, or one that no frame has: `n` bytes
** are there. */
static inline uint32_t ls__ltx_block_length(const uint8_t *frame, uint64_t n, uint32_t page_size) {
  if (n < 10 || ls__ltx_payload(frame) != 10)
    return 0;
  uint32_t size = ls__be32(frame + 6);
  return size <= ls__frame_max(page_size) - 10 ? size + 10 : 0;
}

/* Decodes the frame of page pgno, which has `length` bytes by the page index, to exactly one page. The frame's page
** number, flags and block size must agree with the index, and page 1 must be that of a SQLite database with this page
** size. */
int ls__ltx_frame(const uint8_t *frame, uint32_t length, uint64_t offset, ls_pgno pgno, uint32_t page_size,
                  uint8_t *page, const ls_report *to);

/* The schema cookie of page 1. */
static inline uint32_t ls__ltx_cookie(const uint8_t *page) { return ls__be32(page + 40); }

/* Reads an unsigned LEB128 number of at most 64 bits and moves *p behind it. 0 when there is none before end. */
int ls__varint(const uint8_t **p, const uint8_t *end, uint64_t *out);

#endif
