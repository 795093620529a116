/**
 * An OpenAI-compatible endpoint that runs inside the process, so that the examples need no API key.
 *
 * <p>{@link dev.agentops.examples.llm.LocalLlm} is the way in. It speaks the real wire protocol
 * over real HTTP; behind it a small rule-based responder calls tools and answers from their
 * results, and fault knobs ({@link dev.agentops.examples.llm.Fault}) break it on demand.
 */
@NullMarked
package dev.agentops.examples.llm;

import org.jspecify.annotations.NullMarked;
