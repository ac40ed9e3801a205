package io.baton.worker.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubjectsTest {
  @ParameterizedTest
  @CsvSource({
    "chat~room/one, prod.t.chat.room.one",
    "chat~a, prod.t.chat.a",
    "chat~a//b/, prod.t.chat.a.%.b.%",
    "chat~a.b*>c d, prod.t.chat.a%2Eb%2A%3Ec%20d",
    "chat~50%, prod.t.chat.50%25",
    "my.module~ä, prod.t.my%2Emodule.%C3%A4"
  })
  void aTopicIsASubjectWhosePartsArePercentEncoded(String topic, String subject) {
    assertThat(new Subjects("prod").topic(topic.replace('~', '\0'))).isEqualTo(subject);
  }

  @Test
  void aWorkerIsNamedByItsMachineAndItsNumber() {
    assertThat(new Subjects("prod").worker(-1, 0x4000_0000_0000_00abL))
        .isEqualTo("prod.w.ffffffffffffffff.40000000000000ab");
  }
}
