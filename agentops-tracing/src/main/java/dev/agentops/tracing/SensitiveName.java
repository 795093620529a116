package dev.agentops.tracing;

import java.util.List;
import java.util.Locale;

/** What the name of a field tells about its value. */
enum SensitiveName {
  /** What shells call the directory they are in, and others a password. */
  DIRECTORY(List.of("pwd", "oldpwd")),
  /** The value is secret, to the end of its line. */
  AUTHORIZATION(List.of("authorization")),
  /** The value is secret, to the end of its line, where it is one of HTTP. */
  COOKIE(List.of("cookie", "cookies")),
  /** The value is secret, and of several words. */
  PHRASE(List.of("passphrase", "seedphrase", "recoveryphrase")),
  /** The value is secret, however short. */
  PASSWORD(
      List.of(
          "password",
          "passwords",
          "passwd",
          "pwd",
          "passcode",
          "secret",
          "secrets",
          "secretkey",
          "secretkeys",
          "privatekey",
          "privatekeys",
          "credential",
          "credentials",
          "cvv",
          "cvc")),
  /** The value is secret if it is long enough to be, and no word: models call words so. */
  WORD_OR_TOKEN(List.of("token")),
  /** The value is secret if it is long enough to be. */
  TOKEN(
      List.of(
          "apikey",
          "apikeys",
          "accesskey",
          "accesskeys",
          "accountkey",
          "authkey",
          "sharedkey",
          "signingkey",
          "encryptionkey",
          "sessionkey",
          "token",
          "bearer")),
  PHONE(
      List.of(
          "phone",
          "phonenumber",
          "phoneno",
          "telephone",
          "tel",
          "mobile",
          "mobilenumber",
          "cell",
          "cellphone",
          "fax",
          "faxnumber",
          "msisdn",
          "whatsapp")),
  NATIONAL_ID(
      List.of(
          "ssn",
          "socialsecurity",
          "socialsecuritynumber",
          "nationalid",
          "nationalidnumber",
          "taxid",
          "nino",
          "cpf",
          "dni",
          "passportnumber")),
  OTHER(List.of());

  /**
   * Ends of names that say that a token is no secret: those of pages, and those of vocabularies.
   */
  private static final List<String> PLAIN_TOKENS =
      List.of(
          "pagetoken",
          "continuationtoken",
          "cursortoken",
          "synctoken",
          "nexttoken",
          "eostoken",
          "bostoken",
          "padtoken",
          "stoptoken",
          "pertoken",
          "firsttoken",
          "lasttoken");

  private static final int LONGEST = 40;
  private static final int SHORTEST_TOKEN = 6;
  private static final int LONGEST_WORD = 15;
  private static final int LONGEST_PATH = 512;

  private final List<String> ends;

  SensitiveName(List<String> ends) {
    this.ends = ends;
  }

  /** The meaning of names such as {@code api_key}, {@code dbPassword} and {@code X-Auth-Token}. */
  static SensitiveName of(String name) {
    String compact = compact(name);
    for (SensitiveName meaning : values()) {
      for (String end : meaning.ends) {
        if (meaning.isWhole(end) ? compact.equals(end) : compact.endsWith(end)) {
          return meaning == TOKEN && PLAIN_TOKENS.stream().anyMatch(compact::endsWith)
              ? OTHER
              : meaning;
        }
      }
    }
    return OTHER;
  }

  boolean isSecret() {
    return this != OTHER && this != PHONE && this != NATIONAL_ID;
  }

  /** Whether this value, all of a field or in quotes, is secret under a name of this meaning. */
  boolean isSecret(String value) {
    return switch (this) {
      case AUTHORIZATION, COOKIE, PHRASE, PASSWORD -> true;
      case DIRECTORY -> !isPath(value);
      case TOKEN -> isToken(value);
      case WORD_OR_TOKEN -> isToken(value) && !isWord(value);
      case PHONE, NATIONAL_ID, OTHER -> false;
    };
  }

  /** Else it may be a word or a piece of one, as models call their tokens. */
  private static boolean isToken(String value) {
    return value.length() >= SHORTEST_TOKEN && value.indexOf(' ') < 0;
  }

  private static boolean isWord(String value) {
    return value.length() <= LONGEST_WORD && value.chars().allMatch(Character::isLetter);
  }

  private static boolean isPath(String value) {
    return value.length() <= LONGEST_PATH
        && (value.startsWith("/") || value.startsWith("~") || value.startsWith(":\\", 1))
        && value
            .chars()
            .allMatch(c -> Character.isLetterOrDigit(c) || "/\\:._-~ @+".indexOf(c) >= 0);
  }

  private boolean isWhole(String end) {
    return switch (this) {
      case DIRECTORY, WORD_OR_TOKEN -> true;
      case PHONE, NATIONAL_ID -> end.length() < 5;
      default -> false;
    };
  }

  private static String compact(String name) {
    StringBuilder compact = new StringBuilder(LONGEST);
    for (int i = Math.max(0, name.length() - 2 * LONGEST); i < name.length(); i++) {
      if (Characters.isAlphanumeric(name.charAt(i))) {
        compact.append(name.charAt(i));
      }
    }
    return compact.toString().toLowerCase(Locale.ROOT);
  }
}
