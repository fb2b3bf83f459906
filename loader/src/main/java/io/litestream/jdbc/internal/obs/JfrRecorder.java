package io.litestream.jdbc.internal.obs;

/** The events as JFR events; the only class that names them. */
final class JfrRecorder implements Recorder {

  @Override
  public Span pageFetch(String replica, Object file, long offset, int length) {
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
    RefreshEvent event = new RefreshEvent();
    return event.isEnabled() ? event.begun(replica) : Span.NONE;
  }

  @Override
  public Span open(String replica) {
    OpenEvent event = new OpenEvent();
    return event.isEnabled() ? event.begun(replica) : Span.NONE;
  }

  @Override
  public Span travel(String replica, String target) {
    TravelEvent event = new TravelEvent();
    if (!event.isEnabled()) {
      return Span.NONE;
    }
    event.target = target;
    return event.begun(replica);
  }
}
