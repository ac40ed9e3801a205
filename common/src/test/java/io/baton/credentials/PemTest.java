package io.baton.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {
  private static final String BLOCK = "-----BEGIN THING-----\nAAEC\n-----END THING-----\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-----BEGIN THING-----\nAAEC\n-----END THING-----",
        "-----BEGIN THING-----\r\nAA\r\nEC\r\n-----END THING-----\r\n",
        "-----BEGIN THING-----\n\n AA\n\tEC \n\n-----END THING-----\n",
        "Subject: CN = - a thing -\n-----BEGIN THING-----\nAAEC\n-----END THING-----\nthat was it",
        "\u00ef\u00bb\u00bf-----BEGIN THING-----AAEC-----END THING-----"
      })
  void linesAreOfAnyFormAndTextAroundABlockIsPassedOver(String text) {
    assertThat(parse(text)).singleElement().satisfies(PemTest::isTheThing);
  }

  private static void isTheThing(Pem pem) {
    assertThat(pem.label()).isEqualTo("THING");
    assertThat(pem.content()).containsExactly(0, 1, 2);
    assertThat(pem.isEncrypted()).isFalse();
  }

  @Test
  void blocksComeInTheirOrder() {
    assertThat(parse(BLOCK + "between\n" + BLOCK.replace("THING", "OTHER THING") + BLOCK))
        .extracting(Pem::label)
        .containsExactly("THING", "OTHER THING", "THING");
    assertThat(parse("")).isEmpty();
    assertThat(parse("no block at all")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-----BEGIN THING-----",
        "-----BEGIN THING-----\nAAEC\n",
        "-----BEGIN THING-----\nAAEC\n-----END THIN",
        "-----BEGIN THING-----\nAAEC\n-----END OTHER-----\n",
        "-----BEGIN THING-----\nAA\n-----BEGIN THING-----\nAAEC\n-----END THING-----\n"
      })
  void aBlockWithoutItsEndIsRefusedAlsoBehindOthers(String text) {
    assertThatThrownBy(() -> parse(BLOCK + text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a block THING without its END line");
  }

  @ParameterizedTest
  @ValueSource(strings = {"AA*C", "A", "AAE=C", "AAEC=", "\u00e4AEC"})
  void aContentThatIsNotInBase64IsRefusedWhenItIsAskedFor(String content) {
    Pem pem = parse(BLOCK.replace("AAEC", content)).getFirst();
    assertThatThrownBy(pem::content)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a block THING that is not in base64");
  }

  @ParameterizedTest
  @CsvSource({
    "ec-encrypted.key, ENCRYPTED PRIVATE KEY, true",
    "rsa-encrypted.key, RSA PRIVATE KEY, true",
    "rsa-pkcs1.key, RSA PRIVATE KEY, false",
    "ec.key, PRIVATE KEY, false"
  })
  void aKeyWithAPassphraseIsKnown(String file, String label, boolean encrypted) {
    assertThat(parse(TestFiles.text(file)))
        .singleElement()
        .satisfies(pem -> {
          assertThat(pem.label()).isEqualTo(label);
          assertThat(pem.isEncrypted()).isEqualTo(encrypted);
        });
  }

  @Test
  void itsTextShowsNoContent() {
    assertThat(parse(BLOCK)).singleElement().hasToString("THING");
  }

  private static List<Pem> parse(String text) {
    return Pem.parse(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
