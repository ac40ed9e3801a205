package io.baton.credentials;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.EllipticCurve;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The kinds of keys that a server's certificate may have. */
final class PublicKeys {
  static final String ALLOWED = "RSA of at least 2048 bits, or EC on P-256, P-384 or P-521";

  private static final int LEAST_RSA_BITS = 2048;

  private static final List<EllipticCurve> CURVES =
      List.of(curve("secp256r1"), curve("secp384r1"), curve("secp521r1"));

  private PublicKeys() {}

  private static EllipticCurve curve(String name) {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec(name));
      return parameters.getParameterSpec(ECParameterSpec.class).getCurve();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks " + name, e);
    }
  }

  /** Returns a text that says what is wrong with the kind of this key; null if nothing is. */
  static @Nullable String complaint(PublicKey key) {
    if (key instanceof RSAPublicKey rsa && rsa.getAlgorithm().equals("RSA")) {
      int bits = rsa.getModulus().bitLength();
      return bits < LEAST_RSA_BITS ? "an RSA key of " + bits + " bits" : null;
    }
    if (key instanceof ECPublicKey ec) {
      return CURVES.contains(ec.getParams().getCurve()) ? null : "an EC key on another curve";
    }
    return key.getAlgorithm().equals("EC") // of a curve that the JDK does not know
        ? "an EC key on another curve"
        : "a key of another kind: " + key.getAlgorithm();
  }
}
