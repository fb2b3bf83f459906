/*
** ltx.c - header, page frame, trailer and varint of LTX files.
*/
#include "ltx.h"

#include <string.h>

#include "lz4.h"

#define FLAG_NO_CHECKSUM 0x2u
#define FRAME_SIZED 0x1u /* an LZ4 block follows, after its size; else an LZ4 frame */
#define FRAME_HEADER 6u
#define FRAME_HEADER_SIZED 10u
#define LOCK_OFFSET 0x40000000u

/* The bytes that stand where a page's flags should be, in the two older formats that share the magic: version 1 has raw
** pages, and page 1 begins "SQLite format 3"; version 2 has LZ4 frames. Both directly after the page number. */
#define V1_PAGE1 0x5351u
#define V2_LZ4_FRAME 0x0422u

ls_pgno ls__lock_page(uint32_t page_size) { return LOCK_OFFSET / page_size + 1; }

uint32_t ls__full_count(ls_pgno commit, uint32_t page_size) {
  return commit >= ls__lock_page(page_size) ? commit - 1 : commit;
}

static int valid_page_size(uint32_t n) { return n >= 512 && n <= 65536 && (n & (n - 1)) == 0; }

static int check_wal(const ls_file_info *in, const ls_report *to) {
  if (in->wal_offset < 0 || in->wal_size < 0)
    return ls__report(to, SQLITE_CORRUPT, "negative WAL offset %lld or size %lld at offset 48",
                      (long long)in->wal_offset, (long long)in->wal_size);
  if (in->wal_offset == 0 && (in->wal_size != 0 || in->wal_salt1 != 0 || in->wal_salt2 != 0))
    return ls__report(to, SQLITE_CORRUPT, "WAL size or salts without a WAL offset, at offset 48");
  return SQLITE_OK;
}

static int check_pre_apply(uint64_t sum, const ls_header *header, const ls_report *to) {
  if (header->info.min_txid == 1 || !header->checksums) {
    if (sum == 0)
      return SQLITE_OK;
    return ls__report(to, SQLITE_CORRUPT, "pre-apply checksum at offset 40: expected 0, found %016llx",
                      ls__llu(sum));
  }
  if ((sum & LS_CHECKSUM_FLAG) != 0)
    return SQLITE_OK;
  return ls__report(to, SQLITE_CORRUPT, "pre-apply checksum at offset 40: expected bit 63 set, found %016llx",
                    ls__llu(sum));
}

int ls__ltx_header(const uint8_t *bytes, uint64_t len, ls_header *out, const ls_report *to) {
  if (len < LS_HEADER_SIZE)
    return ls__report(to, SQLITE_CORRUPT, "an LTX header has 100 bytes, found %llu", ls__llu(len));
  if (memcmp(bytes, "LTX1", 4) != 0)
    return ls__report(to, SQLITE_CORRUPT, "no LTX file: expected magic 4c545831 at offset 0, found %08x",
                      ls__be32(bytes));
  ls_header header = {0};
  ls_file_info *in = &header.info;
  uint32_t flags = ls__be32(bytes + 4);
  if ((flags & ~FLAG_NO_CHECKSUM) != 0)
    return ls__report(to, SQLITE_CORRUPT, "unknown LTX flags at offset 4: expected 0 or 2, found %x", flags);
  header.checksums = (flags & FLAG_NO_CHECKSUM) == 0;
  in->page_size = ls__be32(bytes + 8);
  if (!valid_page_size(in->page_size))
    return ls__report(to, SQLITE_CORRUPT,
                      "page size at offset 8: expected a power of two in 512..65536, found %u",
                      in->page_size);
  in->commit = ls__be32(bytes + 12);
  in->min_txid = ls__be64(bytes + 16);
  in->max_txid = ls__be64(bytes + 24);
  if (in->min_txid == 0 || in->max_txid < in->min_txid)
    return ls__report(to, SQLITE_CORRUPT,
                      "TXIDs at offset 16: expected 1 <= min <= max, found %016llx and %016llx",
                      ls__llu(in->min_txid), ls__llu(in->max_txid));
  in->timestamp = (ls_ms)ls__be64(bytes + 32);
  in->wal_offset = (int64_t)ls__be64(bytes + 48);
  in->wal_size = (int64_t)ls__be64(bytes + 56);
  in->wal_salt1 = ls__be32(bytes + 64);
  in->wal_salt2 = ls__be32(bytes + 68);
  int rc = check_wal(in, to);
  if (rc == SQLITE_OK)
    rc = check_pre_apply(ls__be64(bytes + 40), &header, to);
  if (rc == SQLITE_OK)
    *out = header;
  return rc;
}

int ls_header_decode(const uint8_t *bytes, uint64_t len, ls_file_info *out, char *err, uint32_t err_cap) {
  ls_report to = {"LTX header", err, err_cap};
  ls_header header;
  int rc = ls__ltx_header(bytes, len, &header, &to);
  if (rc == SQLITE_OK)
    *out = header.info;
  return rc;
}

