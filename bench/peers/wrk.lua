-- What wrk does not print by itself.
done = function(summary, latency, requests)
  io.write(string.format("99.9%% %.1fus\n", latency:percentile(99.9)))
end
