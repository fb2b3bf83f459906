package io.litestream.testkit.model;

/** What a model primary does next, with its usual weight among the others. */
public enum Step {
  /** Some pages change. */
  SYNC(300),
  /** The database grows. */
  GROW(60),
  /** The schema cookie changes. */
  DDL(20),
  /** VACUUM: most pages change, the database shrinks. */
  VACUUM(10),
  /** Incremental vacuum: the database loses its last pages. */
  SHRINK(30),
  /** A raw file with all pages, and min TXID > 1, as after lost WAL continuity. */
  FULL_COPY(10),
  /** The WAL begins anew with other salts; the next sync continues from there. */
  WAL_RESTART(20),
  /** A compaction looks for its inputs. */
  COMPACTION_START(100),
  /** A compaction that has its inputs writes its file. */
  COMPACTION_WRITE(100),
  /** A snapshot takes its position. */
  SNAPSHOT_START(20),
  /** A snapshot that has its position writes its file. */
  SNAPSHOT_WRITE(20),
  /** Retention of raw files decides what to delete. */
  RETAIN_RAW(40),
  /** Retention of snapshots, and of the levels between, decides what to delete. */
  RETAIN_SNAPSHOTS(15),
  /** One object that retention or a reset gave up is deleted. */
  DELETE(250),
  /** An object is uploaded again, with other bytes and the same content. */
  REPLACE(5),
  /** The replica is emptied, and a new lineage begins at TXID 1. */
  RESET(1),
  /** The primary continues from an older state, with the next TXID. */
  RESTORE_OLDER(3),
  /** A sync whose upload is held back: a gap, once a later one has been uploaded. */
  HOLD_BACK(5),
  /** An upload that was held back happens. */
  REPAIR(15),
  /** Only time passes. */
  PAUSE(60);

  private final int usualWeight;

  Step(int usualWeight) {
    this.usualWeight = usualWeight;
  }

  /** How often the step is taken in {@link ModelConfig#usual}. */
  public int usualWeight() {
    return usualWeight;
  }
}
