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

  private final ServerSocket listener;
  private final URI server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicLong numbers = new AtomicLong();
  private final Map<Request.Kind, LongAdder> requests = new ConcurrentHashMap<>();
  private final LongAdder toClient = new LongAdder();
  private final LongAdder toServer = new LongAdder();
  private volatile Function<Request, Fault> faults = request -> Fault.NONE;
  private volatile Duration delay = Duration.ZERO;

  private FaultProxy(ServerSocket listener, URI server) {
    this.listener = listener;
    this.server = server;
  }

  /** Starts a proxy before a server, on a free port of 127.0.0.1. */
  public static FaultProxy before(URI server) {
    try {
      ServerSocket listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
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
    delay = everyRequest;
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
  }

  @Override
  public void close() {
    closeQuietly(listener);
    sockets.forEach(FaultProxy::closeQuietly);
  }

  /** Notes a request, waits as long as it shall be delayed, and says what happens to it. */
  Fault arrived(HttpHead head) throws InterruptedException {
    Request request = Request.of(numbers.incrementAndGet(), head);
    requests.computeIfAbsent(request.kind(), kind -> new LongAdder()).increment();
    Fault fault = faults.apply(request);
    Duration wait = fault instanceof Fault.Delay d ? delay.plus(d.time()) : delay;
    Thread.sleep(wait);
    return fault;
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
