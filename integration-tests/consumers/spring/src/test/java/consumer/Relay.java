package consumer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stands between a driver and the store's endpoint that its URL names, until it is closed. */
final class Relay implements AutoCloseable {

  private static final Pattern ENDPOINT = Pattern.compile("(?<=endpoint=)[^&]+");

  private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final String url;

  Relay(String target) throws IOException {
    Matcher endpoint = ENDPOINT.matcher(target);
    if (!endpoint.find()) {
      throw new IllegalArgumentException(target);
    }
    URI server = URI.create(endpoint.group());
    url = endpoint.replaceFirst("http://127.0.0.1:" + listening.getLocalPort());
    Thread.ofVirtual().start(() -> accept(server));
  }

  String url() {
    return url;
  }

  private void accept(URI server) {
    try {
      while (true) {
        Socket here = listening.accept();
        Socket there = new Socket(server.getHost(), server.getPort());
        open.add(here);
        open.add(there);
        Thread.ofVirtual().start(() -> copy(here, there));
        Thread.ofVirtual().start(() -> copy(there, here));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      in.transferTo(out);
    } catch (IOException e) {
      // One side has closed.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
