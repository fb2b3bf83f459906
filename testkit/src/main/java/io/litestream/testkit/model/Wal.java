package io.litestream.testkit.model;

import java.util.SplittableRandom;

/** The primary's WAL as far as LTX headers show it: salts, and how far it has been copied. */
final class Wal {

  private static final int HEADER = 32;
  private static final int FRAME_HEADER = 24;

  /** A stretch of WAL, as in an LTX header. */
  record Range(long offset, long size, int salt1, int salt2) {
    static final Range NONE = new Range(0, 0, 0, 0);
  }

  private final SplittableRandom random;
  private int salt1;
  private int salt2;
  private long end;
  private Range last = Range.NONE;

  Wal(SplittableRandom random) {
    this.random = random;
    this.salt1 = random.nextInt();
    restart();
  }

  /** As after a checkpoint: SQLite increments the first salt, draws the second, and begins anew. */
  void restart() {
    salt1++;
    salt2 = random.nextInt();
    end = HEADER;
  }

  /** The frames of one sync. */
  Range append(int frames, int pageSize) {
    last = new Range(end, (long) frames * (pageSize + FRAME_HEADER), salt1, salt2);
    end += last.size;
    return last;
  }

  /** What a snapshot's header shows: the last frame copied. */
  Range lastFrame(int pageSize) {
    int frame = pageSize + FRAME_HEADER;
    return new Range(last.offset + last.size - frame, frame, last.salt1, last.salt2);
  }
}