int ls__ltx_trailer(const uint8_t *bytes, uint64_t size, const ls_header *header, ls_trailer *out,
                    const ls_report *to) {
  ls_trailer trailer = {ls__be64(bytes), ls__be64(bytes + 8)};
  uint64_t sum = trailer.post_apply;
  const char *expected = NULL;
  if (!header->checksums)
    expected = sum == 0 ? NULL : "0";
  else if (header->info.commit == 0)
    expected = sum == LS_CHECKSUM_FLAG ? NULL : "8000000000000000";
  else
    expected = (sum & LS_CHECKSUM_FLAG) != 0 ? NULL : "bit 63 set";
  if (expected != NULL)
    return ls__report(to, SQLITE_CORRUPT, "post-apply checksum at offset %llu: expected %s, found %016llx",
                      ls__llu(size - LS_TRAILER_SIZE), expected, ls__llu(sum));
  if ((trailer.checksum & LS_CHECKSUM_FLAG) == 0)
    return ls__report(to, SQLITE_CORRUPT, "file checksum at offset %llu: expected bit 63 set, found %016llx",
                      ls__llu(size - LS_CHECKSUM_SIZE), ls__llu(trailer.checksum));
  *out = trailer;
  return SQLITE_OK;
}

static int bad_frame_flags(uint32_t flags, ls_pgno pgno, uint64_t offset, const ls_report *to) {
  if ((flags == V1_PAGE1 && pgno == 1) || flags == V2_LZ4_FRAME)
    return ls__report(to, SQLITE_CORRUPT,
                      "this is LTX format %d, written before Litestream 0.5.0; only format 3 can be read "
                      "(page flags %04x at offset %llu)",
                      flags == V2_LZ4_FRAME ? 2 : 1, flags, ls__llu(offset + 4));
  return ls__report(to, SQLITE_CORRUPT, "flags of page %u at offset %llu: expected 0 or 1, found %04x", pgno,
                    ls__llu(offset + 4), flags);
}

int ls__ltx_format(const uint8_t *head, uint64_t len, const ls_report *to) {
  if (len < LS_HEADER_SIZE + FRAME_HEADER)
    return SQLITE_OK;
  const uint8_t *frame = head + LS_HEADER_SIZE;
  uint32_t flags = ls__be16(frame + 4);
  return (flags & ~FRAME_SIZED) == 0 ? SQLITE_OK
                                     : bad_frame_flags(flags, ls__be32(frame), LS_HEADER_SIZE, to);
}

static int check_frame_header(const uint8_t *frame, uint32_t length, uint64_t offset, ls_pgno pgno,
                              const ls_report *to) {
  if (length <= FRAME_HEADER)
    return ls__report(to, SQLITE_CORRUPT, "frame of page %u at offset %llu has only %u bytes", pgno,
                      ls__llu(offset), length);
  uint32_t flags = ls__be16(frame + 4);
  if ((flags & ~FRAME_SIZED) != 0)
    return bad_frame_flags(flags, pgno, offset, to);
  if (ls__be32(frame) != pgno)
    return ls__report(to, SQLITE_CORRUPT, "frame at offset %llu: expected page %u, found page %u",
                      ls__llu(offset), pgno, ls__be32(frame));
  if (flags == 0)
    return SQLITE_OK;
  if (length <= FRAME_HEADER_SIZED)
    return ls__report(to, SQLITE_CORRUPT, "frame of page %u at offset %llu has only %u bytes", pgno,
                      ls__llu(offset), length);
  if (ls__be32(frame + FRAME_HEADER) != length - FRAME_HEADER_SIZED)
    return ls__report(
        to, SQLITE_CORRUPT, "block size of page %u at offset %llu: expected %u by the page index, found %u",
        pgno, ls__llu(offset + FRAME_HEADER), length - FRAME_HEADER_SIZED, ls__be32(frame + FRAME_HEADER));
  return SQLITE_OK;
}

static int check_page1(const uint8_t *page, uint32_t page_size, const ls_report *to) {
  if (memcmp(page, "SQLite format 3", 16) != 0)
    return ls__report(to, SQLITE_CORRUPT, "page 1 is not that of a SQLite database (its magic is missing)");
  uint32_t found = ls__be16(page + 16);
  if (found == 1)
    found = 65536;
  if (found != page_size)
    return ls__report(to, SQLITE_CORRUPT, "page size in page 1: expected %u by the LTX header, found %u",
                      page_size, found);
  return SQLITE_OK;
}

int ls__ltx_frame(const uint8_t *frame, uint32_t length, uint64_t offset, ls_pgno pgno, uint32_t page_size,
                  uint8_t *page, const ls_report *to) {
  int rc = check_frame_header(frame, length, offset, pgno, to);
  if (rc != SQLITE_OK)
    return rc;
  uint32_t payload = ls__ltx_payload(frame);
  if (payload == FRAME_HEADER) {
    const char *why = ls__lz4_frame(frame + payload, length - payload, page, page_size);
    if (why != NULL)
      return ls__report(to, SQLITE_CORRUPT, "page %u at offset %llu: %s", pgno, ls__llu(offset + payload),
                        why);
  } else {
    size_t produced = 0;
    if (!ls__lz4_block(frame + payload, length - payload, page, page, page_size, &produced))
      return ls__report(to, SQLITE_CORRUPT,
                        "page %u at offset %llu: the LZ4 block is damaged or longer than a page", pgno,
                        ls__llu(offset + payload));
    if (produced != page_size)
      return ls__report(to, SQLITE_CORRUPT,
                        "page %u at offset %llu: expected %u bytes from the LZ4 block, found %llu", pgno,
                        ls__llu(offset + payload), page_size, ls__llu(produced));
  }
  return pgno == 1 ? check_page1(page, page_size, to) : SQLITE_OK;
}

int ls__varint(const uint8_t **p, const uint8_t *end, uint64_t *out) {
  uint64_t value = 0;
  const uint8_t *at = *p;
  for (unsigned shift = 0; shift < 64 && at < end; shift += 7) {
    uint64_t byte = *at++;
    if (shift == 63 && byte > 1)
      return 0;
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) {
      *p = at;
      *out = value;
      return 1;
    }
  }
  return 0;
}
