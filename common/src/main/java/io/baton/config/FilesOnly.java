package io.baton.config;

import static java.util.Objects.requireNonNull;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import java.net.URL;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lets {@code include} name files, never a URL: a server starts without asking the network. */
record FilesOnly(@Nullable ConfigIncluder fallback) implements ConfigIncluder, ConfigIncluderURL {
  private static final Pattern URL_LIKE = Pattern.compile("^[a-zA-Z][a-zA-Z0-9+.-]*:");

  @Override
  public ConfigIncluder withFallback(ConfigIncluder other) {
    return new FilesOnly(fallback == null ? other : fallback.withFallback(other));
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    if (URL_LIKE.matcher(what).find()) {
      throw refused(what);
    }
    return requireNonNull(fallback, "the library sets its own").include(context, what);
  }

  @Override
  public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
    throw refused(what.toString());
  }

  private static ConfigException refused(String what) {
    return new ConfigException.Generic("include of " + what + ": found a URL, allowed a file");
  }
}
