/**
 * A deterministic model of a Litestream primary and its replica, page by page, that remembers every
 * state there ever was: the oracle of simulations.
 */
@NullMarked
package io.litestream.testkit.model;

import org.jspecify.annotations.NullMarked;
