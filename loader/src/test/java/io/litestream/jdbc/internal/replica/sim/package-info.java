/**
 * A deterministic simulator of the control plane together with the C core: a model primary takes
 * steps between any two store calls of several readers, under faults, and every transaction is
 * compared with the states that the primary made. One seed is one run.
 */
@NullMarked
package io.litestream.jdbc.internal.replica.sim;

import org.jspecify.annotations.NullMarked;
