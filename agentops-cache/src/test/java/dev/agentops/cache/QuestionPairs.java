package dev.agentops.cache;

import dev.agentops.cache.wording.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** This project's own question pairs: kinds, labels, English and Chinese. */
final class QuestionPairs {

  private static final Pattern CELL = Pattern.compile("\"((?:[^\"]|\"\")*)\"|([^,]+)");

  private QuestionPairs() {}

  static List<QuestionPair> all() {
    try {
      Path file =
          Path.of(
              Objects.requireNonNull(QuestionPairs.class.getResource("question-pairs.csv"))
                  .toURI());
      List<String> lines = Files.readAllLines(file);
      return lines.subList(1, lines.size()).stream().map(QuestionPairs::pair).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static boolean isChinese(QuestionPair pair) {
    return Script.of(pair.stored()) == Script.HAN;
  }

  private static QuestionPair pair(String line) {
    List<String> cells = new ArrayList<>();
    Matcher matcher = CELL.matcher(line);
    while (matcher.find()) {
      String quoted = matcher.group(1);
      cells.add(quoted == null ? matcher.group(2) : quoted.replace("\"\"", "\""));
    }
    return cells.get(1).equals("1")
        ? QuestionPair.same(cells.get(0), cells.get(2), cells.get(3))
        : QuestionPair.different(cells.get(0), cells.get(2), cells.get(3));
  }
}
