/** The demo: one query at several instants of a replica's history, and what it costs. */
@NullMarked
package io.litestream.demo;

import org.jspecify.annotations.NullMarked;
