package io.litestream.testkit.ltx;

import java.util.List;
import java.util.NavigableMap;

/**
 * An LTX file, decoded and verified.
 *
 * @param pages by page number
 * @param frames in the file's order
 * @param postApply rolling checksum after this file, 0 where not kept
 * @param checksum the file's last 8 bytes
 */
public record LtxFile(
    LtxHeader header,
    NavigableMap<Integer, byte[]> pages,
    List<Frame> frames,
    long postApply,
    long checksum) {

  /**
   * Where a page lies.
   *
   * @param offset of its page header in the file
   * @param length of header, size field and payload
   * @param sized an LZ4 block with its size (true), or a legacy LZ4 frame
   */
  public record Frame(int pgno, int offset, int length, boolean sized) {}
}
