package io.litestream.testkit.server;

/**
 * A request that was answered.
 *
 * @param target of an {@link S3Stub} key and range of a GET or HEAD, prefix and place of a LIST; of
 *     a {@link FaultProxy} what was sent, and the range
 * @param status HTTP
 * @param bytes of an object that the answer has
 * @param depth see {@link Meter#depth}
 */
public record Answered(Request.Kind kind, String target, int status, long bytes, int depth) {}
