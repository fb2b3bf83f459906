import java.security.Provider;
import java.security.SecureRandomSpi;
import java.security.Security;
import java.util.Random;

/**
 * The smoke test under wine, where the JDK's random numbers take their seed from the network
 * interfaces, by a call that wine 8 does not have and that ends the process.
 */
public final class UnderWine {

  private UnderWine() {}

  public static void main(String[] args) throws Exception {
    Security.insertProviderAt(new NotRandom(), 1);
    Smoke.main(args);
  }

  /** Good enough for names of files, which is all that the smoke test needs. */
  private static final class NotRandom extends Provider {
    private static final long serialVersionUID = 1;

    NotRandom() {
      super("NotRandom", "1", "java.util.Random, for tests");
      put("SecureRandom.NotRandom", Spi.class.getName());
    }
  }

  /** Called by the JDK. */
  public static final class Spi extends SecureRandomSpi {
    private static final long serialVersionUID = 1;

    private final Random random = new Random();

    @Override
    protected void engineSetSeed(byte[] seed) {}

    @Override
    protected void engineNextBytes(byte[] bytes) {
      random.nextBytes(bytes);
    }

    @Override
    protected byte[] engineGenerateSeed(int bytes) {
      byte[] seed = new byte[bytes];
      random.nextBytes(seed);
      return seed;
    }
  }
}
