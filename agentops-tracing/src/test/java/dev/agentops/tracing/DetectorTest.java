package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetectorTest {

  private static final Redactor ALL = Redactor.standard();

  /** The literals are taken apart, so that no scanner of repositories takes them for real. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "sk-~abcdefghijklmnopqrst1234567890",
        "sk-~proj-AbCd_efGH-1234567890abcdefgh",
        "sk-~ant-api03-abcdEFGH1234-_abcdEFGH1234",
        "AKIA~IOSFODNN7EXAMPLE",
        "AIza~SyA1234567890abcdefghijklmnopqrstuv",
        "ghp_~abcdefghijklmnopqrstuvwxyz0123456789",
        "github_pat_~11ABCDEFG0abcdefghijkl_mnopqrstuvwx",
        "glpat-~abcdefghij1234567890",
        "xoxb~-123456789012-abcdefGHIJKL",
        "sk_live_~abcdefghijklmnop1234",
        "rk_test_~abcdefghijklmnop1234",
        "hf_~abcdefghijklmnopqrstuvwxyzABCDEFGH",
        "eyJhbGciOiJIUzI1NiJ9.~eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "https://hooks.slack.com/services/~T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "https://discord.com/api/webhooks/~123456789012345678/AbCdEf-0123456789AbCdEf",
        "tvly-~dev-AbCdEf0123456789AbCdEf0123456789",
        "lsv2_~pt_0123456789abcdef0123456789abcdef_0123456789",
        "nvapi-~AbCdEf0123456789AbCdEf0123456789AbCdEf0123456789",
        "r8_~AbCdEf0123456789AbCdEf0123456789AbCdE",
        "123456789:~AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0",
      })
  void secrets_knownKeys_areFoundAnywhere(String parts) {
    String key = parts.replace("~", "");
    String secret = key.startsWith("https://") ? key.substring(8) : key;
    for (String text :
        new String[] {
          key,
          "use " + key + " now",
          "(" + key + ")",
          "k='" + key + "';",
          "a\n" + key + ".",
          "→" + key
        }) {
      assertThat(clean(text)).as(text).doesNotContain(secret).contains("[REDACTED:secret]");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "password=hunter2 | password=[REDACTED:secret]",
        "password = \"hunter two\"; | password = \"[REDACTED:secret]\";",
        "the api key: a1b2c3d4e5 is | the api key: [REDACTED:secret] is",
        "DB_PASSWORD='x' | DB_PASSWORD='[REDACTED:secret]'",
        "https://a.b/c?api_key=abc123&q=1 | https://a.b/c?api_key=[REDACTED:secret]&q=1",
        "postgres://joe:s3cr3t@db:5432/x | postgres://[REDACTED:secret]@db:5432/x",
        "Authorization: Bearer abcdefgh1234 | Authorization: [REDACTED:secret]",
        "Authorization: Basic am9lOnB3 | Authorization: [REDACTED:secret]",
        "curl -H 'X-Api-Key: a1b2c3d4e5' | curl -H 'X-Api-Key: [REDACTED:secret]'",
        "sent Bearer abCD1234efgh to it | sent Bearer [REDACTED:secret] to it",
        "'{\\\"client_secret\\\": \\\"abc\\\"}' | '{\\\"client_secret\\\": \\\"[REDACTED:secret]\\\"}'",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY | aws_secret_access_key = [REDACTED:secret]",
        "'-----BEGIN RSA PRIVATE KEY----- MIIB/x+1== -----END RSA PRIVATE KEY----- ok' | '[REDACTED:secret] ok'",
        "-----BEGIN PRIVATE KEY-----MIIBcut | [REDACTED:secret]",
        "Authorization: Token 9944b09199c62bcf9418 | Authorization: [REDACTED:secret]",
        "Authorization: ApiKey dGhpc2lzYXNlY3JldGtleQ | Authorization: [REDACTED:secret]",
        "Authorization: AWS4-HMAC-SHA256 Credential=A/b/aws4_request, Signature=5d672d79 | Authorization: [REDACTED:secret]",
        "Authorization: Digest username=\"joe\", response=\"6629fae4\" | Authorization: [REDACTED:secret]",
        "curl -H \"Authorization: Token 9944b09\" https://a.b | curl -H \"Authorization: [REDACTED:secret]\" https://a.b",
        "Cookie: theme=dark; sessionid=38afes7a; csrf=xyz12345 | Cookie: [REDACTED:secret]",
        "curl -H 'Cookie: a=1; b=2' https://a.b | curl -H 'Cookie: [REDACTED:secret]' https://a.b",
        "DB_PASSWORD=Tr0ub&dor,3)x | DB_PASSWORD=[REDACTED:secret]",
        "password=ab;cd<ef next | password=[REDACTED:secret] next",
        "password=a&b&user=joe | password=[REDACTED:secret]&user=joe",
        "Server=db;Password=ab;c;Initial Catalog=x | Server=db;Password=[REDACTED:secret];Initial Catalog=x",
        "Login[user=joe, password=ab)c, age=4] | Login[user=joe, password=[REDACTED:secret], age=4]",
        "(password=hunter2) | (password=[REDACTED:secret])",
        "password = SecretStr(\"hunter2\") | password = SecretStr(\"[REDACTED:secret]\")",
        "password = b\"hunter2\" | password = b\"[REDACTED:secret]\"",
        "so \"password\": \"abc\\\"def\", next | so \"password\": \"[REDACTED:secret]\", next",
        "so \"password\": \"abc\\\\\", \"a\": 1 | so \"password\": \"[REDACTED:secret]\", \"a\": 1",
        "so {\\\"password\\\": \\\"ab\\\\\\\"c\\\", 1 | so {\\\"password\\\": \\\"[REDACTED:secret]\\\", 1",
        "so \"passwords\": [\"a1\", \"b2\",\"c\"], \"d\" | so \"passwords\": [\"[REDACTED:secret]\", \"[REDACTED:secret]\",\"[REDACTED:secret]\"], \"d\"",
        "passphrase: correct horse battery staple | passphrase: [REDACTED:secret]",
        "mysql --user root --password S3cr3tPw99 db | mysql --user root --password [REDACTED:secret] db",
        "deploy --token 9f8e7d6c5b4a | deploy --token [REDACTED:secret]",
        "curl -u admin:S3cr3tPw99 https://a.b | curl -u [REDACTED:secret] https://a.b",
        "<a:password x=\"1\">S3cr3t</a:password> | <a:password x=\"1\">[REDACTED:secret]</a:password>",
        "<secret><![CDATA[a<b]]></secret> | <secret><![CDATA[[REDACTED:secret]]]></secret>",
        "https://x.blob.core/c?sv=2020&sig=AbC%2F12&se=1 | https://x.blob.core/c?sv=2020&sig=[REDACTED:secret]&se=1",
        "{\"passwords\":[\"ab\",\"cd\"]} | {\"passwords\":[\"[REDACTED:secret]\",\"[REDACTED:secret]\"]}",
        "{\"secrets\":{\"db\":\"ab\"}} | {\"secrets\":{\"db\":\"[REDACTED:secret]\"}}",
        "{\"api_keys\":[\"9f8e7d6c\"]} | {\"api_keys\":[\"[REDACTED:secret]\"]}",
        "{\"name\":\"Authorization\",\"value\":\"Token ab\"} | {\"name\":\"Authorization\",\"value\":\"[REDACTED:secret]\"}",
        "[{\"key\":\"DB_PASSWORD\",\"value\":\"ab\"},{\"name\":\"a\",\"value\":\"b\"}] | [{\"key\":\"DB_PASSWORD\",\"value\":\"[REDACTED:secret]\"},{\"name\":\"a\",\"value\":\"b\"}]",
        "My card is 4111111111111111 12/27 123 | My card is [REDACTED:card] 12/27 123",
        "card 4111 1111 1111 1111 12/27 cvc 123 | card [REDACTED:card] 12/27 cvc 123",
        "4111-1111-1111-1111 10 EUR | [REDACTED:card] 10 EUR",
        "4111111111111111 5500005555555559 | [REDACTED:card] [REDACTED:card]",
        "4111 1111 1111 1111 5500 0055 5555 5559 | [REDACTED:card] [REDACTED:card]",
        "Order 2 4111111111111111 please | Order 2 [REDACTED:card] please",
        "Order 12-3782 822463 10005-7 | Order 12-[REDACTED:card]-7",
        "17,4111111111111111,12/27,123 | 17,[REDACTED:card],12/27,123",
      })
  void secrets_inContext_areFound(String dirty, String clean) {
    assertThat(clean(dirty)).isEqualTo(clean);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "email | jane@example.com",
        "email | jane.o'neill+tag@mail.example.co.uk",
        "email | jörg@müller.de",
        "email | jane%40example.com",
        "phone | +41 44 668 18 00",
        "phone | +14155550123",
        "phone | +1 (415) 555-0123",
        "phone | (415) 555-0123",
        "phone | 415-555-0123",
        "phone | 415.555.0123",
        "phone | 01 23 45 67 89",
        "phone | 020 7946 0958",
        "phone | 0171-1234567",
        "card | 4111111111111111",
        "card | 4111 1111 1111 1111",
        "card | 5555-5555-5555-4444",
        "card | 378282246310005",
        "card | 3782 822463 10005",
        "card | 6011111111111117",
        "card | 3530111333300000",
        "card | 30569309025904",
        "national_id | 123-45-6789",
        "national_id | AB 12 34 56 C",
        "national_id | 12345678Z",
        "national_id | X1234567L",
        "national_id | RSSMRA85T10A562S",
        "national_id | 2 55 08 14 168 025 38",
        "national_id | 529.982.247-25",
        "national_id | 11010519491231002X",
        "iban | DE89370400440532013000",
        "iban | GB29 NWBK 6016 1331 9268 19",
        "iban | fr1420041010050500013m02606",
        "iban | NO93 8601 1117 947",
        "ip | 10.1.2.3",
        "ip | 203.0.113.254",
        "ip | 2001:db8:85a3::8a2e:370:7334",
        "ip | 2001:0db8:85a3:0000:0000:8a2e:0370:7334",
        "ip | fe80::1",
        "ip | ::ffff:192.168.1.77",
      })
  void detectors_whatIsPrivate_isFoundInProse(String id, String value) {
    String mark = "[REDACTED:" + id + "]";
    assertThat(clean(value)).isEqualTo(mark);
    assertThat(clean("It is " + value + ", he said.")).isEqualTo("It is " + mark + ", he said.");
    assertThat(clean("(" + value + ")")).isEqualTo("(" + mark + ")");
    assertThat(clean("ends with " + value + ".")).isEqualTo("ends with " + mark + ".");
    assertThat(clean("{\"a\":\"" + value + "\"}")).isEqualTo("{\"a\":\"" + mark + "\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://10.1.2.3:8080/x | http://[REDACTED:ip]:8080/x",
        "mailto:jane@example.com?x | mailto:[REDACTED:email]?x",
        "tel:+14155550123 | tel:[REDACTED:phone]",
        "Phone: 4155550123 or mail | Phone: [REDACTED:phone] or mail",
        "SSN: 123 45 6789. | SSN: [REDACTED:national_id].",
        "'connect to /10.1.2.3:443' | 'connect to /[REDACTED:ip]:443'",
      })
  void detectors_inContext_leaveTheRest(String dirty, String clean) {
    assertThat(clean(dirty)).isEqualTo(clean);
  }

  /** What agents, models and machines write all day. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "The meeting is at 10:30 on 2024-01-15, room 12.",
        "order 1234567890123 was shipped",
        "order 4155550123 of customer 20240115",
        "invoice INV-2024-000123, total 1,234,567.89 USD",
        "0af7651916cd43dd8448eb211c80319c",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "12345678901234567890123456789012",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "12345678-1234-4234-8234-123456789012",
        "2024-01-15T10:30:00.123456789Z",
        "2024-01-15T10:30:00+01:00 and 20240115T103000Z",
        "15/01/2024 10:30, 01-15-2024 10:30:00",
        "1700000000 1700000000123 1700000000123456789",
        "gpt-4-0613 gpt-4o-2024-08-06 o3-mini-2025-01-31",
        "claude-sonnet-4-5-20250929",
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "accounts/fireworks/models/llama-v3p1-405b-instruct",
        "0.00008385",
        "0.1234567890123456 3.141592653589793 1e-10",
        "version 1.2.3.4, v1.2.3.4, lib-1.2.3.4.jar, 2.0.1-rc1, 10.4.2.1-SNAPSHOT",
        "Mozilla/5.0 (X11; Linux x86_64) Chrome/119.0.0.0 Safari/537.36",
        "127.0.0.1:8080 and localhost and ::1",
        "std::vector<int> a::b java.lang.Object@6d06d69c @Override @types/node",
        "aa:bb:cc:dd:ee:ff",
        "call_abc123DEF456ghi789JKL012 chatcmpl-9zQxYw1a2b3c4d5e6f7g8h9",
        "toolu_01A09q90qw90lq917835lq9 msg_01XFDUDYJgAACzvnptvVoYEL",
        "task-based-approach sk-learn-style-names-for-everything-here",
        "The token: a piece of a word. Tokens: 512, max_tokens=4096, total_tokens: 123456",
        "Basic understanding of bearer instruments, basic misunderstandings",
        "How do I reset a password? The secret is out; this key is useful.",
        "Rows 256 512 1024, sizes 128 64 2048, 100 200 300 400",
        "width=1024 height=768 ratio: 16:9",
        "ISBN 978-3-16-148410-0, EAN 4006381333931",
        "a 1:2:3 score of 7 - 5, 2 + 2 = 4, 50% off, #4155550123",
        "f(x) = x^2; for (int i = 0; i < 10; i++) { sum += a[i]; }",
        "commit 041104f3c0ffee0123456789abcdef0123456789",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.model",
        "{\"next_page_token\":\"abcdef123456\",\"token\":\"Hello\",\"tokens\":12345678}",
        "{\"logprob\":-0.00012345678,\"timestamp\":1700000000123,\"id\":42}",
        "{\"pwd\":\"/home/user/project\"} OLDPWD=/tmp pwd: C:\\Users\\me",
        "{\"pwd\":\"/home/user/project\",\"token\":\"Amsterdam\",\"cursor_token\":\"abcdefg1\"}",
        "Forgot your password: click the link below. The secret: be kind to others",
        "Password: required field, passphrase: optional, credentials: see the vault",
        "Do you keep a secret? Secret: yes. authorization: required",
        "Cookie: chocolate chip, 200 g flour",
        "password = getpass()",
        "String password = request.getPassword(); if (password == null) return;",
        "password = os.environ[\"DB_PASSWORD\"]",
        "Use the --password option, or --token when it is there; <password/> is empty",
        "docker run -u 1000:1000 image",
        "{\"name\":\"city\",\"value\":\"Bern\"}",
        "upgraded from 2.10.0.1 to 2.10.0.2, versions 1.2.3.4, 1.2.3.5 and 1.2.3.6",
        "section 3.1.4.2 of the manual, § 3.1.4.2, v1.2.3.4",
        "git clone git@github.com:acme/repo.git; npm i react@18.2.0",
        "sk-learn-style-guide-for-2024-users",
        "Basic English1 course, basic training2024, Bearer authentication",
        "x = +10000000, delta +12345678 bytes, +1234567890123 rows",
        "order 0123-456789, 0123-4567 part number",
        "passwordless login, secret=none",
        "0.4111111111111111 4111111111111112 4111 1111 1111 11111",
        "aW50ZXJuYXRpb25hbGl6YXRpb24 internationalization-of-things",
        "Der Preis beträgt 1.299,00 €, das sind 12.345.678 Stück.",
      })
  void detectors_whatIsNotPrivate_survives(String text) {
    assertThat(clean(text)).isEqualTo(text);
  }

  @Test
  void secrets_valueInTheNextLine_isFound() {
    assertThat(clean("password:\n  S3cr3tPw99\nuser: joe"))
        .isEqualTo("password:\n  [REDACTED:secret]\nuser: joe");
    assertThat(clean("password: |\n  S3cr3tPw99\n"))
        .isEqualTo("password: |\n  [REDACTED:secret]\n");
    assertThat(clean("Authorization: Token abc\nHost: a.b\nCookie: a=1; b=2\nAccept: x"))
        .isEqualTo(
            "Authorization: [REDACTED:secret]\nHost: a.b\nCookie: [REDACTED:secret]\nAccept: x");
  }

  @Test
  void secrets_nameAndValueOfAMap_areOfOnePair() {
    Map<String, Object> pair = new LinkedHashMap<>();
    pair.put("value", "hunter2");
    pair.put("name", "DB_PASSWORD");
    Span clean = ALL.redact(RedactorTest.span().input(pair).build());

    assertThat(clean.input())
        .isEqualTo(Map.of("value", "[REDACTED:secret]", "name", "DB_PASSWORD"));
  }

  /** What was not looked at again for each name before it. */
  @Test
  void nextDigit_fromManyPlaces_looksAtEachCharacterOnce() {
    String text = "token:".repeat(10_000);
    AtomicInteger looks = new AtomicInteger();
    NextDigit digits = new NextDigit(counting(text, looks));

    for (int i = 0; i < text.length(); i += 6) {
      assertThat(digits.from(i)).isEqualTo(text.length());
    }

    assertThat(looks).hasValueLessThanOrEqualTo(text.length());
    assertThat(new NextDigit("ab1c2").from(3)).isEqualTo(4);
  }

  private static CharSequence counting(String text, AtomicInteger looks) {
    return new CharSequence() {
      @Override
      public int length() {
        return text.length();
      }

      @Override
      public char charAt(int index) {
        looks.incrementAndGet();
        return text.charAt(index);
      }

      @Override
      public CharSequence subSequence(int start, int end) {
        return counting(text.substring(start, end), looks);
      }
    };
  }

  private static String clean(String text) {
    return (String) ALL.redact(RedactorTest.span().input(text).build()).input();
  }
}
