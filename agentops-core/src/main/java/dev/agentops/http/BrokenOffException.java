package dev.agentops.http;

import dev.langchain4j.exception.NonRetriableException;

/**
 * The exchange of a call was broken off. LangChain4j does not try again; the caller gets the reason
 * in its place.
 */
final class BrokenOffException extends NonRetriableException {

  private static final long serialVersionUID = 1L;

  BrokenOffException() {
    super("the request was broken off");
  }
}
