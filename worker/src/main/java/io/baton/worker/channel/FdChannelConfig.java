package io.baton.worker.channel;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.socket.SocketChannelConfig;

/**
 * Says to Netty that half closure is on, which it asks of a {@link SocketChannelConfig} only: else
 * a client's FIN closes the channel and what was still to be sent is lost.
 *
 * <p>The socket's own options are set on the listener, which its connections inherit; here they can
 * be neither read nor set, since not every family has them. SO_LINGER in particular stays unset.
 */
public final class FdChannelConfig extends EpollChannelConfig implements SocketChannelConfig {

  FdChannelConfig(FdChannel channel, ReadSizes sizes) {
    super(channel, sizes);
  }

  @Override
  public boolean isAllowHalfClosure() {
    return true;
  }

  @Override
  public FdChannelConfig setAllowHalfClosure(boolean allowHalfClosure) {
    throw inherited();
  }

  @Override
  public boolean isTcpNoDelay() {
    throw inherited();
  }

  @Override
  public FdChannelConfig setTcpNoDelay(boolean tcpNoDelay) {
    throw inherited();
  }

  @Override
  public int getSoLinger() {
    return -1;
  }

  @Override
  public FdChannelConfig setSoLinger(int soLinger) {
    throw inherited();
  }

  @Override
  public int getSendBufferSize() {
    throw inherited();
  }

  @Override
  public FdChannelConfig setSendBufferSize(int sendBufferSize) {
    throw inherited();
  }

  @Override
  public int getReceiveBufferSize() {
    throw inherited();
  }

  @Override
  public FdChannelConfig setReceiveBufferSize(int receiveBufferSize) {
    throw inherited();
  }

  @Override
  public boolean isKeepAlive() {
    throw inherited();
  }

  @Override
  public FdChannelConfig setKeepAlive(boolean keepAlive) {
    throw inherited();
  }

  @Override
  public int getTrafficClass() {
    throw inherited();
  }

  @Override
  public FdChannelConfig setTrafficClass(int trafficClass) {
    throw inherited();
  }

  @Override
  public boolean isReuseAddress() {
    throw inherited();
  }

  @Override
  public FdChannelConfig setReuseAddress(boolean reuseAddress) {
    throw inherited();
  }

  @Override
  public FdChannelConfig setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
    throw inherited();
  }

  @Override
  public FdChannelConfig setConnectTimeoutMillis(int connectTimeoutMillis) {
    super.setConnectTimeoutMillis(connectTimeoutMillis);
    return this;
  }

  @Override
  @Deprecated // in both parents, which differ in their return types
  public FdChannelConfig setMaxMessagesPerRead(int maxMessagesPerRead) {
    super.setMaxMessagesPerRead(maxMessagesPerRead);
    return this;
  }

  @Override
  public FdChannelConfig setWriteSpinCount(int writeSpinCount) {
    super.setWriteSpinCount(writeSpinCount);
    return this;
  }

  @Override
  public FdChannelConfig setAllocator(ByteBufAllocator allocator) {
    super.setAllocator(allocator);
    return this;
  }

  @Override
  public FdChannelConfig setRecvByteBufAllocator(RecvByteBufAllocator allocator) {
    super.setRecvByteBufAllocator(allocator);
    return this;
  }

  @Override
  public FdChannelConfig setAutoRead(boolean autoRead) {
    super.setAutoRead(autoRead);
    return this;
  }

  @Override
  public FdChannelConfig setAutoClose(boolean autoClose) {
    super.setAutoClose(autoClose);
    return this;
  }

  @Override
  public FdChannelConfig setMessageSizeEstimator(MessageSizeEstimator estimator) {
    super.setMessageSizeEstimator(estimator);
    return this;
  }

  @Override
  public FdChannelConfig setWriteBufferWaterMark(WriteBufferWaterMark writeBufferWaterMark) {
    super.setWriteBufferWaterMark(writeBufferWaterMark);
    return this;
  }

  private static UnsupportedOperationException inherited() {
    return new UnsupportedOperationException("socket options are inherited from the listener");
  }
}
