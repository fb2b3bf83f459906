package io.litestream.jdbc.internal.obs;

import jdk.jfr.FlightRecorder;

/**
 * The events as JFR events; the only class that names them. No event class is loaded before there
 * is a recorder: the JVM would set up all of JFR for it, which takes as long as a round trip to a
 * store.
 */
final class JfrRecorder implements Recorder {

  @Override
  public Span pageFetch(String replica, Object file, long offset, int length) {
    if (nobodyRecords()) {
      return Span.NONE;
    }
    PageFetchEvent event = new PageFetchEvent();
    if (!event.isEnabled()) {
      return Span.NONE;
    }
    event.file = file.toString();
    event.offset = offset;
    event.length = length;
    return event.begun(replica);
  }

  @Override
  public Span request(RequestKind kind, String replica, Object what, long offset, int length) {
    if (nobodyRecords()) {
      return Span.NONE;
    }
    RangeReadEvent event = new RangeReadEvent();
    if (!event.isEnabled()) {
      return Span.NONE;
    }
    event.kind = kind.text();
    event.object = what.toString();
    event.offset = offset;
    event.length = length;
    return event.begun(replica);
  }

  @Override
  public Span refresh(String replica) {
    if (nobodyRecords()) {
      return Span.NONE;
    }
    RefreshEvent event = new RefreshEvent();
    return event.isEnabled() ? event.begun(replica) : Span.NONE;
  }

  @Override
  public Span open(String replica) {
    if (nobodyRecords()) {
      return Span.NONE;
    }
    OpenEvent event = new OpenEvent();
    return event.isEnabled() ? event.begun(replica) : Span.NONE;
  }

  @Override
  public Span travel(String replica, String target) {
    if (nobodyRecords()) {
      return Span.NONE;
    }
    TravelEvent event = new TravelEvent();
    if (!event.isEnabled()) {
      return Span.NONE;
    }
    event.target = target;
    return event.begun(replica);
  }

  private static boolean nobodyRecords() {
    return !FlightRecorder.isInitialized();
  }
}
