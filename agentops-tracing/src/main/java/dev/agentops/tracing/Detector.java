package dev.agentops.tracing;

import java.util.List;

/**
 * A kind of private data that a {@link Redactor} recognises by itself.
 *
 * <p>Detectors know the shape of what they look for and, where there are some, its check digits;
 * they are made to leave ordinary prose, ids, timestamps and version numbers alone.
 */
public enum Detector {
  /**
   * Keys and passwords: those with a known prefix (OpenAI, Anthropic, AWS, Google, GitHub, GitLab,
   * Slack, Stripe, Hugging Face and others), JSON web tokens, PEM private keys, {@code Bearer} and
   * {@code Basic} credentials, the user part and the signature of URLs, webhooks of Slack and
   * Discord, and what is given to a name such as {@code password} or {@code api_key}: in JSON, XML,
   * YAML, code, headers, options of a shell, and pairs of {@code name} and {@code value}.
   *
   * <p>The values of {@code Authorization} and {@code Cookie} go to the end of their line, a {@code
   * passphrase:} too. A secret in prose without such a name is found by its prefix only: not in "my
   * password is hunter2", nor the second half of a pair of AWS keys.
   */
  SECRETS("secret") {
    @Override
    List<TextRule> rules() {
      return SecretRules.ALL;
    }
  },
  /** International bank account numbers with the length of their country and a right checksum. */
  IBAN("iban") {
    @Override
    List<TextRule> rules() {
      return List.of(new IbanRule());
    }
  },
  /** Payment card numbers of the usual schemes with a right Luhn digit. */
  CARD("card") {
    @Override
    List<TextRule> rules() {
      return List.of(new CardRule());
    }
  },
  /**
   * Social security numbers of the US, national insurance numbers of the UK, and the personal
   * numbers of Brazil, China, France, Italy and Spain whose check digits are right.
   */
  NATIONAL_ID("national_id") {
    @Override
    List<TextRule> rules() {
      return NationalIdRules.ALL;
    }
  },
  /** E-mail addresses. */
  EMAIL("email") {
    @Override
    List<TextRule> rules() {
      return List.of(new EmailRule());
    }
  },
  /**
   * Telephone numbers in international form, in the usual forms of North America and Europe, or
   * beside a word such as {@code phone}; not bare digits, which may be any number. Five pairs of
   * digits from {@code 01} on, as in {@code 02 10 11 12 13}, are taken for a French number.
   */
  PHONE("phone") {
    @Override
    List<TextRule> rules() {
      return PhoneRules.ALL;
    }
  },
  /**
   * Addresses of IPv4 and IPv6, save those of the machine itself. Versions and sections of four
   * numbers look alike: they are left where a word before them says what they are.
   */
  IP("ip") {
    @Override
    List<TextRule> rules() {
      return List.of(new IpRule());
    }
  };

  private final String id;

  Detector(String id) {
    this.id = id;
  }

  /** The name in markers and counts, such as {@code email}. */
  public String id() {
    return id;
  }

  abstract List<TextRule> rules();
}
