package io.litestream.testkit.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of a page, a function of (seed, stamp, page number). Every page is an empty b-tree leaf
 * whose free space holds its page number, its stamp and then noise; page 1 has a SQLite header
 * before that. The second half repeats the first, so that pages compress.
 */
final class PageContent {

  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER = 100;
  private static final int LEAF_HEADER = 8;
  private static final byte TABLE_LEAF = 0x0d;
  private static final int SQLITE_VERSION = 3054001;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private PageContent() {}

  /** Writes any page but the first. */
  static void fill(long seed, int stamp, int pgno, int pageSize, byte[] into, int at) {
    long word = mix(seed ^ (long) stamp << 32 ^ pgno);
    int half = pageSize / 2;
    for (int i = 0; i < half; i += Long.BYTES) {
      word += GOLDEN;
      LONG.set(into, at + i, mix(word));
    }
    System.arraycopy(into, at, into, at + half, half);
    leaf(stamp, pgno, pageSize, into, at);
  }

  /** Writes page 1 of a database in WAL mode. */
  static void fillFirst(long seed, int stamp, State state, byte[] into, int at) {
    int pageSize = state.pageSize();
    fill(seed, stamp, 1, pageSize, into, at);
    Arrays.fill(into, at, at + HEADER, (byte) 0);
    ByteBuffer b = ByteBuffer.wrap(into, at, HEADER).slice();
    b.put(MAGIC).putShort((short) (pageSize == 65536 ? 1 : pageSize));
    b.put((byte) 2).put((byte) 2).put((byte) 0).put((byte) 64).put((byte) 32).put((byte) 32);
    b.putInt(state.changeCounter()).putInt(state.commit());
    b.putInt(40, state.schemaCookie()).putInt(44, 4).putInt(56, 1);
    b.putInt(92, state.changeCounter()).putInt(96, SQLITE_VERSION);
    leaf(stamp, 1, pageSize, into, at + HEADER);
  }

  private static void leaf(int stamp, int pgno, int pageSize, byte[] into, int at) {
    Arrays.fill(into, at, at + LEAF_HEADER, (byte) 0);
    into[at] = TABLE_LEAF;
    into[at + 5] = (byte) (pageSize >> 8);
    into[at + 6] = (byte) pageSize;
    INT.set(into, at + LEAF_HEADER, pgno);
    INT.set(into, at + LEAF_HEADER + 4, stamp);
  }

  /** The stamp that a page says it has; anything at all when the page is not one of a model. */
  static int stampIn(int pgno, byte[] page, int at) {
    return (int) INT.get(page, at + (pgno == 1 ? HEADER : 0) + LEAF_HEADER + 4);
  }

  private static long mix(long x) {
    long z = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
