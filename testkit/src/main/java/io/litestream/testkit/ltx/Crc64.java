package io.litestream.testkit.ltx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * CRC-64/GO-ISO, the checksum of LTX: reflected, register preset to ones, complemented at the end.
 *
 * <p>Sixteen bytes a step, by one table for each byte's distance from the end of the step.
 */
public final class Crc64 {

  /** Set in every stored checksum, so that a present checksum is never zero. */
  public static final long FLAG = 1L << 63;

  private static final long POLYNOMIAL = 0xD800000000000000L;
  private static final int STEP = 16;
  private static final long[][] TABLES = tables();
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Crc64() {}

  /** The checksum of what {@code crc} is the checksum of (0: nothing), continued by these bytes. */
  public static long update(long crc, byte[] bytes, int offset, int length) {
    long c = ~crc;
    int i = offset;
    int end = offset + length;
    for (; i <= end - STEP; i += STEP) {
      c = eight(c ^ (long) LONG.get(bytes, i), 8) ^ eight((long) LONG.get(bytes, i + 8), 0);
    }
    for (; i < end; i++) {
      c = TABLES[0][(int) (c ^ bytes[i]) & 0xff] ^ (c >>> 8);
    }
    return ~c;
  }

  /** The checksum of these bytes. */
  public static long of(byte[] bytes) {
    return update(0, bytes, 0, bytes.length);
  }

  /** What eight bytes (first byte lowest) add to the register {@code distance} bytes after them. */
  private static long eight(long x, int distance) {
    return TABLES[distance + 7][(int) x & 0xff]
        ^ TABLES[distance + 6][(int) (x >>> 8) & 0xff]
        ^ TABLES[distance + 5][(int) (x >>> 16) & 0xff]
        ^ TABLES[distance + 4][(int) (x >>> 24) & 0xff]
        ^ TABLES[distance + 3][(int) (x >>> 32) & 0xff]
        ^ TABLES[distance + 2][(int) (x >>> 40) & 0xff]
        ^ TABLES[distance + 1][(int) (x >>> 48) & 0xff]
        ^ TABLES[distance][(int) (x >>> 56)];
  }

  private static long[][] tables() {
    long[][] tables = new long[STEP][256];
    for (int i = 0; i < 256; i++) {
      long c = i;
      for (int bit = 0; bit < 8; bit++) {
        c = (c & 1) == 0 ? c >>> 1 : (c >>> 1) ^ POLYNOMIAL;
      }
      tables[0][i] = c;
    }
    for (int k = 1; k < STEP; k++) {
      for (int i = 0; i < 256; i++) {
        long c = tables[k - 1][i];
        tables[k][i] = tables[0][(int) c & 0xff] ^ (c >>> 8);
      }
    }
    return tables;
  }
}
