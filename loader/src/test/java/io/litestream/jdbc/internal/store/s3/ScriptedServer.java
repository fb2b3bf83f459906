package io.litestream.jdbc.internal.store.s3;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A server that speaks enough S3 to say what a test wants, one answer for each request in turn. */
final class ScriptedServer implements AutoCloseable {

  interface Answer {
    void send(HttpExchange exchange) throws Exception;
  }

  /** What a client asked: method, raw URI, and the headers in the exchange. */
  record Asked(URI uri, Headers headers) {
    String header(String name) {
      return String.valueOf(headers.getFirst(name));
    }
  }

  private final HttpServer server;
  private final String scheme;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Queue<Answer> script = new ArrayDeque<>();
  final List<Asked> asked = new CopyOnWriteArrayList<>();

  ScriptedServer() throws IOException {
    this(HttpServer.create(loopback(), 0), "http");
  }

  private ScriptedServer(HttpServer server, String scheme) {
    this.server = server;
    this.scheme = scheme;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  /**
   * With a certificate that nobody trusts, made in {@code directory}, for a host of another name.
   */
  static ScriptedServer tls(Path directory) throws Exception {
    Path store = directory.resolve("server.p12");
    char[] password = "password".toCharArray();
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "server",
                "-dname",
                "CN=elsewhere",
                "-storepass",
                new String(password),
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    keytool.getInputStream().transferTo(OutputStream.nullOutputStream());
    if (keytool.waitFor() != 0) {
      throw new IllegalStateException("keytool failed");
    }
    KeyStore keys = KeyStore.getInstance(store.toFile(), password);
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    HttpsServer server = HttpsServer.create(loopback(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return new ScriptedServer(server, "https");
  }

  URI endpoint() {
    return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort());
  }

  ScriptedServer then(Answer answer) {
    synchronized (script) {
      script.add(answer);
    }
    return this;
  }

  private void handle(HttpExchange exchange) {
    asked.add(new Asked(exchange.getRequestURI(), exchange.getRequestHeaders()));
    Answer answer;
    synchronized (script) {
      answer = script.poll();
    }
    try {
      (answer == null ? error(500, "ScriptIsOver", "") : answer).send(exchange);
    } catch (Exception e) {
      // The client went away, which is what some tests are about.
    } finally {
      exchange.close();
    }
  }

  /** An S3 error document. */
  static Answer error(int status, String code, String message) {
    return exchange -> {
      String body =
          code.isEmpty()
              ? ""
              : "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>"
                  + code
                  + "</Code><Message>"
                  + message
                  + "</Message></Error>";
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  /**
   * An object's bytes.
   *
   * @param range the Content-Range, or empty
   * @param announced the Content-Length, which may be more than is sent
   */
  static Answer bytes(int status, String range, String etag, byte[] body, long announced) {
    return exchange -> {
      if (!range.isEmpty()) {
        exchange.getResponseHeaders().set("Content-Range", range);
      }
      if (!etag.isEmpty()) {
        exchange.getResponseHeaders().set("ETag", etag);
      }
      exchange.sendResponseHeaders(status, announced == 0 ? -1 : announced);
      exchange.getResponseBody().write(body);
      exchange.getResponseBody().flush();
    };
  }

  /** A listing; {@code rest} goes after the contents, inside the document. */
  static Answer listing(String rest, String... keys) {
    StringBuilder xml =
        new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult>");
    for (String key : keys) {
      xml.append("<Contents><Key>")
          .append(key)
          .append("</Key><Size>100</Size><ETag>&quot;e&quot;</ETag>")
          .append("<LastModified>2026-11-20T18:32:03.000Z</LastModified></Contents>");
    }
    byte[] body =
        xml.append(rest).append("</ListBucketResult>").toString().getBytes(StandardCharsets.UTF_8);
    return exchange -> {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    };
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
