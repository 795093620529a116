package dev.agentops.cache;

/**
 * A text as a point among texts of its script.
 *
 * @param space which model made it; only vectors of one space can be compared
 * @param values of length one; not copied
 */
record SemanticVector(String space, float[] values) {

  /**
   * Names what it can be compared with: two models of one name, such as two versions, may make
   * vectors of different lengths.
   */
  String kind() {
    return space + '/' + values.length;
  }
}
