package dev.agentops.tracing;

import java.util.List;
import java.util.Locale;

/** What the name of a field tells about its value. */
enum SensitiveName {
  /** The value is secret, however short. */
  PASSWORD(
      List.of(
          "password",
          "passwd",
          "pwd",
          "passphrase",
          "passcode",
          "secret",
          "secretkey",
          "privatekey",
          "authorization",
          "cookie",
          "credential",
          "credentials",
          "cvv",
          "cvc")),
  /** The value is secret if it is long enough to be. */
  TOKEN(
      List.of(
          "apikey",
          "accesskey",
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

  private final List<String> ends;

  SensitiveName(List<String> ends) {
    this.ends = ends;
  }

  /** The meaning of names such as {@code api_key}, {@code dbPassword} and {@code X-Auth-Token}. */
  static SensitiveName of(String name) {
    String compact = compact(name);
    for (SensitiveName meaning : values()) {
      boolean wholeName = meaning == PHONE || meaning == NATIONAL_ID;
      for (String end : meaning.ends) {
        if (wholeName && end.length() < 5 ? compact.equals(end) : compact.endsWith(end)) {
          return meaning == TOKEN && PLAIN_TOKENS.stream().anyMatch(compact::endsWith)
              ? OTHER
              : meaning;
        }
      }
    }
    return OTHER;
  }

  boolean isSecret() {
    return this == PASSWORD || this == TOKEN;
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
