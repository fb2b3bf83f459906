package io.litestream.testkit.server;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * As much of S3 as readers of a replica use, in this process: LIST (version 2), GET with a range
 * and a condition, HEAD. It delays and counts, and costs little beside, so that what is measured is
 * the client. Signatures are not looked at. Thread-safe; objects are added before they are read.
 */
public final class S3Stub implements S3Server {

  private static final int BACKLOG = 256;

  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Map<String, NavigableMap<String, StubObject>> buckets = new ConcurrentHashMap<>();
  private final Meter meter = new Meter();

  private S3Stub(ServerSocket listener) {
    this.listener = listener;
  }

  /** Starts a server on a free port of 127.0.0.1. */
  public static S3Stub start() {
    return start(0);
  }

  /** Starts a server on a port of 127.0.0.1. */
  public static S3Stub start(int port) {
    try {
      S3Stub stub = new S3Stub(new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress()));
      Thread.ofVirtual().name("s3-stub").start(stub::accept);
      return stub;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a bucket of these objects, which the caller may change. */
  public void serve(String bucket, NavigableMap<String, StubObject> objects) {
    buckets.put(bucket, objects);
  }

  /** Its delays and counts. */
  public Meter meter() {
    return meter;
  }

  /** See {@link Meter#delay}. */
  public void delay(Duration everyRequest) {
    meter.delay(everyRequest);
  }

  /** See {@link Meter#requests}. */
  public List<Answered> requests() {
    return meter.requests();
  }

  /** The same in numbers. */
  public Traffic traffic() {
    Map<Request.Kind, Long> counts = new EnumMap<>(Request.Kind.class);
    long bytes = 0;
    for (Answered request : requests()) {
      counts.merge(request.kind(), 1L, Long::sum);
      bytes += request.bytes();
    }
    return new Traffic(counts, bytes, 0);
  }

  /** See {@link Meter#depth}. */
  public int depth() {
    return meter.depth();
  }

  /** See {@link Meter#reset}. */
  public void reset() {
    meter.reset();
  }

  @Override
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  @Override
  public String accessKey() {
    return "stub-access";
  }

  @Override
  public String secretKey() {
    return "stub-secret";
  }

  @Override
  public String describe() {
    return "a stub of S3 in this JVM";
  }

  @Override
  public void close() {
    closeQuietly(listener);
    sockets.forEach(S3Stub::closeQuietly);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        sockets.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        // Closed: the loop ends.
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.setTcpNoDelay(true);
      BufferedInputStream in = new BufferedInputStream(client.getInputStream());
      BufferedOutputStream out = new BufferedOutputStream(client.getOutputStream(), 1 << 16);
      for (HttpHead head = HttpHead.read(in); head != null; head = HttpHead.read(in)) {
        int depth = meter.arrived();
        meter.hold();
        StubAnswer answer = StubAnswer.to(head, buckets);
        meter.answering(answer.seen(depth));
        answer.write(out);
        out.flush();
      }
    } catch (IOException e) {
      // The client has gone, or the stub is closed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sockets.remove(client);
    }
  }

  private static void closeQuietly(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      // It is of no use any more either way.
    }
  }
}
