package io.litestream.jdbc.internal.replica.sim;

import io.litestream.jdbc.internal.replica.SimulatedReplicas.Extension;
import io.litestream.jdbc.internal.replica.sim.SimFailure.Kind;
import java.util.EnumSet;
import java.util.Set;

/**
 * A defect of upstream's VFS that can be planted, so that the simulator can show that it finds it.
 */
enum Defect {
  NONE(0, Extension.SOUND, EnumSet.noneOf(Kind.class)),
  C1(1, Extension.SOUND, EnumSet.of(Kind.TORN, Kind.OTHER_STATE)),
  C2(2, Extension.SOUND, EnumSet.of(Kind.SIZE, Kind.TORN, Kind.OTHER_STATE, Kind.UNREADABLE)),
  C3(3, Extension.SOUND, EnumSet.of(Kind.UNREADABLE)),
  C4(0, Extension.REFUSES_STRADDLING, EnumSet.of(Kind.STALE)),
  C5(0, Extension.LOW_LEVELS_ONLY, EnumSet.of(Kind.STALE)),
  C7(7, Extension.SOUND, EnumSet.of(Kind.SIZE, Kind.UNREADABLE)),
  C13(13, Extension.SOUND, EnumSet.of(Kind.REPORT)),
  C17(0, Extension.SOUND, EnumSet.of(Kind.GIVEN_UP));

  private final int nativeSwitch;
  private final Extension extension;
  private final Set<Kind> shownBy;

  Defect(int nativeSwitch, Extension extension, Set<Kind> shownBy) {
    this.nativeSwitch = nativeSwitch;
    this.extension = extension;
    this.shownBy = shownBy;
  }

  /** The argument of {@code ls_mutate}; 0 when the defect is not in the C core. */
  int nativeSwitch() {
    return nativeSwitch;
  }

  Extension extension() {
    return extension;
  }

  /** What a reader sees of it. */
  Set<Kind> shownBy() {
    return shownBy;
  }

  boolean neverReplans() {
    return this == C17;
  }
}
