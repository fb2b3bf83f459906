/**
 * Which files make a state, what to ask the store next, and what to publish.
 *
 * <p>Everything here takes its clock, its executor and its store as parameters and reads no global,
 * so that a simulator can drive it through every interleaving with compaction, retention and
 * faults, from a seed. {@link io.litestream.jdbc.internal.replica.Replicas} alone knows the
 * process.
 */
@NullMarked
package io.litestream.jdbc.internal.replica;

import org.jspecify.annotations.NullMarked;
