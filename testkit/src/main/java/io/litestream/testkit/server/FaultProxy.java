package io.litestream.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * An HTTP proxy before an S3 endpoint: clients use its {@link #endpoint} in place of the server's.
 * It counts requests and bytes, and injects delays and faults. Requests are passed on as they were
 * sent, with the Host header that the client signed, so that signatures stay right. Thread-safe;
 * changes apply from the next request on.
 */
public final class FaultProxy implements AutoCloseable {

  private static final int BACKLOG = 256;

  private final ServerSocket listener;
  private final URI server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicLong numbers = new AtomicLong();
  private final Map<Request.Kind, LongAdder> requests = new ConcurrentHashMap<>();
  private final LongAdder toClient = new LongAdder();
  private final LongAdder toServer = new LongAdder();
  private volatile Function<Request, Fault> faults = request -> Fault.NONE;
  private final Meter meter = new Meter();

  private FaultProxy(ServerSocket listener, URI server) {
    this.listener = listener;
    this.server = server;
  }

  /** What happens to a request, and its depth. */
  record Arrival(Request request, int depth, Fault fault) {}

  /** Starts a proxy before a server, on a free port of 127.0.0.1. */
  public static FaultProxy before(URI server) {
    return before(server, 0);
  }

  /** Starts a proxy before a server, on a port of 127.0.0.1. */
  public static FaultProxy before(URI server, int port) {
    try {
      ServerSocket listener = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
      FaultProxy proxy = new FaultProxy(listener, server);
      Thread.ofVirtual().name("fault-proxy").start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it listens. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** Adds this time to every request: a server that is further away. */
  public void delay(Duration everyRequest) {
    meter.delay(everyRequest);
  }

  /** Its delays, and what it counts of answered requests. */
  public Meter meter() {
    return meter;
  }

  /** Decides what happens to each request; called by the connections' threads. */
  public void faults(Function<Request, Fault> choose) {
    faults = choose;
  }

  /** What has gone through since the start, or the last {@link #reset}. */
  public Traffic traffic() {
    Map<Request.Kind, Long> counts = new EnumMap<>(Request.Kind.class);
    requests.forEach((kind, count) -> counts.put(kind, count.sum()));
    return new Traffic(counts, toClient.sum(), toServer.sum());
  }

  /** Counts from zero. */
  public void reset() {
    requests.clear();
    toClient.reset();
    toServer.reset();
    meter.reset();
  }

  @Override
  public void close() {
    closeQuietly(listener);
    sockets.forEach(FaultProxy::closeQuietly);
  }

  /** Notes a request, waits as long as it shall be delayed, and says what happens to it. */
  Arrival arrived(HttpHead head) throws InterruptedException {
    Request request = Request.of(numbers.incrementAndGet(), head);
    int depth = meter.arrived();
    requests.computeIfAbsent(request.kind(), kind -> new LongAdder()).increment();
    Fault fault = faults.apply(request);
    if (fault instanceof Fault.Delay more) {
      Thread.sleep(more.time());
    }
    meter.hold();
    return new Arrival(request, depth, fault);
  }

  /**
   * The answer to a request is about to be sent.
   *
   * @param length of its body; -1 when it is not stated
   */
  void answering(Arrival to, int status, long length) {
    Request request = to.request;
    String range = request.header("Range");
    boolean object = request.kind() == Request.Kind.GET && status / 100 == 2;
    meter.answering(
        new Answered(
            request.kind(),
            range.isEmpty() ? request.target() : request.target() + " " + range,
            status,
            object ? Math.max(0, length) : 0,
            to.depth));
  }

  void sentToServer(long bytes) {
    toServer.add(bytes);
  }

  void sentToClient(long bytes) {
    toClient.add(bytes);
  }

  /** A connection to the server, closed with the proxy. */
  Socket connect() throws IOException {
    Socket socket = new Socket(server.getHost(), server.getPort());
    sockets.add(socket);
    return socket;
  }

  void closed(Socket socket) {
    sockets.remove(socket);
    closeQuietly(socket);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        sockets.add(client);
        Thread.ofVirtual().start(new ProxyConnection(this, client));
      } catch (IOException e) {
        // Closed: the loop ends.
      }
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
