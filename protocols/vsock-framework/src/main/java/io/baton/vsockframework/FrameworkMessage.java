package io.baton.vsockframework;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.DefaultByteBufHolder;
import io.netty.buffer.Unpooled;

/**
 * A message between the codec and a service: the number of its type and its body, which is on the
 * heap. Services of records ({@link RecordServices}) need not know it.
 */
public final class FrameworkMessage extends DefaultByteBufHolder {
  private final int type;

  /**
   * @param body may not be changed any more
   */
  public FrameworkMessage(int type, byte[] body) {
    super(Unpooled.wrappedBuffer(body));
    this.type = type;
  }

  /** Returns the number of its type. */
  public int type() {
    return type;
  }

  /** Returns a copy of the body. */
  public byte[] body() {
    return ByteBufUtil.getBytes(content());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FrameworkMessage message
        && message.type == type
        && super.equals(message);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + type;
  }

  @Override
  public String toString() {
    return "message of type %d with %d bytes".formatted(type, content().readableBytes());
  }
}
