package dev.agentops.cache;

/** An answered question as it lies in a store. */
record StoredQuestion<V>(
    SemanticPartition partition, String text, SemanticVector vector, V value) {}
