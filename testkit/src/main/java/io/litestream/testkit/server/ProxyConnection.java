package io.litestream.testkit.server;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection to a {@link FaultProxy}, and its connection to the server: request after
 * request.
 */
final class ProxyConnection implements Runnable {

  private static final int BUFFER = 1 << 16;

  /** Servers close what idles, MinIO after 30 s. A client sees that, but not behind a proxy. */
  private static final Duration IDLE = Duration.ofSeconds(5);

  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final FaultProxy proxy;
  private final Socket client;
  private final byte[] buffer = new byte[BUFFER];
  private @Nullable Socket server;
  private @Nullable Stream far;

  /** When the connection to the server was last used, as {@link System#nanoTime}. */
  private long used;

  ProxyConnection(FaultProxy proxy, Socket client) {
    this.proxy = proxy;
    this.client = client;
  }

  @Override
  public void run() {
    try {
      client.setTcpNoDelay(true);
      Stream near = Stream.of(client);
      HttpHead request = HttpHead.read(near.in);
      while (request != null && exchange(request, near)) {
        request = HttpHead.read(near.in);
      }
    } catch (IOException e) {
      // One of the two ended the connection: so does the other.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      proxy.closed(client);
      if (server != null) {
        proxy.closed(server);
      }
    }
  }

  /** One request and its response; whether the connection goes on. */
  private boolean exchange(HttpHead request, Stream near) throws IOException, InterruptedException {
    FaultProxy.Arrival arrival = proxy.arrived(request);
    Fault fault = arrival.fault();
    if (fault instanceof Fault.Reset) {
      client.setSoLinger(true, 0);
      return false;
    }
    if (!request.header("Expect").isEmpty()) {
      near.out.write(CONTINUE);
      near.out.flush();
    }
    if (fault instanceof Fault.Status status) {
      proxy.sentToServer(body(request, near.in, OutputStream.nullOutputStream(), false));
      proxy.answering(arrival, status.status(), 0);
      answer(status, request, near.out);
      return !request.closes();
    }
    Stream far = far();
    far.out.write(request.without("Expect").bytes());
    proxy.sentToServer(body(request, near.in, far.out, false));
    far.out.flush();
    boolean goesOn = respond(arrival, request, near, far);
    used = System.nanoTime();
    return goesOn && !request.closes();
  }

  /** The connection to the server: a new one after a pause, in which it may have closed the old. */
  private Stream far() throws IOException {
    Stream stream = far;
    if (stream != null && System.nanoTime() - used < IDLE.toNanos()) {
      return stream;
    }
    if (server != null) {
      proxy.closed(server);
    }
    Socket socket = proxy.connect();
    socket.setTcpNoDelay(true);
    server = socket;
    stream = Stream.of(socket);
    far = stream;
    return stream;
  }

  private boolean respond(FaultProxy.Arrival arrival, HttpHead request, Stream near, Stream far)
      throws IOException {
    HttpHead response = HttpHead.read(far.in);
    if (response == null) {
      return false;
    }
    int status = Integer.parseInt(response.word(1));
    proxy.answering(arrival, status, response.contentLength());
    near.out.write(response.bytes());
    Fault fault = arrival.fault();
    boolean cut = fault instanceof Fault.ShortBody || fault instanceof Fault.Stall;
    if (!request.word(0).equals("HEAD") && status != 204 && status != 304) {
      proxy.sentToClient(body(response, far.in, near.out, cut));
    }
    near.out.flush();
    if (fault instanceof Fault.Stall) {
      // Ends when the client gives up and closes.
      near.in.transferTo(OutputStream.nullOutputStream());
    }
    return !cut && !response.closes();
  }

  private static void answer(Fault.Status status, HttpHead request, OutputStream out)
      throws IOException {
    String text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>"
            + status.code()
            + "</Code><Message>injected</Message></Error>";
    String head =
        "HTTP/1.1 "
            + status.status()
            + " Injected\r\nContent-Type: application/xml\r\nContent-Length: "
            + text.length()
            + "\r\n\r\n";
    out.write(
        (request.word(0).equals("HEAD") ? head : head + text).getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** Copies a message's body, or only its first half (of a chunked one: of its first chunk). */
  private long body(HttpHead head, InputStream in, OutputStream out, boolean half)
      throws IOException {
    if (!head.chunked()) {
      long length = Math.max(0, head.contentLength());
      return copy(in, out, half ? length / 2 : length);
    }
    long total = 0;
    while (true) {
      String size = HttpHead.line(in);
      if (size == null) {
        throw new EOFException("the connection ended within a chunked body");
      }
      out.write((size + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      long length = Long.parseLong(size.split(";", -1)[0].strip(), 16);
      if (half) {
        return copy(in, out, length / 2);
      }
      total += length;
      copy(in, out, length + 2);
      if (length == 0) {
        return total;
      }
    }
  }

  private long copy(InputStream in, OutputStream out, long length) throws IOException {
    for (long left = length; left > 0; ) {
      int n = in.read(buffer, 0, (int) Math.min(left, BUFFER));
      if (n < 0) {
        throw new EOFException("the connection ended within a body");
      }
      out.write(buffer, 0, n);
      left -= n;
    }
    return length;
  }

  /** A connection's two directions. */
  private record Stream(InputStream in, OutputStream out) {
    static Stream of(Socket socket) throws IOException {
      return new Stream(
          new BufferedInputStream(socket.getInputStream(), BUFFER),
          new BufferedOutputStream(socket.getOutputStream(), BUFFER));
    }
  }
}
