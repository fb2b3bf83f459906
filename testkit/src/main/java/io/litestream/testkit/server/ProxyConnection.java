package io.litestream.testkit.server;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection to a {@link FaultProxy}, and its connection to the server: request after
 * request.
 */
final class ProxyConnection implements Runnable {

  private static final int BUFFER = 1 << 16;
  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final FaultProxy proxy;
  private final Socket client;
  private final byte[] buffer = new byte[BUFFER];
  private @Nullable Socket server;

  ProxyConnection(FaultProxy proxy, Socket client) {
    this.proxy = proxy;
    this.client = client;
  }

  @Override
  public void run() {
    try {
      client.setTcpNoDelay(true);
      Stream near = Stream.of(client);
      Socket upstream = proxy.connect();
      server = upstream;
      upstream.setTcpNoDelay(true);
      Stream far = Stream.of(upstream);
      HttpHead request = HttpHead.read(near.in);
      while (request != null && exchange(request, near, far)) {
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
  private boolean exchange(HttpHead request, Stream near, Stream far)
      throws IOException, InterruptedException {
    Fault fault = proxy.arrived(request);
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
      answer(status, request, near.out);
      return !request.closes();
    }
    far.out.write(request.without("Expect").bytes());
    proxy.sentToServer(body(request, near.in, far.out, false));
    far.out.flush();
    return respond(fault, request, near, far) && !request.closes();
  }

  private boolean respond(Fault fault, HttpHead request, Stream near, Stream far)
      throws IOException {
    HttpHead response = HttpHead.read(far.in);
    if (response == null) {
      return false;
    }
    near.out.write(response.bytes());
    int status = Integer.parseInt(response.word(1));
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
