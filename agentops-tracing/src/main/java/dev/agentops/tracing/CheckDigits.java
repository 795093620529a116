package dev.agentops.tracing;

/** The checksums of cards, accounts and personal numbers. */
final class CheckDigits {

  private static final String DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE";
  private static final int[] CODICE_ODD = {
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23
  };
  private static final int[] CHINA_WEIGHTS = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};

  private CheckDigits() {}

  static boolean luhn(String digits) {
    int sum = 0;
    boolean twice = false;
    for (int i = digits.length() - 1; i >= 0; i--) {
      int digit = digits.charAt(i) - '0';
      sum += twice ? digit > 4 ? 2 * digit - 9 : 2 * digit : digit;
      twice = !twice;
    }
    return sum % 10 == 0;
  }

  /** Of upper-case letters and digits, the first four of which belong to the end. */
  static boolean mod97(CharSequence iban) {
    int rest = 0;
    for (int i = 0; i < iban.length(); i++) {
      char c = iban.charAt((i + 4) % iban.length());
      rest = Characters.isDigit(c) ? (rest * 10 + c - '0') % 97 : (rest * 100 + c - 'A' + 10) % 97;
    }
    return rest == 1;
  }

  /** Spain: eight digits, or seven after X, Y or Z, and a letter. */
  static boolean dni(String number) {
    int first = "XYZ".indexOf(number.charAt(0));
    String digits = (first < 0 ? number.substring(0, 1) : first) + number.substring(1, 8);
    return DNI_LETTERS.charAt(Integer.parseInt(digits) % 23) == number.charAt(8);
  }

  /** Italy: sixteen upper-case letters and digits, the last of which is the check letter. */
  static boolean codiceFiscale(String code) {
    int sum = 0;
    for (int i = 0; i < 15; i++) {
      char c = code.charAt(i);
      int value = Characters.isDigit(c) ? c - '0' : c - 'A';
      sum += i % 2 == 0 ? CODICE_ODD[value] : value;
    }
    return code.charAt(15) == 'A' + sum % 26;
  }

  /** France: thirteen digits, in Corsica with 2A or 2B among them, and a key of two. */
  static boolean nir(String number) {
    long digits = Long.parseLong(number.substring(0, 13).replace("2A", "19").replace("2B", "18"));
    return 97 - digits % 97 == Long.parseLong(number.substring(13));
  }

  /** Brazil: eleven digits, two of them for the check. */
  static boolean cpf(String digits) {
    return digits.chars().distinct().count() > 1
        && cpfDigit(digits, 9) == digits.charAt(9) - '0'
        && cpfDigit(digits, 10) == digits.charAt(10) - '0';
  }

  private static int cpfDigit(String digits, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += (digits.charAt(i) - '0') * (length + 1 - i);
    }
    return sum * 10 % 11 % 10;
  }

  /** China: seventeen digits, and one or an X for the check. */
  static boolean residentId(String number) {
    int sum = 0;
    for (int i = 0; i < 17; i++) {
      sum += (number.charAt(i) - '0') * CHINA_WEIGHTS[i];
    }
    return "10X98765432".charAt(sum % 11) == Character.toUpperCase(number.charAt(17));
  }
}
