package io.litestream.testkit.ltx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** xxHash32 with seed 0, the checksum of LZ4 frames. */
final class XxHash32 {

  private static final int P1 = 0x9E3779B1;
  private static final int P2 = 0x85EBCA77;
  private static final int P3 = 0xC2B2AE3D;
  private static final int P4 = 0x27D4EB2F;
  private static final int P5 = 0x165667B1;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private XxHash32() {}

  @SuppressWarnings("ConstantOverflow") // the hash is defined modulo 2^32
  static int of(byte[] bytes, int offset, int length) {
    int i = offset;
    int end = offset + length;
    int hash = P5;
    if (length >= 16) {
      int a = P1 + P2;
      int b = P2;
      int c = 0;
      int d = -P1;
      for (; i <= end - 16; i += 16) {
        a = round(a, (int) INT.get(bytes, i));
        b = round(b, (int) INT.get(bytes, i + 4));
        c = round(c, (int) INT.get(bytes, i + 8));
        d = round(d, (int) INT.get(bytes, i + 12));
      }
      hash =
          Integer.rotateLeft(a, 1)
              + Integer.rotateLeft(b, 7)
              + Integer.rotateLeft(c, 12)
              + Integer.rotateLeft(d, 18);
    }
    hash += length;
    for (; i <= end - 4; i += 4) {
      hash = Integer.rotateLeft(hash + (int) INT.get(bytes, i) * P3, 17) * P4;
    }
    for (; i < end; i++) {
      hash = Integer.rotateLeft(hash + (bytes[i] & 0xff) * P5, 11) * P1;
    }
    hash = (hash ^ (hash >>> 15)) * P2;
    hash = (hash ^ (hash >>> 13)) * P3;
    return hash ^ (hash >>> 16);
  }

  private static int round(int lane, int word) {
    return Integer.rotateLeft(lane + word * P2, 13) * P1;
  }
}
