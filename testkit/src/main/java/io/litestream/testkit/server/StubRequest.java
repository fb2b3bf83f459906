package io.litestream.testkit.server;

/**
 * A request that an {@link S3Stub} has answered.
 *
 * @param target key and range of a GET or HEAD, prefix and place of a LIST
 * @param status HTTP
 * @param bytes of an object that were sent
 * @param depth see {@link S3Stub#depth}
 */
public record StubRequest(Request.Kind kind, String target, int status, long bytes, int depth) {}
